"""`(call/cc (lambda (k) …))` without a call, in code that only a driver calls: the driver's chain is at hand there, so
the continuation is made where the code stands, and what the lambda would do is done there too.
"""

from __future__ import annotations

import _ast as ast
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.first import assign
from chorus.interpreter.compiler.flow import free_names, parts
from chorus.interpreter.compiler.sites import AT, MAKER, load, meta_number
from chorus.interpreter.compiler.writer import STORE

if TYPE_CHECKING:
    from chorus.interpreter.compiler.stackless import Turning

CAPTURE = "$:capture"  # gives None when what stands under the name is not call/cc
NAMES = {
    prefix + name
    for prefix in ("$:d:", "$:g:")
    for name in ("call/cc", "call-with-current-continuation", "call/ec", "%call/ec")
}


class Literals:
    """The functions of one parameter that a version makes, turned, by the variable that holds them.
    TURNING: what turns that.
    """

    def __init__(self, turning: Turning) -> None:
        self.turning = turning
        self.known: dict[str, ast.FunctionDef] = {}
        self.changed: set[str] = set()  # variables that functions written out here change
        self.late: str | None = None  # the one that is not needed before the code stands as it was

    def made(self, node: ast.FunctionDef) -> None:
        """NODE, turned, is in the variable of its name from here on."""
        self._keep(node.name, node)

    def assigned(self, node: Any) -> None:
        """NODE may be the assignment of what a maker makes: of nothing but what it is called with."""
        value = node.value
        if value.__class__ is not ast.Call or value.func.__class__ is not ast.Name:
            return
        maker = self.turning.maker_of(value.func.id) if value.func.id.startswith(MAKER) else None
        if maker is None or len(maker.body) != 2 or len(node.targets) != 1:
            return
        function, given = maker.body[0], [getattr(each, "id", None) for each in value.args]
        if function.__class__ is ast.FunctionDef and given == [each.arg for each in maker.args.args]:
            self._keep(node.targets[0].id, function)

    def _keep(self, name: str, function: ast.FunctionDef) -> None:
        arguments = function.args
        if (
            len(arguments.args) == 1
            and not arguments.vararg
            and not arguments.defaults
            and meta_number(function) in self.turning.turned
            and not any(each.__class__ is ast.Global for each in function.body)
        ):
            self.known[name] = function

    def has(self, call: Any) -> bool:
        """Whether CALL calls one of these with its continuation."""
        fn, args = call.func, call.args
        if fn.__class__ is not ast.Name or fn.id not in NAMES or len(args) != 1:
            return False
        return args[0].__class__ is ast.Name and args[0].id in self.known

    def written_out(self, call: Any, procedure: ast.expr, rest: list[ast.expr]) -> list[ast.stmt]:
        """The body of CALL's literal as long as PROCEDURE is call/cc. REST: what is to be done with the call's value,
        and its variables; empty when that is the value of the code itself.
        """
        held = call.args[0].id
        function = self.known[held]
        name = function.args.args[0].arg
        capture = ast.Call(load(CAPTURE), [procedure, *rest], [], **AT)
        body = []
        for each in function.body[1:]:
            if each.__class__ is ast.Nonlocal:
                self.changed.update(each.names)
            else:
                body.append(each)
        known = ast.Compare(load(name), [ast.IsNot()], [ast.Constant(None, **AT)], **AT)
        needed = free_names(function) | {name for each in rest for name in _names(each)}
        self.late = held if held not in needed else None
        return [
            assign(ast.Name(name, STORE, **AT), capture),
            ast.If(known, body, [], **AT),
        ]

    def put_off(self, before: list[Any], turned: list[Any]) -> None:
        """Take what makes the function just written out from BEFORE, if only the end of TURNED needs it."""
        late, self.late = self.late, None
        if late is not None and before and late in _given(before[-1]):
            turned.insert(-1, before.pop())


def _names(node: Any) -> list[str]:
    return (
        [node.id] if node.__class__ is ast.Name else [name for each in parts(node) for name in _names(each)]
    )


def _given(node: Any) -> list[str]:
    if node.__class__ is ast.FunctionDef:
        return [node.name]
    targets: list[Any] = node.targets if node.__class__ is ast.Assign else []
    return [each.id for each in targets if each.__class__ is ast.Name]
