"""Pairs and lists. What calls a procedure on elements (map, sort, fold …) is written in the stdlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from chorus.runtime.errors import EvalError
from chorus.runtime.limits import charge
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept, primitive, wrong_type
from chorus.runtime.primitives.numbers import Number, plain
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, list_items, make_list


def _proper(value: Any) -> Any:
    items = list_items(value)
    return REJECT if items is None else items


IS_LIST = Accept("a list", _proper)
Elements = Annotated[list, IS_LIST]  # a proper list (no vector), received as a Python list
ACCEPTS[Elements] = IS_LIST
CHUNK = 50_000  # elements made between looks at the clock
MOST = 1 << 31  # elements of one collection


def reserve(count: int, caller: str) -> None:
    """Account for a collection of COUNT elements before it is made."""
    charge(count >> 3, count << 3)
    if count < 0 or count > MOST:
        raise EvalError(f"{caller}: {count} is no possible size", code="size", irritants=(count,))


def long_list(count: int, element: Callable[[int], Any]) -> Any:
    """The list of ELEMENT(0) … ELEMENT(COUNT - 1), with looks at the clock on the way."""
    result: Any = NIL
    for end in range(count, 0, -CHUNK):
        charge(0)
        for at in range(end - 1, max(end - CHUNK, 0) - 1, -1):
            result = Pair(element(at), result)
    return result


@primitive("%items", effects="pure", checked=False)
def items_(value: Any, caller: Any) -> Any:
    """The list of VALUE's elements, of a vector too; for anything else, the type error of the procedure CALLER.

    > (%items #(1 2) 'map)
    => (1 2)
    """
    if isinstance(value, list):
        return make_list(value)
    if value is NIL or isinstance(value, Pair):
        return value
    problem = wrong_type(caller.name, "items", "a list or a vector", value)
    if hasattr(value, "arrow"):
        problem.hint = (
            f"{caller.name} goes through lists; for the rows of a table: (map-rows procedure table)"
        )
    raise problem


@primitive("%no-items", effects="pure", checked=False)
def no_items(rest: Any, caller: Any) -> Any:
    """The empty list where a list ended in REST, as it should; else the type error of the procedure CALLER.

    > (%no-items '() 'map)
    => ()
    """
    if rest is not NIL:
        raise wrong_type(caller.name, "items", "a list that ends in ()", rest)
    return NIL


@primitive("list", effects="pure", checked=False)
def list_(*items: Any) -> Any:
    """A new list of ITEMS.

    > (list 1 "a" 'b)
    => (1 "a" b)
    """
    result: Any = NIL
    for each in reversed(items):
        result = Pair(each, result)
    return result


@primitive("cons*", effects="pure", aliases=("list*",))
def cons_star(first: Any, *rest: Any) -> Any:
    """The arguments before the last one, consed onto it.

    > (cons* 1 2 '(3 4))
    => (1 2 3 4)
    """
    *items, tail = (first, *rest)
    return make_list(items, tail)


@primitive("make-list", effects="pure")
def make_list_(count: int, fill: Any = UNSPECIFIED) -> Any:
    """A list of COUNT times FILL.

    > (make-list 2 'x)
    => (x x)
    """
    reserve(count, "make-list")
    return long_list(count, lambda at: fill)


@primitive("list?", effects="pure", checked=False)
def is_list(value: Any) -> bool:
    """Whether VALUE is a list: pairs that end in (), without a circle.

    > (list? '(1 . 2))
    => #f
    """
    return list_items(value) is not None


@primitive("length", effects="pure", checked=False)
def length(items: Any) -> int:
    """How many elements a list has.

    > (length '(a b c))
    => 3
    """
    found = list_items(items)
    if found is None:
        raise wrong_type("length", "items", "a list", items)
    return len(found)


@primitive("append", effects="pure", checked=False)
def append(*lists: Any) -> Any:
    """The elements of all LISTS; the last one is not copied and may be any value.

    > (append '(1) '(2) '(3 . 4))
    => (1 2 3 . 4)
    """
    if not lists:
        return NIL
    result = lists[-1]
    for each in reversed(lists[:-1]):
        items = list_items(each)
        if items is None:
            raise wrong_type("append", "every argument but the last", "a list", each)
        result = make_list(items, result)
    return result


@primitive("reverse", effects="pure", checked=False, aliases=("reverse!",))
def reverse(items: Any) -> Any:
    """A new list with the elements of ITEMS, last one first.

    > (reverse '(1 2 3))
    => (3 2 1)
    """
    return append_reverse(items, NIL)


@primitive("append-reverse", effects="pure", checked=False)
def append_reverse(items: Any, tail: Any) -> Any:
    """The elements of ITEMS, last one first, consed onto TAIL.

    > (append-reverse '(3 2 1) '(4 5))
    => (1 2 3 4 5)
    """
    found = list_items(items)
    if found is None:
        raise wrong_type("reverse", "items", "a list", items)
    result = tail
    for each in found:
        result = Pair(each, result)
    return result


def tail_at(caller: str, items: Any, count: int) -> Any:
    """What is left of ITEMS after COUNT pairs."""
    here = items
    for _ in range(count):
        if not isinstance(here, Pair):
            raise EvalError(
                f"{caller}: the list is shorter than {count}", code="range", irritants=(items, count)
            )
        here = here.cdr
    return here


@primitive("list-tail", effects="pure")
def list_tail(items: Any, count: int) -> Any:
    """ITEMS without its first COUNT elements.

    > (list-tail '(a b c) 1)
    => (b c)
    """
    return tail_at("list-tail", items, not_negative("list-tail", count))


@primitive("list-ref", effects="pure")
def list_ref(items: Any, index: int) -> Any:
    """The element of ITEMS at INDEX, from 0.

    > (list-ref '(a b c) 2)
    => c
    """
    here = tail_at("list-ref", items, not_negative("list-ref", index))
    if isinstance(here, Pair):
        return here.car
    raise EvalError(f"list-ref: the index {index} is past the end", code="range", irritants=(items, index))


@primitive("list-set!", effects="mutate")
def list_set(items: Pair, index: int, value: Any) -> Any:
    """Make VALUE the element of ITEMS at INDEX.

    > (let ((l (list 1 2 3))) (list-set! l 1 'x) l)
    => (1 x 3)
    """
    here = tail_at("list-set!", items, not_negative("list-set!", index))
    if not isinstance(here, Pair):
        raise EvalError(
            f"list-set!: the index {index} is past the end", code="range", irritants=(items, index)
        )
    here.car = value
    return UNSPECIFIED


def not_negative(caller: str, count: int) -> int:
    if count < 0:
        raise EvalError(f"{caller}: {count} is negative", code="range", irritants=(count,))
    return count


@primitive("take", effects="pure", aliases=("list-head",))
def take(items: Any, count: int) -> Any:
    """The first COUNT elements of ITEMS.

    > (take '(1 2 3 4) 2)
    => (1 2)
    """
    here, taken = items, []
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
def take_right(items: Elements, count: int) -> Any:
    """The last COUNT elements of ITEMS.

    > (take-right '(1 2 3 4) 2)
    => (3 4)
    """
    return make_list(items[split_at("take-right", items, count) :])


@primitive("drop-right", effects="pure")
def drop_right(items: Elements, count: int) -> Any:
    """ITEMS without its last COUNT elements.

    > (drop-right '(1 2 3 4) 1)
    => (1 2 3)
    """
    return make_list(items[: split_at("drop-right", items, count)])


def split_at(caller: str, items: list[Any], count: int) -> int:
    """Where the last COUNT of ITEMS begin."""
    if not 0 <= count <= len(items):
        raise EvalError(
            f"{caller}: a list of {len(items)} has no {count} elements", code="range", irritants=(count,)
        )
    return len(items) - count


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


@primitive("iota", effects="pure")
def iota(count: int, start: Number = 0, step: Number = 1) -> Any:
    """COUNT numbers from START on, STEP apart.

    > (iota 4)
    => (0 1 2 3)
    > (iota 3 1 1/2)
    => (1 3/2 2)
    """
    reserve(count, "iota")
    if start.__class__ is int and step.__class__ is int and step:
        return long_list(count, range(start, start + step * count, step).__getitem__)
    return long_list(count, lambda at: plain(start + step * at))


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
def zip_(first: Elements, *others: Elements) -> Any:
    """Lists of the elements at the same place in each argument, as far as the shortest goes.

    > (zip '(1 2) '(a b c))
    => ((1 a) (2 b))
    """
    return make_list(make_list(row) for row in zip(first, *others, strict=False))
