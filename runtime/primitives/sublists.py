"""Parts of lists, and lists made over: take, drop, last, list-copy, flatten, zip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.limits import charge
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.lists import list_or_error, not_negative, reserve, tail_at
from chorus.runtime.values import NIL, Pair, is_circular, list_items, make_list


@primitive("list-tail", effects="pure")
def list_tail(items: Any, count: int) -> Any:
    """ITEMS without its first COUNT elements.

    > (list-tail '(a b c) 1)
    => (b c)
    """
    return tail_at("list-tail", items, not_negative("list-tail", count))


@primitive("take", effects="pure", aliases=("list-head",))
def take(items: Any, count: int) -> Any:
    """The first COUNT elements of ITEMS.

    > (take '(1 2 3 4) 2)
    => (1 2)
    """
    here, taken = list_or_error("take", items), []
    for _ in range(not_negative("take", count)):
        if not isinstance(here, Pair):
            raise EvalError(f"take: the list is shorter than {count}", code="range", irritants=(items, count))
        taken.append(here.car)
        here = here.cdr
    return make_list(taken)


@primitive("drop", effects="pure")
def drop(items: Any, count: int) -> Any:
    """ITEMS without its first COUNT elements.

    > (drop '(1 2 3 4) 2)
    => (3 4)
    """
    return tail_at("drop", items, not_negative("drop", count))


@primitive("take-right", effects="pure")
def take_right(items: Any, count: int) -> Any:
    """The last COUNT elements of ITEMS, and what a dotted list ends in.

    > (take-right '(1 2 3 4) 2)
    => (3 4)
    """
    return tail_at("take-right", items, split_at("take-right", items, count))


@primitive("drop-right", effects="pure")
def drop_right(items: Any, count: int) -> Any:
    """ITEMS without its last COUNT elements, and without what a dotted list ends in.

    > (drop-right '(1 2 3 4) 1)
    => (1 2 3)
    """
    return take(items, split_at("drop-right", items, count))


def split_at(caller: str, items: Any, count: int) -> int:
    """Where the last COUNT of ITEMS begin."""
    length = pairs_of(items) if items is NIL or isinstance(items, Pair) else -1
    if length < 0:
        raise wrong_type(caller, "items", "a list that ends", items)
    if not 0 <= count <= length:
        raise EvalError(
            f"{caller}: a list of {length} has no {count} elements", code="range", irritants=(count,)
        )
    return length - count


@primitive("last-pair", effects="pure")
def last_pair(items: Pair) -> Pair:
    """The last pair of ITEMS.

    > (last-pair '(1 2 . 3))
    => (2 . 3)
    """
    while isinstance(items.cdr, Pair):
        items = items.cdr
    return items


@primitive("last", effects="pure")
def last(items: Pair) -> Any:
    """The last element of ITEMS.

    > (last '(1 2 3))
    => 3
    """
    return last_pair(items).car


@primitive("%pairs-of", effects="pure", checked=False)
def pairs_of(items: Any) -> int:
    """How many pairs follow each other from ITEMS on, whatever the last one ends in; -1 if without end.

    > (%pairs-of '(1 2 . 3))
    => 2
    """
    count = 0
    while isinstance(items, Pair):
        items = items.cdr
        count += 1
        if not count & 0xFFFF and is_circular(items):
            return -1
    return count


@primitive("list-copy", effects="pure")
def list_copy(items: Any) -> Any:
    """A new list of the elements of ITEMS.

    > (list-copy '(1 2 . 3))
    => (1 2 . 3)
    """
    here, taken = items, []
    while isinstance(here, Pair):
        taken.append(here.car)
        here = here.cdr
        if not len(taken) % 100_000:
            reserve(len(taken), "list-copy")  # of a circle, a limit or the largest size ends it
    return make_list(taken, here)


@primitive("flatten", effects="pure")
def flatten(tree: Any) -> Any:
    """The leaves of TREE, lists within lists, from left to right.

    > (flatten '(1 (2 (3)) () 4))
    => (1 2 3 4)
    """
    leaves: list[Any] = []
    work = [tree]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            work += (here.cdr, here.car)
            if len(work) % 100_000 == 0:
                charge(100_000, 800_000)
        elif here is not NIL:
            leaves.append(here)
    return make_list(leaves)


@primitive("zip", effects="pure")
def zip_(first: Any, *others: Any) -> Any:
    """Lists of the elements at the same place in each argument, as far as the shortest goes; all but one may be
    without end.

    > (zip '(1 2) '(a b c))
    => ((1 a) (2 b))
    """
    lists = (first, *others)
    found = [list_items(each) for each in lists]
    endless = [each for each, items in zip(lists, found, strict=True) if items is None]
    wrong = endless if len(endless) == len(lists) else [each for each in endless if not is_circular(each)]
    if wrong:
        raise wrong_type("zip", "first" if wrong[0] is first else "others", "a list", wrong[0])
    columns = [_around(each) if items is None else items for each, items in zip(lists, found, strict=True)]
    return make_list(make_list(row) for row in zip(*columns, strict=False))


def _around(here: Any) -> Iterator[Any]:
    """The elements of a list without end."""
    while True:
        yield here.car
        here = here.cdr
