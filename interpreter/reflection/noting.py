"""What derived evaluators put into code: to keep what is passed, up to a number, and to count."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.stage.costs import Counter
from chorus.runtime.primitive import primitive
from chorus.runtime.values import UNSPECIFIED, make_list


class Notes:
    """The first MOST notes, each the parts of one."""

    __slots__ = ("kept", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: list[tuple[Any, ...]] = []


@primitive("%notes", effects="pure")
def notes(most: int) -> Notes:
    """A place for MOST notes; what comes after them is not kept.

    > (%noted (%notes 10))
    => ()
    """
    return Notes(most)


@primitive("%note!", effects="mutate", checked=False)
def note(notes: Notes, *parts: Any) -> Any:
    """Keep PARTS in NOTES, unless they are full.

    > (let ((notes (%notes 1))) (%note! notes 1 2) (%note! notes 3 4) (%noted notes))
    => ((1 2))
    """
    if len(notes.kept) < notes.most:
        notes.kept.append(parts)
    return UNSPECIFIED


@primitive("%noted", effects="pure", checked=False)
def noted(notes: Notes) -> Any:
    """What NOTES keep, each a list.

    > (let ((notes (%notes 5))) (%note! notes 'a 'b) (%noted notes))
    => ((a b))
    """
    return make_list(map(make_list, notes.kept))


@primitive("%count!", effects="mutate", checked=False)
def count(row: list[Any], at: int = 0) -> Any:
    """Add one to the item of the vector ROW that is AT an index, the first.

    > (let ((row (vector 4 'a))) (%count! row) row)
    => #(5 a)
    """
    row[at] += 1
    return UNSPECIFIED


@primitive("%counter", effects="pure")
def counter() -> Counter:
    """A counter, which begins at 0.

    > (%counter-count (%counter))
    => 0
    """
    return Counter()


@primitive("%counter-here", effects="mutate", checked=False)
def counter_here(stage: Any) -> Any:
    """The counter of the code that STAGE is writing: it counts how often that is done. One and the same until
    `%count-anew!`, or, where that was before, until a branch or a body begins or ends.

    > (%counter-count (%counter-here identity))
    => 1
    """
    block = getattr(stage, "inside", None)
    if block is not None and block.counter is not None:
        return block.counter
    made = Counter()
    if block is None:
        made.tick()
    else:
        block.counter = made
        block.ticking = stage.call(made.tick, [], None)
    return made


@primitive("%count-like!", effects="mutate", checked=False)
def count_like(stage: Any, other: Any) -> Any:
    """What STAGE writes last and next is done as often as OTHER, which is noted anyway: that need not be counted.

    > (%count-like! identity 'it)
    """
    block = getattr(stage, "inside", None)
    if block is not None:
        block.counter = block.counter or Counter()
        if block.counter.like is None:
            block.counter.like = other
            if block.ticking is not None:
                block.ticking.gone = True
    return UNSPECIFIED


@primitive("%count-anew!", effects="mutate", checked=False)
def count_anew(stage: Any) -> Any:
    """What STAGE has written last may not come to an end: what comes after it may be done less often.

    > (%count-anew! identity)
    """
    block = getattr(stage, "inside", None)
    while block is not None:
        block.counter = block.ticking = None
        block = block.outer
    return UNSPECIFIED


@primitive("%counter-count", effects="pure", checked=False)
def counter_count(counter: Counter) -> int:
    """How often what COUNTER counts was done.

    > (%counter-count (%counter))
    => 0
    """
    return counter.count
