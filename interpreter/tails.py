"""Tail calls of procedures that are not known: most are made at once, some become pending ones, so that the stack
stays bounded.

Compiled code asks the iterator `$:tick`: while it gives anything, the call is made where it stands; when it has run
dry, `$:bounce` fills it again and gives the pending call, which is returned past all frames with nothing left to do.
How often that happens is random, so that no rhythm of a program makes it fall on other chains of calls each time.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import repeat
from types import CodeType
from typing import Any

LEAST, SPREAD = 16, 32  # calls between two pending ones: a frame keeps alive what its variables hold
DEEP = 50_000  # frames under way, beyond which each tail call is a pending one: the rest of the stack is for others
FEW, MANY = 256, 16_384  # pending calls between two looks at the depth: while shallow, while deep


class Tails:
    """The ticks of the code whose foundation has BINDINGS. EXACT: each tail call is a pending one."""

    __slots__ = ("bindings", "exact", "look", "seed")

    def __init__(self, bindings: dict[str, Any], exact: bool = False) -> None:
        self.bindings = bindings
        self.exact = exact
        self.seed = 1
        self.look = FEW
        bindings["$:tick"] = repeat(None, 0)
        bindings["$:bounce"] = self.bounce

    def bounce(self, *pending: Any) -> Any:
        """The call PENDING, and ticks for those to come."""
        if not self.exact:
            self.look -= 1
            if self.look > 0:
                self.seed = seed = self.seed * 1103515245 + 12345 & 0x7FFFFFFF
                self.bindings["$:tick"] = repeat(None, LEAST + (seed >> 16) % SPREAD)
            elif self.look in (0, -MANY):
                self._look()
        return pending

    def _look(self) -> None:
        """Go on with ticks, unless the stack is deep; then without for a while."""
        try:
            sys._getframe(DEEP)
        except ValueError:
            self.look = FEW
        else:
            self.look = 0

    def make_all_pending(self) -> None:
        """From here on each tail call is a pending one: what is traced shows no frame that has nothing left to do."""
        self.exact = True
        self.bindings["$:tick"] = repeat(None, 0)


CACHE = 0  # what an instruction keeps beside it


@cache
def _instructions() -> tuple[int, int, int, int, int]:
    """CALL, what takes a loop's iterator off the stack before a return, the return, and the bytes that CALL takes."""
    import opcode

    kept: Any = opcode._inline_cache_entries  # type: ignore[attr-defined]
    codes = [opcode.opmap[name] for name in ("CALL", "SWAP", "POP_TOP", "RETURN_VALUE")]
    return (*codes, 2 + 2 * kept["CALL" if isinstance(kept, dict) else codes[0]])


def only_returns(code: CodeType, lasti: int) -> int:
    """Where the return stands that alone follows the call at LASTI of CODE; 0 if anything else does."""
    call, swap, pop, returns, size = _instructions()
    instructions = code.co_code
    while lasti > 0 and instructions[lasti] == CACHE:  # while the callee runs, the last of what CALL keeps
        lasti -= 2
    at = lasti + size
    if lasti < 0 or instructions[lasti] != call or at >= len(instructions):
        return 0
    while instructions[at] == swap and instructions[at + 2] == pop:
        at += 4
    return at if instructions[at] == returns else 0
