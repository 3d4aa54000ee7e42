"""What the evaluators `trace` and `coverage` put into code: to keep what is passed, up to a number, and to count."""

from __future__ import annotations

from typing import Any

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
