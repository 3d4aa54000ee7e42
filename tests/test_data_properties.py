"""Properties of the data primitives: exact arithmetic, equal? against hashing, no quadratic traps, limits."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.runtime import limits
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal
from chorus.runtime.gaussian import rectangular, shrink
from chorus.runtime.limits import Limits, Meter
from chorus.runtime.numerals import integer_text, number_text, parse_integer, parse_number
from chorus.runtime.primitive import TABLE
from chorus.runtime.primitives import integers, lists, mathematics, membership, numbers, strings, texts
from chorus.runtime.primitives.equality import is_equal, is_eqv
from chorus.runtime.primitives.hashtables import hash_ref, hash_set
from chorus.runtime.values import NIL, HashTable, Pair, Symbol, hash_key, list_items, make_list

exact = st.integers() | st.fractions()
reals = exact | st.floats(allow_nan=False)


@given(st.lists(exact, max_size=5))
def test_exact_sums_and_products_are_exact(items):
    total, product = Fraction(0), Fraction(1)
    for each in items:
        total, product = total + each, product * each
    plain = [shrink(each) for each in items]
    assert numbers.add(*plain) == total
    assert numbers.multiply(*plain) == product
    for result in (numbers.add(*plain), numbers.multiply(*plain)):
        assert result.__class__ is int or result.denominator > 1


@given(reals, reals)
def test_no_pair_of_reals_escapes_as_a_host_error(a, b):
    operations = (
        numbers.add,
        numbers.subtract,
        numbers.multiply,
        numbers.divide,
        TABLE["<"].function,
        numbers.equal,
    )
    for operation in (*operations, mathematics.atan):
        try:
            operation(shrink(a), shrink(b))
        except ChorusError as error:
            assert error.code == "division"


@given(st.integers(), st.integers().filter(bool))
def test_divisions_restore_the_dividend(n, d):
    for how in ("floor/", "truncate/"):
        quotient, rest = integers.divided(
            how, n, d, divmod if how == "floor/" else integers.truncate_division
        )
        assert quotient * d + rest == n
        assert abs(rest) < abs(d)
        assert not rest or (rest < 0) == ((d if how == "floor/" else n) < 0)


@given(
    st.integers()
    | st.floats()
    | st.fractions()
    | st.complex_numbers()
    | st.builds(rectangular, st.fractions(), st.fractions())
)
def test_numbers_are_read_as_they_were_written(value):
    assert is_eqv(parse_number(number_text(shrink(value))), shrink(value))


@settings(max_examples=20, deadline=None)
@given(st.integers(4_000, 60_000).flatmap(lambda bits: st.integers(1 << bits, 2 << bits)), st.booleans())
def test_long_integers_by_halves(value, negative):
    value = -value if negative else value
    assert integer_text(value) == str(value)
    assert parse_integer(str(value), 10) == value


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(0, 1000), st.integers(1, 1000))
def test_rationalize_gives_the_simplest_within(p, q, r, s):
    x, tolerance = Fraction(p, q), Fraction(r, s)
    best = mathematics.rationalize(shrink(x), shrink(tolerance))
    assert abs(best - x) <= tolerance
    denominator = best.denominator
    if 1 < denominator < 60:
        for smaller in range(1, denominator):
            nearest = Fraction(round(x * smaller), smaller)
            assert abs(nearest - x) > tolerance


values = st.recursive(
    st.integers(-3, 3)
    | st.sampled_from([0.0, -0.0, 1.0, float("nan"), True, False, "", "a", Symbol("a"), Fraction(1, 2)]),
    lambda parts: st.lists(parts, max_size=3) | st.lists(parts, max_size=3).map(make_list),
    max_leaves=6,
)


@settings(max_examples=500)
@given(values, values)
def test_equal_values_have_equal_keys_and_no_others(a, b):
    assert is_equal(a, b) == (hash_key(a) == hash_key(b))
    assert is_equal(a, a)


def test_crafted_keys_do_not_collide():
    keys = [
        key
        for k in range(1, 20_001, 2)  # odd: no two are the same number
        for key in (k * (2**61 - 1), Fraction(k * (2**61 - 1), 2), float(k) * 2.0**61)
    ]
    table = HashTable()
    for key in keys:
        hash_set(table, key, key)
    assert len(table) == len(keys)
    assert hash_ref(table, 777 * (2**61 - 1)) == 777 * (2**61 - 1)
    assert len({hash(key) for key in table.values}) > 0.99 * len(keys)  # Python's own hashes would be all 0


def test_circles_and_depth_end():
    circle = Pair(1, NIL)
    circle.cdr = circle
    assert list_items(circle) is None
    deep: Any = NIL
    for _ in range(300_000):
        deep = Pair(deep, NIL)
    other: Any = NIL
    for _ in range(300_000):
        other = Pair(other, NIL)
    assert is_equal(deep, other)
    assert hash_key(deep) == hash_key(other)
    grown = Pair(1, Pair(1, NIL))
    grown.cdr.cdr = grown
    assert is_equal(circle, grown)
    spiral: list = [circle]
    spiral.append(spiral)
    assert is_equal(spiral, [grown, spiral])


def test_a_key_that_holds_itself_is_an_error(monkeypatch):
    monkeypatch.setattr("chorus.runtime.values.KEY_LIMIT", 10_000)
    circle = Pair(1, NIL)
    circle.cdr = circle
    with pytest.raises(EvalError, match="contains itself"):
        hash_key(circle)


def test_equal_shared_structure_takes_no_exponential_time():
    one = two = make_list([1])
    for _ in range(200):
        one, two = Pair(one, one), Pair(two, two)
    other = make_list([1])
    for _ in range(200):
        other = Pair(other, other)
    assert is_equal(one, two) and is_equal(one, other)


@given(st.text(max_size=12), st.text(max_size=3), st.text(max_size=3))
def test_replace_agrees_with_split_and_join(text, old, new):
    if old:
        parts = texts.string_split(text, old)
        assert texts.string_replace(text, old, new) == texts.string_join(list(parts), new)


WORK = [
    lambda: integers.expt(9, 387_420_489),
    lambda: integers.arithmetic_shift(1, 30_000_000_000),
    lambda: mathematics.number_to_string(1 << 20_000_000),
    lambda: mathematics.string_to_number("9" * 5_000_000),
    lambda: lists.iota(10**9),
    lambda: strings.make_string(10**9),
    lambda: texts.string_repeat("ab", 10**9),
    lambda: texts.string_replace("a" * 10**5, "a", "b" * 10**5),
    lambda: membership.sort_natural(list(range(1 << 20))),
]


@pytest.mark.parametrize("job", WORK, ids=range(len(WORK)))
def test_big_work_is_charged_before_it_is_done(job):
    started = time.process_time()
    with pytest.raises(LimitSignal):
        limits.under(Meter(Limits(steps=100_000)), job)
    assert time.process_time() - started < 60  # done, the least of these would take minutes


def test_repeated_squaring_is_charged():
    def square():
        value = 9
        for _ in range(40):
            value = numbers.multiply(value, value)

    with pytest.raises(LimitSignal):
        limits.under(Meter(Limits(steps=1_000_000)), square)


def test_natural_sort_is_stable_and_keeps_nan_last():
    items = [1.0, 1, float("nan"), Fraction(1, 2)]
    assert [repr(each) for each in membership.sort_natural(items)] == ["Fraction(1, 2)", "1.0", "1", "nan"]
