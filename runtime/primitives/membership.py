"""Finding, removing and ordering elements of lists, as far as no procedure is called for it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cmp_to_key
from itertools import repeat
from typing import Any

from chorus.runtime.calling import is_closed, unwind
from chorus.runtime.limits import charge
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.equality import SCALARS, is_eq, is_equal, is_eqv
from chorus.runtime.primitives.lists import Elements
from chorus.runtime.values import NIL, Char, Keyword, Nil, Pair, Symbol, hash_key, list_items, make_list

STRETCH = 100_000  # elements between looks at the meter
SHORT = 10_000  # elements that are sorted without a look at the clock
ATOMS = frozenset((Symbol, Keyword, Char, Nil, bool))
NUMBERS = SCALARS | {float, complex}
REALS = frozenset((int, float, Fraction))
TEXTS = frozenset((str,))

Same = Callable[[Any, Any], bool]
Search = Callable[[Any, Any], Any]


def _member(name: str, same: Same, is_one: Callable[[type], bool]) -> Search:
    """The search for an element that is SAME. IS_ONE: whether SAME of a value of that class is being that very object.
    Such values and integers are looked for first; all others, and what is no list, by the last loop.
    """

    def member(value: Any, items: Any) -> Any:
        kind, here = value.__class__, items
        try:
            while kind is int:
                for _ in repeat(None, STRETCH):
                    if here is NIL:
                        return False
                    if (found := here.car) is value or (found.__class__ is int and found == value):
                        return here
                    here = here.cdr
                charge(10_000)
            while is_one(kind):
                for _ in repeat(None, STRETCH):
                    if here is NIL:
                        return False
                    if here.car is value:
                        return here
                    here = here.cdr
                charge(10_000)
        except AttributeError:  # of what is no pair
            pass
        steps = 0
        while isinstance(here, Pair):
            if same(here.car, value):
                return here
            here, steps = here.cdr, steps + 1
            if steps % STRETCH == 0:
                charge(10_000)
        if here is not NIL:
            raise wrong_type(name, "items", "a list", items)
        return False

    return member


def _assoc(name: str, same: Same, is_one: Callable[[type], bool]) -> Search:
    """The search for a pair whose car is SAME, as `_member` goes about it."""

    def assoc(key: Any, pairs: Any) -> Any:
        kind, here = key.__class__, pairs
        try:
            while kind is int:
                for _ in repeat(None, STRETCH):
                    if here is NIL:
                        return False
                    entry = here.car
                    if (found := entry.car) is key or (found.__class__ is int and found == key):
                        return entry
                    here = here.cdr
                charge(10_000)
            while is_one(kind):
                for _ in repeat(None, STRETCH):
                    if here is NIL:
                        return False
                    entry = here.car
                    if entry.car is key:
                        return entry
                    here = here.cdr
                charge(10_000)
        except AttributeError:
            pass
        steps = 0
        while isinstance(here, Pair):
            entry = here.car
            if not isinstance(entry, Pair):
                raise wrong_type(name, "every element", "a pair", entry)
            if same(entry.car, key):
                return entry
            here, steps = here.cdr, steps + 1
            if steps % STRETCH == 0:
                charge(10_000)
        if here is not NIL:
            raise wrong_type(name, "pairs", "a list", pairs)
        return False

    return assoc


def _declare(member: str, assoc: str, what: str, same: Same, is_one: Callable[[type], bool]) -> None:
    """MEMBER and ASSOC under the equality SAME, which is called WHAT."""
    rest, pair = _member(member, same, is_one), _assoc(assoc, same, is_one)
    rest.__doc__ = (
        f"The rest of ITEMS from the first element that is {what} VALUE, or #f.\n\n"
        f"> ({member} 'b '(a b c))\n=> (b c)"
    )
    pair.__doc__ = (
        f"The first of PAIRS whose car is {what} KEY, or #f.\n\n> ({assoc} 'b '((a 1) (b 2)))\n=> (b 2)"
    )
    primitive(member, effects="pure", checked=False)(rest)
    primitive(assoc, effects="pure", checked=False)(pair)


_declare("memq", "assq", "eq? to", is_eq, lambda kind: True)
_declare("memv", "assv", "eqv? to", is_eqv, lambda kind: kind not in NUMBERS)
_declare("member", "assoc", "equal? to", is_equal, ATOMS.__contains__)


@primitive("%delete-duplicates", effects="pure")
def delete_duplicates(items: Elements) -> Any:
    """ITEMS without elements equal? to an earlier one; takes time in proportion to their number.

    > (%delete-duplicates '(a b a 1 1.0))
    => (a b 1 1.0)
    """
    first: dict[Any, Any] = {}
    for each in items:
        first.setdefault(hash_key(each), each)
    return make_list(first.values())


@primitive("%delete", effects="pure")
def delete(value: Any, items: Elements) -> Any:
    """ITEMS without the elements equal? to VALUE.

    > (%delete 'a '(a b a c))
    => (b c)
    """
    return make_list(each for each in items if not is_equal(value, each))


@primitive("%closed?", effects="pure")
def is_closed_(value: Any) -> bool:
    """Whether VALUE is a procedure that runs nothing of the program but its own code, as things stand.

    > (%closed? (lambda (a b) (< (car a) (car b))))
    => #t
    > (%closed? (lambda (a) (undefined-so-far a)))
    => #f
    """
    return is_closed(value)


@primitive("%sort-closed", effects="pure")
def sort_closed(items: list, less: Any) -> Any:
    """ITEMS in order by LESS, a procedure that is `%closed?`, stably: no continuation can be taken within, so the
    host's own sort may call it.

    > (%sort-closed #((3 . a) (1 . b)) (lambda (a b) (< (car a) (car b))))
    => #((1 . b) (3 . a))
    """
    charge(len(items), len(items) << 3)
    return sorted(items, key=cmp_to_key(lambda a, b: -1 if unwind(less(a, b)) is not False else 0))


@primitive("%one-kind?", effects="pure")
def one_kind(items: list, strings: bool) -> bool:
    """Whether all of ITEMS are real numbers, or, with STRINGS, all strings that nobody can change.

    > (%one-kind? #(1 2.5 1/2) #f)
    => #t
    > (%one-kind? #(1 "a") #t)
    => #f
    """
    return {each.__class__ for each in items} <= (TEXTS if strings else REALS)


@primitive("%sort-natural", effects="pure")
def sort_natural(items: list, descending: bool = False) -> Any:
    """Items that are `%one-kind?` in order, stably; NaN last. What `sort` does for the usual comparisons.

    > (%sort-natural #(3 1 2))
    => #(1 2 3)
    > (%sort-natural #("b" "a") #t)
    => #("b" "a")
    """
    charge(len(items) * max(1, len(items).bit_length()) >> 2, len(items) << 3)
    lost = [each for each in items if each != each]
    return sorted([each for each in items if each == each] if lost else items, reverse=descending) + lost


@primitive("%sort-plain", effects="pure", checked=False)
def sort_plain(items: Any, less: Any, *usual: Any) -> Any:
    """ITEMS, a list or vector that is no long one, in order, if LESS is one of the USUAL comparisons, <, >, string<?
    and string>?, and they are `%one-kind?`; else #f.

    > (%sort-plain '(3 1 2) > < > string<? string>?)
    => (3 2 1)
    > (%sort-plain '(3 1 "2") > < > string<? string>?)
    => #f
    """
    which = next((at for at, each in enumerate(usual) if each is less), None)
    found = items if items.__class__ is list else list_items(items) if isinstance(items, Pair) else None
    if which is None or found is None or len(found) > SHORT or not one_kind(found, which > 1):
        return False
    made = sort_natural(found, which % 2 == 1)
    return made if found is items else make_list(made)
