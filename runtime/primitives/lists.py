"""Pairs and lists. What calls a procedure on elements (map, sort, fold …) is written in the stdlib."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import Annotated, Any

from chorus.runtime.accepts import LISTS
from chorus.runtime.errors import EvalError
from chorus.runtime.gaussian import shrink
from chorus.runtime.limits import charge
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept, primitive, wrong_type
from chorus.runtime.primitives.numbers import Number
from chorus.runtime.values import NIL, UNSPECIFIED, Cons, Pair, cons, list_items, make_list


def _proper(value: Any) -> Any:
    items = list_items(value)
    return REJECT if items is None else items


IS_LIST = Accept("a list", _proper, taken=LISTS)
Elements = Annotated[list, IS_LIST]  # a proper list (no vector), received as a Python list
ACCEPTS[Elements] = IS_LIST
FIRST_STRETCH = 64  # pairs of a list until the mark by which a circle is known moves on (Brent 1980)
CHUNK = 50_000  # elements made between looks at the clock
MOST = 1 << 31  # elements of one collection
FEW = 32  # elements that cost less than the account of them


def reserve(count: int, caller: str) -> None:
    """Account for a collection of COUNT elements before it is made, unless it is small."""
    if 0 <= count < FEW:
        return
    charge(count >> 3, count << 3)
    if count < 0 or count > MOST:
        raise EvalError(f"{caller}: {count} is no possible size", code="size", irritants=(count,))


def long_list(count: int, element: Callable[[int], Any]) -> Any:
    """The list of ELEMENT(0) … ELEMENT(COUNT - 1), with looks at the clock on the way."""
    result: Any = NIL
    for end in range(count, 0, -CHUNK):
        charge(0)
        for at in range(end - 1, max(end - CHUNK, 0) - 1, -1):
            result = cons(element(at), result)
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
            f"{caller.name} goes through lists; for the rows of a table: (map-rows table procedure)"
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
        made = Cons()
        made.car = each
        made.cdr = result
        result = made
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
    here, count = items, 0
    mark, stretch = None, FIRST_STRETCH
    try:
        while here is not mark:
            mark = here
            for _ in repeat(None, stretch):
                if here is NIL:
                    return count
                here = here.cdr
                count += 1
                if here is mark:
                    break
            stretch *= 2
    except AttributeError:  # of what is no pair
        pass
    raise wrong_type("length", "items", "a list", items)


@primitive("append", effects="pure", checked=False)
def append(*lists: Any) -> Any:
    """The elements of all LISTS; the last one is not copied and may be any value.

    > (append '(1) '(2) '(3 . 4))
    => (1 2 3 . 4)
    """
    if len(lists) == 2:
        return _append_two(*lists)
    if not lists:
        return NIL
    result = lists[-1]
    for each in reversed(lists[:-1]):
        items = list_items(each)
        if items is None:
            raise wrong_type("append", "every argument but the last", "a list", each)
        for item in reversed(items):
            made = Cons()
            made.car = item
            made.cdr = result
            result = made
    return result


def _append_two(items: Any, tail: Any) -> Any:
    if items is NIL:
        return tail
    here, mark, stretch = items, None, FIRST_STRETCH
    first = last = Cons()
    try:
        first.car = here.car
        here = here.cdr
        while here is not mark:
            mark = here
            for _ in repeat(None, stretch):
                if here is NIL:
                    last.cdr = tail
                    return first
                made = Cons()
                made.car = here.car
                last.cdr = made
                last = made
                here = here.cdr
                if here is mark:
                    break
            stretch *= 2
    except AttributeError:  # of what is no pair
        pass
    raise wrong_type("append", "every argument but the last", "a list", items)


@primitive("reverse", effects="pure", checked=False, aliases=("reverse!",))
def reverse(items: Any) -> Any:
    """A new list with the elements of ITEMS, last one first.

    > (reverse '(1 2 3))
    => (3 2 1)
    """
    result: Any = NIL
    here = items
    mark, stretch = None, FIRST_STRETCH
    try:
        while here is not mark:
            mark = here
            for _ in repeat(None, stretch):
                if here is NIL:
                    return result
                made = Cons()
                made.car = here.car
                made.cdr = result
                result = made
                here = here.cdr
                if here is mark:
                    break
            stretch *= 2
    except AttributeError:  # of what is no pair
        pass
    raise wrong_type("reverse", "items", "a list", items)


@primitive("append-reverse", effects="pure", checked=False)
def append_reverse(items: Any, tail: Any) -> Any:
    """The elements of ITEMS, last one first, consed onto TAIL.

    > (append-reverse '(3 2 1) '(4 5))
    => (1 2 3 4 5)
    """
    found = list_items(items)
    if found is None:
        raise wrong_type("append-reverse", "items", "a list", items)
    return make_list(reversed(found), tail)


def list_or_error(caller: str, items: Any) -> Any:
    """ITEMS, which begins as a list does."""
    if items is NIL or isinstance(items, Pair):
        return items
    raise wrong_type(caller, "items", "a list", items)


def tail_at(caller: str, items: Any, count: int) -> Any:
    """What is left of ITEMS after COUNT pairs."""
    here = items if count == 0 else list_or_error(caller, items)
    for _ in range(count):
        if not isinstance(here, Pair):
            raise EvalError(
                f"{caller}: the list is shorter than {count}", code="range", irritants=(items, count)
            )
        here = here.cdr
    return here


@primitive("list-ref", effects="pure")
def list_ref(items: Any, index: int) -> Any:
    """The element of ITEMS at INDEX, from 0.

    > (list-ref '(a b c) 2)
    => c
    """
    here = tail_at("list-ref", list_or_error("list-ref", items), not_negative("list-ref", index))
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
        numbers = range(start, start + step * count, step)
        return make_list(numbers) if count <= CHUNK else long_list(count, numbers.__getitem__)
    return long_list(count, lambda at: shrink(start + step * at))
