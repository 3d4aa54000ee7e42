"""The residual core: the few kinds of expression that everything else is made of, each with where it was
written.
"""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import Span


class Local:
    """A local variable; one object for each binding, so that names never clash."""

    __slots__ = (
        "again",
        "assigned",
        "boxed",
        "captured",
        "in_loop",
        "init",
        "late",
        "name",
        "owner",
        "py",
        "refs",
        "value",
    )

    def __init__(self, name: str, serial: int) -> None:
        self.name = name
        self.py = f"{name}~{serial}"  # no name of the language that reaches Python contains ~ and a number
        self.assigned = False  # by set!
        self.late = False  # bound first, given its value by Init (letrec, internal define)
        self.init: Lambda | None = None  # the only procedure it can hold
        self.value: Node | None = None  # what a let gives it
        self.refs = 0
        self.again = 0  # calls of it that are jumps back, were it a loop
        self.captured = False
        self.owner: Lambda | None = None
        self.in_loop = False  # bound anew in each round of a loop
        self.boxed = False  # lives in a one-element list


class Node:
    """A core expression. SIMPLE: it is one Python expression, without statements before it."""

    __slots__ = ("simple", "span")
    simple: bool
    span: Span | None


class Const(Node):
    __slots__ = ("value",)

    def __init__(self, value: Any, span: Span | None) -> None:
        self.value, self.span, self.simple = value, span, True


class Ref(Node):
    __slots__ = ("var",)

    def __init__(self, var: Local, span: Span | None) -> None:
        self.var, self.span, self.simple = var, span, True


class Global(Node):
    """A global of the namespace SPACE."""

    __slots__ = ("name", "space")

    def __init__(self, name: str, space: Any, span: Span | None) -> None:
        self.name, self.space, self.span, self.simple = name, space, span, True


class If(Node):
    __slots__ = ("no", "test", "yes")

    def __init__(self, test: Node, yes: Node, no: Node, span: Span | None) -> None:
        self.test, self.yes, self.no, self.span, self.simple = test, yes, no, span, False


class Params:
    """Parameters: required, then optional with defaults, then keywords, then the rest."""

    __slots__ = ("keywords", "optional", "required", "rest")

    def __init__(self) -> None:
        self.required: list[Local] = []
        self.optional: list[tuple[Local, Node]] = []
        self.keywords: list[tuple[str, Local, Node | None]] = []  # no default: must be given
        self.rest: Local | None = None

    @property
    def plain(self) -> bool:
        return not (self.optional or self.keywords or self.rest)

    def all(self) -> list[Local]:
        rest = [self.rest] if self.rest else []
        return [*self.required, *(v for v, _ in self.optional), *(v for _, v, _ in self.keywords), *rest]

    def defaults(self) -> list[Node]:
        return [v for _, v in self.optional] + [v for _, _, v in self.keywords if v is not None]

    def usage(self, name: str) -> str:
        parts = [name, *(v.name for v in self.required), *(f"[{v.name}]" for v, _ in self.optional)]
        parts += [f":{key} {var.name}" for key, var, _ in self.keywords]
        return "(" + " ".join(parts + ([f"{self.rest.name} …"] if self.rest else [])) + ")"


class Lambda(Node):
    """A procedure. DIRECT: it never returns a pending call. LOOPS: it calls itself in tail position."""

    __slots__ = ("again_known", "body", "direct", "doc", "free", "label", "loops", "name", "params")

    def __init__(
        self, params: Params, body: Node, name: str | None, doc: str | None, span: Span | None
    ) -> None:
        self.params, self.body, self.name, self.doc, self.span, self.simple = (
            params,
            body,
            name,
            doc,
            span,
            False,
        )
        self.free: set[Local] = set()
        self.direct = True
        self.loops = False
        self.label: Any = None  # the Local or Global name by which it calls itself
        self.again_known = False  # DIRECT is decided


class SetLocal(Node):
    __slots__ = ("value", "var")

    def __init__(self, var: Local, value: Node, span: Span | None) -> None:
        self.var, self.value, self.span, self.simple = var, value, span, False


class Init(Node):
    """The first value of a late variable."""

    __slots__ = ("value", "var")

    def __init__(self, var: Local, value: Node, span: Span | None) -> None:
        self.var, self.value, self.span, self.simple = var, value, span, False


class SetGlobal(Node):
    __slots__ = ("name", "space", "value")

    def __init__(self, name: str, space: Any, value: Node, span: Span | None) -> None:
        self.name, self.space, self.value, self.span, self.simple = name, space, value, span, False


class Define(Node):
    """A global definition in the namespace that the unit belongs to."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Node, span: Span | None) -> None:
        self.name, self.value, self.span, self.simple = name, value, span, False


class Seq(Node):
    __slots__ = ("items",)

    def __init__(self, items: list[Node], span: Span | None) -> None:
        self.items, self.span, self.simple = items, span, False


class Let(Node):
    __slots__ = ("body", "inits", "vars")

    def __init__(self, vars: list[Local], inits: list[Node], body: Node, span: Span | None) -> None:
        self.vars, self.inits, self.body, self.span, self.simple = vars, inits, body, span, False


class Bind(Node):
    """Late variables and the body that gives them values."""

    __slots__ = ("body", "loop", "vars")

    def __init__(self, vars: list[Local], body: Node, span: Span | None) -> None:
        self.vars, self.body, self.span, self.simple = vars, body, span, False
        self.loop: Loop | None = None  # decided by the analysis: it is a loop and nothing else


def name_result(node: Node, name: str) -> Node:
    """NODE. If it comes to a procedure without a name that is written in it, NAME is its name."""
    value: Any = node
    while isinstance(value, (Let, Bind, Seq)):
        value = value.items[-1] if isinstance(value, Seq) else value.body
    if isinstance(value, Lambda) and value.name is None:
        value.name = name
    return node


class Loop:
    """A named let that only ever jumps back: ENTRY holds the first arguments, BODY the round."""

    __slots__ = ("body", "entry", "targets", "var", "vars")

    def __init__(self, var: Local, vars: list[Local], entry: list[Node], body: Node) -> None:
        self.var, self.vars, self.entry, self.body = var, vars, entry, body
        self.targets: set[Local] = set()  # loops around it that its rounds jump to


class Block(Node):
    """A body that calls of VAR, all of them within the same procedure, leave with a value."""

    __slots__ = ("body", "var")

    def __init__(self, var: Local, body: Node, span: Span | None) -> None:
        self.var, self.body, self.span, self.simple = var, body, span, False


class Call(Node):
    """LEAVES: the variable of the block that this call leaves. AGAIN: the loop (its Local) or procedure (its Lambda)
    that it jumps back to. KIND: `Analysis._kind`. INTEGRATED: what means the same as long as the procedure is what it
    came as, or, where it is INLINED, what it was when the call was compiled.
    """

    __slots__ = ("again", "args", "fn", "inlined", "integrated", "kind", "leaves")

    def __init__(self, fn: Node, args: list[Node], span: Span | None) -> None:
        self.fn, self.args, self.span, self.simple = fn, args, span, False
        self.again: Any = None
        self.kind = "unknown"
        self.leaves: Local | None = None
        self.integrated: Node | None = None
        self.inlined = False
