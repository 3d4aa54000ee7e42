"""What a call in compiled code that failed was a call of: read from the variable that holds it, as the host's error
tells the class of the value only.
"""

from __future__ import annotations

import dis
import sys
from types import CodeType, FrameType
from typing import Any

LOADS = {"LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_CONST", "LOAD_FAST_CHECK", "LOAD_GLOBAL"}
STORES = {"STORE_FAST", "STORE_DEREF", "STORE_GLOBAL"}
JUMPS = frozenset(dis.hasjrel + dis.hasjabs)
ENDS = {
    "RETURN_VALUE",
    "RETURN_CONST",
    "RAISE_VARARGS",
    "RERAISE",
    "JUMP_FORWARD",
    "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT",
}
BELOW_ARGUMENTS = 1 + (sys.version_info >= (3, 13))  # from there on, an empty place follows the callee

GIVEN = {  # values above the callee
    "CALL": lambda arg: arg,
    "CALL_KW": lambda arg: arg + 1,
    "CALL_FUNCTION_EX": lambda arg: 1 + (arg & 1),
}
TAKING = ("STORE_FAST", "STORE_DEREF", "STORE_GLOBAL", "POP_")  # what only takes values off

Where = tuple[str, Any]  # the kind of variable and its name, or a constant


def callee_of(frame: FrameType, where: Where | None) -> Any:
    """The value at WHERE in FRAME; None if it is not there."""
    if where is None:
        return None
    kind, name = where
    if kind == "LOAD_CONST":
        return name
    if kind == "LOAD_GLOBAL":
        return frame.f_globals.get(name, frame.f_builtins.get(name))
    return frame.f_locals.get(name)


def find_callee(code: CodeType, lasti: int) -> Where | None:
    """The variable from which the call at LASTI of CODE takes what it calls; None if it is in none, or no longer, or if
    this version of the host counts otherwise than any that is known.
    """
    try:
        return _found(code, lasti)
    except (ValueError, LookupError, TypeError):
        return None


def _found(code: CodeType, lasti: int) -> Where | None:
    """As `find_callee`: the instruction that put there what the call, at that depth of the stack, finds below its
    arguments.
    """
    steps = list(dis.get_instructions(code))
    depths = _depths(steps)
    last = next((at for at, each in enumerate(steps) if each.offset == lasti), -1)
    if last < 0 or depths[last] is None:
        return None
    call = steps[last]
    if call.opname not in GIVEN:
        return None
    if steps[last - 1].opname == "PRECALL":  # takes the arguments off, as the host counts
        last -= 1
    place = depths[last] - GIVEN[call.opname](call.arg or 0) - BELOW_ARGUMENTS
    for at in range(last - 1, -1, -1):
        here, before = steps[at], depths[at]
        if before is None:
            return None
        if here.opname == "COPY" and here.arg == 1 and before == place + 1:  # it was given a name
            return _unchanged(steps[at + 1], steps[at + 2 : last])
        after = before + dis.stack_effect(here.opcode, here.arg, jump=False)
        if before <= place < after:
            return _unchanged(here, steps[at + 1 : last])
        if after == place + 1 < before and not here.opname.startswith(TAKING):
            return None  # it is the result of this
    return None


def _unchanged(step: Any, later: list[Any]) -> Where | None:
    """The variable that STEP loads or stores, if the LATER steps leave it as it is and it is not one way of several."""
    if step.opname not in LOADS and step.opname not in STORES:
        return None
    if step.opname in LOADS and later and later[0].is_jump_target:
        return None
    if any(each.opname.startswith("STORE") and _names(each.argval, step.argval) for each in later):
        return None
    return step.opname.replace("STORE", "LOAD"), step.argval


def _names(argument: Any, variable: Any) -> bool:
    """Whether ARGUMENT of an instruction, which may be of several at once, names VARIABLE."""
    return variable in argument if argument.__class__ is tuple else bool(argument == variable)


def _depths(steps: list[Any]) -> list[Any]:
    """How many values are on the stack before each of STEPS; None before what cannot be reached."""
    at_offset = {each.offset: at for at, each in enumerate(steps)}
    depths: list[Any] = [None] * len(steps)
    work = [(0, 0)]
    while work:
        at, depth = work.pop()
        while at < len(steps) and depths[at] is None:
            depths[at] = depth
            each = steps[at]
            if each.opcode in JUMPS:
                work.append(
                    (at_offset[each.argval], depth + dis.stack_effect(each.opcode, each.arg, jump=True))
                )
            if each.opname in ENDS:
                break
            depth += dis.stack_effect(each.opcode, each.arg, jump=False)
            at += 1
    return depths
