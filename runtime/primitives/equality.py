"""eq?, eqv? and equal?: without recursion, and ending on data that contain themselves."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from math import copysign
from typing import Any

from chorus.runtime.gaussian import Gaussian
from chorus.runtime.limits import charge
from chorus.runtime.primitive import primitive
from chorus.runtime.values import NIL, Cons, HashTable, MutableString, Pair, SourcePair, Symbol

TEXTS = (str, MutableString)
BYTES = (bytes, bytearray)
SCALARS = frozenset((int, Fraction, Gaussian, dt.datetime))
PAIRS = frozenset((Pair, Cons, SourcePair))
TELLING = frozenset((int, str, Symbol))  # classes of which equal values are ==
SHORT = 32
NOTED = 10_000  # comparisons before those made are noted, so that circles end


@primitive("eq?", effects="pure", checked=False)
def is_eq(a: Any, b: Any) -> bool:
    """Whether A and B are the same object; exact integers of one value are.

    > (eq? 'a 'a)
    => #t
    > (eq? (list 1) (list 1))
    => #f
    """
    return a is b or (a.__class__ is int and b.__class__ is int and a == b)


@primitive("eqv?", effects="pure", checked=False)
def is_eqv(a: Any, b: Any) -> bool:
    """As eq?, and for numbers: of one value, both exact or both inexact.

    > (eqv? 1.5 1.5)
    => #t
    > (eqv? 1 1.0)
    => #f
    > (eqv? "" (string-copy ""))
    => #f
    """
    if a is b:
        return True
    kind = a.__class__
    if kind is not b.__class__:
        return False
    if kind is float:
        return (a == b and copysign(1.0, a) == copysign(1.0, b)) or (a != a and b != b)
    if kind is complex:
        return is_eqv(a.real, b.real) and is_eqv(a.imag, b.imag)
    return kind in SCALARS and a == b


@primitive("equal?", effects="pure", checked=False)
def is_equal(a: Any, b: Any) -> bool:
    """Whether A and B look the same: by content for lists, vectors, strings, bytevectors and hash tables.

    > (equal? '(1 #(2 "x")) (list 1 (vector 2 "x")))
    => #t
    > (equal? 1 1.0)
    => #f
    """
    if a is b:
        return True
    kind = a.__class__
    if kind is str and b.__class__ is str:
        return a == b
    if not isinstance(a, (Pair, list, HashTable)):
        return equal_leaves(a, b)
    known = _short_lists(a, b)
    return _equal_trees(a, b) if known is None else known


def _short_lists(a: Any, b: Any) -> bool | None:
    """equal? of lists of a few integers, strings and symbols; None of all else."""
    for _ in range(SHORT):
        if not (a.__class__ in PAIRS and b.__class__ in PAIRS):
            return True if a is b is NIL else None
        first, second = a.car, b.car
        if first is not second:
            kind = first.__class__
            if kind is not second.__class__ or kind not in TELLING:
                return None
            if first != second:
                return False
        a, b = a.cdr, b.cdr
    return None


def equal_leaves(a: Any, b: Any) -> bool:
    """equal? where neither has parts that are values."""
    kind = a.__class__
    if kind is b.__class__ and (kind is int or kind is str):
        return bool(a == b)
    if isinstance(a, TEXTS) and isinstance(b, TEXTS):
        return str(a) == str(b)
    if isinstance(a, BYTES) and isinstance(b, BYTES):
        return a == b
    if hasattr(a, "dtype") and hasattr(b, "dtype"):
        return tuple(a.shape) == tuple(b.shape) and bool((a == b).all())
    return is_eqv(a, b)


def _equal_trees(a: Any, b: Any) -> bool:
    work = [(a, b)]
    noted: set[tuple[int, int]] = set()
    steps = 0
    while work:
        a, b = work.pop()
        if a is b:
            continue
        if not isinstance(a, (Pair, list, HashTable)):
            if not equal_leaves(a, b):
                return False
            continue
        steps += 1
        if steps > NOTED:
            if (id(a), id(b)) in noted:
                continue
            noted.add((id(a), id(b)))
            if not steps & 0xFFFF:
                charge(0x1000, 0x80_0000)
        if isinstance(a, Pair):
            if not _equal_spines(a, b, work):
                return False
        elif a.__class__ is not b.__class__ or len(a) != len(b) or not _equal_parts(a, b, work):
            return False
    return True


def _equal_spines(a: Any, b: Any, work: list[tuple[Any, Any]]) -> bool:
    """Walk two lists side by side, leaving compound elements for later; a circle ends it (Brent 1980)."""
    mark_a, mark_b, power, steps = a, b, 1, 0
    while isinstance(a, Pair) and isinstance(b, Pair):
        if a is b:
            return True
        first, second = a.car, b.car
        if isinstance(first, (Pair, list, HashTable)):
            work.append((first, second))
        elif first is not second and not equal_leaves(first, second):
            return False
        a, b = a.cdr, b.cdr
        if a is mark_a and b is mark_b:
            return True
        steps += 1
        if steps == power:
            mark_a, mark_b, power, steps = a, b, power * 2, 0
            charge(power >> 4)
    if isinstance(a, Pair) or isinstance(b, Pair):
        return False
    work.append((a, b))
    return True


def _equal_parts(a: Any, b: Any, work: list[tuple[Any, Any]]) -> bool:
    """Put the parts of two vectors, or tables of the same keys, on the work list."""
    if isinstance(a, list):
        work += zip(a, b, strict=True)
        return True
    if a.values.keys() != b.values.keys():
        return False
    work += [(value, b.values[key]) for key, value in a.values.items()]
    return True
