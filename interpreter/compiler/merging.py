"""Procedures that call each other in tail position, made one: such a call is then a jump within it.

The one procedure takes which of its members is called, then the arguments; a member that takes fewer ignores the
rest. Local procedures of a `letrec` are always made one. Global ones are when they call nothing else but primitives:
the code of each is kept as it was expanded, and the last one defined gets the code of all, valid as long as all their
names mean what they did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chorus.interpreter.compiler.copying import copy_lambda
from chorus.interpreter.compiler.helpers import is_the_one
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Params,
    Ref,
    Seq,
    SetGlobal,
)
from chorus.interpreter.compiler.pristine import is_pristine
from chorus.interpreter.compiler.sites import OPENING
from chorus.interpreter.compiler.unfolding import Unfolded, unfolded
from chorus.interpreter.compiler.walk import below, tail_calls, within
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime.calling import meta_of

MOST = 8  # members
UNUSED = 0  # stands for an argument that a member does not take


class Merged:
    """MEMBERS made one: PROCEDURE, which calls itself as VAR."""

    selector = (0,)  # what it is given before the arguments to begin with the first

    def __init__(self, members: list[Lambda], names: dict[Any, int]) -> None:
        self.names = names  # what a member is called by (a Local, or a global's name) → which it is
        self.var = Local("merged", 0)
        first = next(iter(names))
        self.var.py = first.py if isinstance(first, Local) else "merged~0"
        self.var.late = True
        width = max(len(member.params.required) for member in members)
        self.which = Local("which", 1)
        self.shared = [Local("argument", at + 2) for at in range(width)]
        body = self._choice(members)
        params = Params()
        params.required = [self.which, *self.shared]
        self.procedure = Lambda(params, body, members[0].name, members[0].doc, members[0].span)

    def _choice(self, members: list[Lambda]) -> Node:
        """The body of the member that is WHICH."""
        chosen = self._body(members[-1])
        for at in range(len(members) - 2, -1, -1):
            member = members[at]
            test = Call(Const(is_the_one, member.span), [Ref(self.which, None), Const(at, None)], None)
            chosen = If(test, self._body(member), chosen, None)
        return chosen

    def _body(self, member: Lambda) -> Node:
        params = member.params.required
        given: list[Node] = [Ref(self.shared[at], None) for at in range(len(params))]
        body = self.redirected(member.body)
        return Let(params, given, body, None) if params else body

    def redirected(self, node: Node) -> Node:
        """NODE, in which calls of members are calls of this procedure."""
        for here in below(node):
            if isinstance(here, Call) and (at := self.names.get(called(here))) is not None:
                here.fn = Ref(self.var, here.fn.span)
                unused = len(self.shared) - len(here.args)
                here.args = [Const(at, here.span), *here.args, *(Const(UNUSED, None) for _ in range(unused))]
        return node


def called(call: Call) -> Any:
    """What CALL calls by: a Local, a global's name, or None."""
    if isinstance(call.fn, Ref):
        return call.fn.var
    return call.fn.name if isinstance(call.fn, Global) else None


def circles(procedures: dict[Any, Lambda]) -> list[list[Any]]:
    """The names of PROCEDURES that reach each other by tail calls, each such group in order."""
    reached: dict[Any, set[Any]] = {
        name: {other for call in tail_calls(made.body) if (other := called(call)) in procedures}
        for name, made in procedures.items()
    }
    for _ in procedures:
        for name, others in reached.items():
            reached[name] = others.union(*(reached[other] for other in others))
    groups = []
    done: set[Any] = set()
    for name in procedures:
        group = [other for other in procedures if other in reached[name] and name in reached[other]]
        if name not in done and 2 <= len(group) <= MOST:
            groups.append(group)
        done.update(group)
    return groups


# — local procedures —


def merge_locals(node: Node) -> None:
    """Make one, in NODE and below, of the procedures of each `letrec` that call each other in tail position."""
    for here in list(below(node)):
        if isinstance(here, Bind) and len(here.vars) > 1 and isinstance(here.body, Seq):
            _merge_bind(here, here.body)


def _merge_bind(bind: Bind, body: Seq) -> None:
    inits = {
        item.var: item
        for item in body.items
        if isinstance(item, Init) and isinstance(item.value, Lambda) and item.var in bind.vars
    }
    candidates = {
        var: init.value
        for var, init in inits.items()
        if isinstance(init.value, Lambda) and init.value.params.plain and not var.assigned
    }
    if len(candidates) < 2:
        return
    groups = circles(candidates)
    if not groups:
        return
    misused = {var for var in candidates if not _only_called(var, candidates[var], bind)}
    for group in groups:
        if misused.isdisjoint(group):
            merged = Merged([candidates[var] for var in group], {var: at for at, var in enumerate(group)})
            merged.redirected(body)
            first = body.items.index(inits[group[0]])
            body.items[first] = Init(merged.var, merged.procedure, inits[group[0]].span)
            body.items = [item for item in body.items if not (isinstance(item, Init) and item.var in group)]
            bind.vars = [merged.var, *(var for var in bind.vars if var not in group)]


def _only_called(var: Local, procedure: Lambda, bind: Bind) -> bool:
    """Whether VAR stands nowhere but at the head of calls with as many arguments as PROCEDURE takes."""
    heads = refs = 0
    for node in below(bind):
        if isinstance(node, Ref) and node.var is var:
            refs += 1
        elif isinstance(node, Call) and isinstance(node.fn, Ref) and node.fn.var is var:
            heads += 1
            if len(node.args) != len(procedure.params.required):
                return False
    return heads == refs


# — global procedures —


def keep_source(node: Node, space: Namespace) -> Lambda | None:
    """A copy of the procedure that NODE defines, if it may become part of a merged one later."""
    if not isinstance(node, Define) or not isinstance(node.value, Lambda):
        return None
    procedure = node.value
    others = [call for call in tail_calls(procedure.body) if called(call).__class__ is str]
    if not procedure.params.plain or all(
        called(call) == node.name or _is_primitive(call, space) for call in others
    ):
        return None
    return copy_lambda(procedure) if _calls_little(procedure, space) else None


def merge_globals(name: str, source: Lambda, space: Namespace) -> Merged | Unfolded | None:
    """The procedure NAME and those that it calls, and that call it, in tail position, as one; None without any."""
    sources = {name: source}
    work: list[Lambda] = [source]
    while work:
        for call in tail_calls(work.pop().body):
            other = called(call)
            known = space.sources.get(other) if other.__class__ is str and other not in sources else None
            if known is not None and is_current(other, known, space):
                sources[other] = known
                work.append(known)
    group = next((group for group in circles(sources) if name in group), [])
    if not group or not space.volatile.isdisjoint(group):
        return None
    group = [name, *(other for other in group if other != name)]
    members = {other: copy_lambda(sources[other]) for other in group}
    if not all(_closed(member, members, space) for member in members.values()):
        return None
    return unfolded(name, members) or Merged(
        list(members.values()), {other: at for at, other in enumerate(group)}
    )


def is_current(name: str, source: Lambda, space: Namespace) -> bool:
    """Whether NAME means the procedure that was expanded to SOURCE."""
    meta = meta_of(space.dict.get(key(name)))
    return meta is not None and meta.span == source.span


def _closed(member: Lambda, members: dict[str, Lambda], space: Namespace) -> bool:
    """Whether MEMBER calls nothing but primitives as they came and, in tail position, MEMBERS."""
    tails = set(tail_calls(member.body))
    for node in within(member.body):
        if isinstance(node, (Lambda, SetGlobal, Define)):
            return False
        if isinstance(node, Call):
            other = members.get(called(node))
            if other is not None:
                if node not in tails or len(node.args) != len(other.params.required):
                    return False
            elif not _is_primitive(node, space):
                return False
    return True


def _calls_little(procedure: Lambda, space: Namespace) -> bool:
    """Whether PROCEDURE calls nothing but primitives where it is not done with what they give."""
    tails = set(tail_calls(procedure.body))
    nodes: Iterable[Node] = within(procedure.body)
    return all(
        not isinstance(node, (Lambda, SetGlobal, Define))
        and (not isinstance(node, Call) or node in tails or _is_primitive(node, space))
        for node in nodes
    )


def _is_primitive(call: Call, space: Namespace) -> bool:
    fn = call.fn
    if isinstance(fn, Const):
        return True
    if not isinstance(fn, Global) or fn.name in OPENING or fn.name in space.volatile:
        return False
    return is_pristine(fn)
