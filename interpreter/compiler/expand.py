"""Forms → core nodes: finds what an identifier means and lets its row, or the procedure call, make the
node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.bodies import MAX_NESTING, Bodies, parse_define
from chorus.interpreter.compiler.named import with_procedure
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Global,
    Lambda,
    Let,
    Local,
    Node,
    Ref,
    Seq,
)
from chorus.interpreter.compiler.pristine import rule_for
from chorus.interpreter.compiler.syntax import (
    Env,
    Row,
    bad_syntax,
    is_identifier,
    lookup,
    spelling,
    strip,
)
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import ChorusError, LimitSignal, Span
from chorus.runtime.values import NIL, HashTable, Keyword, Pair, Symbol, hash_key, make_list


class Expander(Bodies):
    """Compiles the forms of one unit, a top-level form, of namespace SPACE."""

    def __init__(
        self, space: Namespace, file: str, run: Callable[[Node], Any], check: Callable[[], None]
    ) -> None:
        self.space = space
        self.file = file
        self.run = run  # evaluates a node now: procedures of macros
        self.check = check  # raises when time is up
        self.serial = 0
        self.integrating = True  # calls that can be are also written out where they stand
        self.nesting = 0

    def local(self, identifier: Any) -> Local:
        return Local(spelling(identifier), self.next_serial())

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def place(self, form: Any, span: Span | None) -> Span | None:
        """Where FORM was written, if in this unit's file; else where what it came from was."""
        own = form.span
        return own if own is not None and own.file == self.file else span

    def expand(self, form: Any, env: Env, span: Span | None) -> Node:
        if isinstance(form, Pair):
            return self._pair(form, env, span)
        if is_identifier(form):
            return self.reference(form, env, span)
        if form.__class__ is HashTable:
            return self._table(form, env, span)
        if form is NIL:
            raise bad_syntax("() is no expression", span, "the empty list is written '()")
        return Const(strip(form), span)

    def _pair(self, form: Pair, env: Env, span: Span | None) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise LimitSignal("nesting", self.nesting, MAX_NESTING, span=self.place(form, span))
        if not self.nesting & 255:
            self.check()
        span = self.place(form, span)
        found = self._row(form.car, env)
        if found is not None:
            node = found.expand(self, form, env, span)
            self.nesting -= 1
            return node
        node = self._call(form, env, span)
        self.nesting -= 1
        return node

    def _row(self, head: Any, env: Env) -> Row | None:
        if is_identifier(head):
            head = lookup(head, env)[0]
        return head if isinstance(head, Row) else None

    def transformer(self, spec: Any, env: Env, span: Span | None, name: str) -> Row:
        from chorus.interpreter.compiler.syntax_forms import transformer_of

        return transformer_of(self, spec, env, span, name)

    def item(self, cell: Any, env: Env, span: Span | None) -> Node:
        """The expression that is the car of CELL."""
        own = getattr(cell, "car_span", None)
        return self.expand(cell.car, env, own if own is not None and own.file == self.file else span)

    def items(self, cells: Any, env: Env, span: Span | None) -> list[Node]:
        nodes = []
        while isinstance(cells, Pair):
            nodes.append(self.item(cells, env, span))
            cells = cells.cdr
        if cells is not NIL:
            raise bad_syntax("a form must not end in a dotted tail", span)
        return nodes

    def reference(self, identifier: Any, env: Env, span: Span | None) -> Node:
        found, target = lookup(identifier, env)
        if found is None:
            return Global(target[1], target[0], span)
        if isinstance(found, Row):
            name = spelling(identifier)
            raise bad_syntax(
                f"{name} is a form, not a value", span, f"write it as the head of a list: ({name} …)"
            )
        return Ref(found, span)

    def _call(self, form: Pair, env: Env, span: Span | None) -> Node:
        fn = self.item(form, env, span)
        rule = rule_for(fn) if self.integrating and isinstance(fn, Global) else None
        if rule is not None:
            return self._integrated(rule, fn, form, env, span)
        args = self.items(form.cdr, env, span)
        if isinstance(form.car, Keyword):  # a property list, as in `:columns (:text "review")`
            return Call(Const(make_properties, span), [fn, *args], span)
        return combined(fn, args, span)

    def _integrated(self, rule: Row, fn: Node, form: Pair, env: Env, span: Span | None) -> Node:
        """The call FORM, and beside it what RULE makes of it: for a region that relies on FN being what it came as."""
        assert rule.macro is not None
        try:
            assert isinstance(fn, Global)
            written_out: Any = rule.macro(with_procedure(fn, form, env), env)
        except ChorusError:  # no case of the rule fits
            return Call(fn, self.items(form.cdr, env, span), span)
        integrated = self.expand(written_out, env, span)
        self.integrating = False  # the call itself runs where the region does not: once is enough there
        node = Call(fn, self.items(form.cdr, env, span), span)
        self.integrating = True
        node.integrated = integrated
        return node

    def _table(self, form: HashTable, env: Env, span: Span | None) -> Node:
        spans = getattr(form, "spans", None) or {}
        parts: list[Node] = []
        for k, v in form.items():
            key_span, value_span = spans.get(hash_key(k), (span, span))
            key: Node = Const(k, key_span) if isinstance(k, Symbol) else self.expand(k, env, key_span)
            parts += [key, self.expand(v, env, value_span)]
        return Call(Const(make_table, span), parts, span)


def make_table(*parts: Any) -> HashTable:
    """What `{key value …}` evaluates to."""
    return HashTable(zip(parts[::2], parts[1::2], strict=True))


def make_properties(*parts: Any) -> Any:
    """What `(:key value …)` evaluates to: a list."""
    return make_list(parts)


def combined(fn: Node, args: list[Node], span: Span | None) -> Node:
    """The call of FN with ARGS; of a procedure written in its place, what it comes to."""
    if isinstance(fn, Lambda) and fn.params.plain and len(fn.params.required) == len(args):
        return make_let(fn.params.required, args, fn.body, span)
    if isinstance(fn, Bind) and _names_loop(fn):  # ((letrec ((loop (lambda …))) loop) arg …)
        body: Any = fn.body
        body.items[-1] = Call(body.items[-1], args, span)
        return fn
    return Call(fn, args, span)


def make_let(vars: list[Local], inits: list[Node], body: Node, span: Span | None) -> Node:
    for var, init in zip(vars, inits, strict=True):
        if isinstance(init, Lambda) and init.name is None:
            init.name = var.name
    return Let(vars, inits, body, span) if vars else body


def _names_loop(node: Any) -> bool:
    body = node.body
    return isinstance(body, Seq) and isinstance(body.items[-1], Ref) and body.items[-1].var in node.vars


__all__ = ["MAX_NESTING", "Expander", "combined", "make_let", "make_table", "parse_define"]
