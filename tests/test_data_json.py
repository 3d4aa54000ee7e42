"""Values as JSON: objects with the language's names, and nothing that JSON lacks."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.interpreter.reader import read_one
from chorus.runtime.errors import EvalError
from chorus.runtime.jsonout import json_text, to_json
from chorus.runtime.primitives.json import json_to_value
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, Record, RecordType, Symbol, make_list

CITATION = RecordType("citation", ["message-id", "span"])
ANSWER = RecordType("answer", ["answer", "citations", "confidence", "refusal"])


def test_an_answer_is_an_object():
    citations = make_list([Record(CITATION, ["12", "too hard"])])
    answer = Record(ANSWER, ["They leave.", citations, Fraction(1, 2), False])
    assert to_json(answer) == {
        "answer": "They leave.",
        "citations": [{"message-id": "12", "span": "too hard"}],
        "confidence": "1/2",
        "refusal": False,
    }


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("(1 2.5 1/2)", [1, 2.5, "1/2"]),
        ('#(a :b "c" #\\d)', ["a", "b", "c", "d"]),
        ('{:a-b 1 c {"d" ()} 5 #t}', {"a-b": 1, "c": {"d": []}, "5": True}),
        ("(+nan.0 +inf.0 -inf.0)", [None, None, None]),
        ("(a . b)", ["a", "b"]),
        ("#u8(1 2)", [1, 2]),
        ('#inst "2026-01-31T12:00+02:00"', "2026-01-31T10:00:00Z"),
        ("1+2i", "1+2i"),
    ],
)
def test_kinds(text, data):
    assert to_json(read_one(text)) == data
    assert json.loads(json_text(read_one(text))) == data


def test_host_kinds():
    assert to_json(np.array([[1.5, np.nan]], dtype="float32")) == [[1.5, None]]
    assert to_json(np.int64(3)) == 3
    assert to_json(UNSPECIFIED) is None
    assert to_json(len) == "#<procedure len>"
    assert json_text("\ud800") == '"\\ud800"'
    assert to_json(dt.datetime(2026, 1, 1)) == "2026-01-01T00:00:00Z"


def test_shared_parts_are_no_circle():
    part = make_list([1])
    assert to_json([part, part]) == [[1], [1]]


def test_a_circle_is_an_error():
    pair = Pair(1, NIL)
    pair.car = [pair]
    with pytest.raises(EvalError, match="contains itself"):
        to_json(pair)


def test_depth_costs_no_host_stack():
    value = NIL
    for _ in range(20_000):
        value = make_list([value])
    assert json_text(value) == "[" * 20_001 + "]" * 20_001
    with pytest.raises(EvalError, match="nested deeper"):
        json_to_value("[" * 100_000 + "]" * 100_000)
    assert json_to_value('"' + "[" * 5_000 + '"') == "[" * 5_000


plain = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=4), parts, max_size=4),
    max_leaves=10,
)


@given(plain)
def test_json_comes_back_as_it_was(data):
    text = json.dumps(data)
    assert json.loads(json_text(json_to_value(text))) == data
    assert json.loads(json_text(json_to_value(text, keywords=False))) == data


def test_keys_are_names():
    table = json_to_value('{"a b": {"c": null}}')
    assert [key.name for key, _ in table.items()] == ["a b"]
    assert to_json(Symbol("a-b")) == "a-b"
