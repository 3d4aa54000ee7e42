"""What the compiler takes for granted of what primitives return is what they return."""

from __future__ import annotations

import pytest

from chorus import ChorusError, Session
from chorus.interpreter import reader
from chorus.interpreter.compiler.kinds import (
    ANY,
    INT,
    INTEGER,
    NATURAL,
    RESULTS,
    SMALL,
    TABLE_MAKERS,
    kind_of_constant,
)
from chorus.interpreter.loader import the_manifest
from chorus.runtime.primitive import TABLE
from chorus.runtime.values import list_items

ARGUMENTS = [
    "5", "-3", "0", "2.5", "1/2", "+i", '"abc"', '""', "#\\a", "'x", "'()", "'(1 2)", "'(#\\a)", "#(1 2)", "{:a 1}",
    "#t", ":k", "car", '(string-copy "ab")', "(bytevector 1 2)",
]  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Session:
    return Session()


@pytest.mark.parametrize("name", sorted(RESULTS.keys() - {"display", "newline"}))
def test_results_are_of_their_kinds(session: Session, name: str) -> None:
    assert name in the_manifest().entries
    calls = [f"({name})", *(f"({name} {a})" for a in ARGUMENTS)]
    calls += [f"({name} {a} {b})" for a in ARGUMENTS for b in ARGUMENTS]
    calls += [
        f"({name} {a} {b} {c})" for a in ("{}", "(vector 1 2)") for b in ("0", "'k") for c in ("1", "'v")
    ]
    results = 0
    for call in calls:
        form = reader.read_one(call, "call")
        if name in TABLE_MAKERS and TABLE_MAKERS[name](len(list_items(form)) - 1):
            continue  # under an equality of its own
        try:
            value = session.evaluate(form)
        except ChorusError:
            continue
        results += 1
        kind = kind_of_constant(value)
        allowed = RESULTS[name]
        if kind & INTEGER:
            kind = NATURAL if value >= 0 and value < SMALL else INT
            allowed |= 0 if allowed == NATURAL else INTEGER if allowed & INTEGER else 0
        assert not kind & ~allowed, (call, value)
    assert results, "nothing was looked at"
    assert RESULTS[name] == ANY or name in TABLE
