"""Procedures that give themselves several values, which they then hand over as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chorus.interpreter.compiler.nodes import Bind, Call, Const, If, Let, Local, Node, Ref, Seq
from chorus.interpreter.compiler.several import item_at, take_values
from chorus.interpreter.compiler.writer import is_boxed, is_constant

if TYPE_CHECKING:
    from chorus.interpreter.compiler.regions import Region


def values_given(region: Region) -> int:
    """How many values the procedure of REGION always gives, if it takes those that it gives itself apart as so many;
    0 for any other.
    """
    counts: set[int] = set()
    served: set[Node] = set()
    for end in _ends(region.procedure.body):
        if not isinstance(end, Call):
            return 0
        if region.primitives.get(end) == "values":
            counts.add(len(end.args))
        elif end.again is None and not _is_own(region, end):
            return 0
        served.add(end)
    count = counts.pop() if len(counts) == 1 else 0
    if count < 2:
        return 0
    served.update(call.args[0] for call in region.calls if _takes(call, count))
    own = [call for call in region.calls if region.is_self(call) and call.again is None]
    return count if all(call in served and _is_own(region, call) for call in own) else 0


def takes_own(region: Region | None, call: Call) -> bool:
    """Whether CALL takes values apart that a procedure gives that of REGION, or that itself, as they are."""
    given = call.args[0] if call.args else None
    if region is None or not isinstance(given, Call):
        return False
    known = region.straight(given)
    gives = known.gives if known is not None else region.gives if _is_own(region, given) else 0
    return bool(gives) and _takes(call, gives)


def gets_own(region: Region | None, taking: Let, picking: Let) -> bool:
    """Whether TAKING takes apart values that are given as they are, of which PICKING, its body, names each."""
    call = taking.inits[0]
    if len(taking.inits) != 1 or not isinstance(call, Call) or not takes_own(region, call):
        return False
    every = call.args[1].value == len(picking.vars)  # type: ignore[attr-defined]
    picked = all(isinstance(each, Call) and is_picked(each, taking.vars[0]) for each in picking.inits)
    return every and picked and not any(map(is_boxed, picking.vars))


def is_picked(call: Call, held: Local) -> bool:
    first = call.args[0] if call.args else None
    return is_constant(call.fn, item_at) and isinstance(first, Ref) and first.var is held


def _takes(call: Call, count: int) -> bool:
    if not isinstance(call.fn, Const) or call.fn.value is not take_values:
        return False
    wanted = call.args[1]
    return isinstance(wanted, Const) and wanted.value == count


def _is_own(region: Region, call: Call) -> bool:
    return region.is_self(call) and region.fits(call)


def _ends(node: Node) -> Iterator[Node]:
    """What stands in tail position of NODE."""
    work = [node]
    while work:
        here = work.pop()
        if isinstance(here, If):
            work += (here.no, here.yes)
        elif isinstance(here, Seq):
            work.append(here.items[-1])
        elif isinstance(here, (Let, Bind)):
            work.append(here.body if not isinstance(here, Bind) or here.loop is None else here.loop.body)
        else:
            yield here
