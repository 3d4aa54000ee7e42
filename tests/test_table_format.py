"""How tables and lists of records print: every format, cut and uncut, and what a hostile text may not do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.runtime.errors import EvalError
from chorus.runtime.plan import nodes
from chorus.runtime.plan.types import Field, Schema
from chorus.runtime.table import Table
from chorus.runtime.table_format import FORMATS, format_table, formatted, is_tabular
from chorus.runtime.table_text import _width
from chorus.runtime.values import NIL, HashTable, Keyword, Pair, Record, RecordType, make_list

KINDS = {"id": "string", "n": "integer", "r": "real", "b": "boolean", "at": "instant", "text": "string"}
EVIL = "a\x1b[31mred\x1b]0;title\x07 \u202egnp.exe\u2066 |x| ![p](http://h/?d=1) `c`\r\nline\t\x9b2J\ud800"


def ring() -> Pair:
    """A list of hash tables that goes round."""
    made = Pair(HashTable([(Keyword("a"), 1)]), NIL)
    made.cdr = made
    return made


class Fixed(Table):
    """A table of given rows, without a store."""

    __slots__ = ("given",)

    def __init__(
        self, kinds: dict[str, str], given: list[tuple[Any, ...]], made: tuple[str, ...] = ()
    ) -> None:
        self.given = given
        _FIELDS[id(self)] = fields = tuple(Field(name, kind) for name, kind in kinds.items())
        stored = Schema(tuple(field for field in fields if field.name not in made))
        object.__setattr__(self, "plan", nodes.Scan("given", stored))

    @property
    def fields(self) -> tuple[Field, ...]:
        return _FIELDS[id(self)]

    def count(self) -> int:
        return len(self.given)

    def column_batches(self, missing: Any = None) -> Iterator[list[list[Any]]]:
        kinds = [field.type for field in self.fields]
        columns = zip(*self.given, strict=True) if self.given else [[] for _ in kinds]
        yield [
            [missing if value is False and kind != "boolean" else value for value in column]
            for column, kind in zip(columns, kinds, strict=True)
        ]


_FIELDS: dict[int, tuple[Field, ...]] = {}
AT = dt.datetime(2026, 1, 31, 10, 0, tzinfo=dt.UTC)
ROW = ("m1", 7, 2.5, True, AT, "hello")


def table(rows: int = 3, text: str = "hello") -> Table:
    return Fixed(KINDS, [(f"m{n}", n, n / 3 if n else False, n % 2 == 0, AT, text) for n in range(rows)])


def test_csv_is_never_cut_and_reads_back() -> None:
    text = 'say "hi", \n日本'
    read = list(csv.DictReader(io.StringIO(formatted(table(200, text), "csv", max_rows=5))))
    assert len(read) == 200 and read[7]["text"] == text
    assert read[0] == {"id": "m0", "n": "0", "r": "", "b": "true", "at": "2026-01-31T10:00:00Z", "text": text}
    assert float(read[1]["r"]) == 1 / 3 and read[1]["b"] == "false"


def test_json_and_jsonl_carry_the_same_objects() -> None:
    whole = json.loads(formatted(table(4, EVIL.replace("\ud800", "")), "json"))
    assert whole == [
        json.loads(line) for line in formatted(table(4, EVIL.replace("\ud800", "")), "jsonl").splitlines()
    ]
    assert whole[0] == {
        "id": "m0", "n": 0, "r": None, "b": True, "at": "2026-01-31T10:00:00Z",
        "text": EVIL.replace("\ud800", ""),
    }  # fmt: skip
    assert whole[1]["b"] is False
    assert json.loads(formatted(table(0), "json")) == []


@pytest.mark.parametrize("fmt", ["table", "box"])
def test_a_grid_is_cut_with_a_note_of_how_many_there_are(fmt: str) -> None:
    shown = formatted(table(207_761 % 1000), fmt)
    assert shown.count("hello") == 50 and "50 of 761 rows × 6 columns" in shown
    assert "(3 rows × 6 columns)" in formatted(table(3), fmt) and "(1 row × 6 columns)" in formatted(
        table(1), fmt
    )
    assert formatted(table(3), fmt, max_rows=2).count("hello") == 2
    assert formatted(table(120), fmt, max_rows=None).count("hello") == 120


@pytest.mark.parametrize("fmt", ["table", "box"])
@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_a_grid_fits_its_width(fmt: str, width: int) -> None:
    shown = formatted(table(5, "日本語 and a long text " * 10), fmt, width=width)
    grid = shown.splitlines()[:-1]
    assert max(_width(line) for line in grid) <= width
    if width == 40:
        assert "not shown:" in shown.splitlines()[-1]
    if fmt == "box":
        assert len({_width(line) for line in grid}) == 1


def test_types_stand_under_names_and_numbers_to_the_right() -> None:
    lines = formatted(table(12), "table").splitlines()
    assert lines[0].split() == list(KINDS) and lines[1].split() == list(KINDS.values())
    assert lines[3][2:].index("0") == lines[14][2:].index("11") + 1


def test_empty_columns_go_first() -> None:
    rows = [("m1", False, "x" * 30, "last")] * 2
    shown = formatted(
        Fixed({"id": "string", "nothing": "string", "text": "string", "end": "string"}, rows), width=32
    )
    assert "not shown: nothing" in shown and "last" in shown


def test_what_a_query_made_is_seen_before_what_is_stored() -> None:
    names = ("id", "who", "text", "where", "when", "size", "rank", "share", "least")
    rows = [("m1", "ann", "a long text " * 4, "here", "now", 1, 2, 3, 4)] * 2
    kinds = {name: "integer" if at > 4 else "string" for at, name in enumerate(names)}
    seen = lambda made, width: formatted(Fixed(kinds, rows, made), width=width).splitlines()[0].split()
    assert seen(names[5:], 62) == ["id", "text", "size", "rank", "share"], (
        "three of them, and what the rows are"
    )
    assert seen(("least",), 50) == ["id", "who", "text", "least"]
    assert seen((), 50) == ["id", "who", "text", "where"]
    assert seen(names, 50) == seen((), 50), "of columns that are all made the first stay, as of stored ones"


def test_a_terminal_is_not_sent_bytes() -> None:
    with pytest.raises(EvalError, match="arrow is bytes"):
        format_table(table(2, EVIL), "arrow", io.StringIO())


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "arrow"])
def test_hostile_text_cannot_steer_a_terminal(fmt: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    format_table(table(2, EVIL), fmt, screen, width=500)
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", screen.getvalue()
    )
    screen.getvalue().encode()


def test_csv_for_a_program_is_verbatim() -> None:
    assert "\x1b[31mred" in formatted(table(1, EVIL), "csv")


def test_markup_in_a_message_does_not_become_markup() -> None:
    shown = formatted(table(1, EVIL), "markdown")
    assert "![" not in shown and len(shown.splitlines()) == 3
    assert re.sub(r"\\.", "", shown.splitlines()[2]).count("|") == len(KINDS) + 1


@given(st.text(max_size=40), st.integers(12, 100))
def test_any_text_keeps_a_row_on_one_line(text: str, width: int) -> None:
    for fmt in ("table", "box", "markdown"):
        lines = formatted(Fixed({"text": "string"}, [(text,)]), fmt, width=width).split("\n")
        assert len(lines) == {"table": 6, "box": 8, "markdown": 4}[fmt]


@given(st.text(max_size=40))
def test_any_text_survives_json_and_csv(text: str) -> None:
    made = Fixed({"text": "string"}, [(text,)])
    assert json.loads(formatted(made, "json")) == [{"text": text}]
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert list(csv.reader(io.StringIO(formatted(made, "csv"), newline="")))[1] == [text]


def test_lists_of_hash_tables_and_records_are_tabular() -> None:
    people = [
        HashTable([(Keyword("name"), "Ada"), (Keyword("n"), 1)]),
        HashTable([(Keyword("name"), "Bo"), (Keyword("m"), 2)]),
    ]
    kind = RecordType("hit", ["id", "score"])
    hits = [Record(kind, ["m1", 0.5]), Record(kind, ["m2", 0.25])]
    for value, names in ((people, ["name", "n", "m"]), (hits, ["id", "score"])):
        assert is_tabular(make_list(value)) and is_tabular(value)
        assert formatted(make_list(value), "csv").splitlines()[0].split(",") == names
    assert json.loads(formatted(make_list(hits), "json"))[1] == {"id": "m2", "score": 0.25}


@pytest.mark.parametrize(
    "value",
    [
        NIL,
        ring(),
        5,
        "text",
        make_list([1, 2]),
        [HashTable([(1, 2)])],
        make_list([HashTable(), 3]),
        [HashTable()],
    ],
)
def test_other_values_are_not_tabular(value: Any) -> None:
    assert not is_tabular(value)


def test_an_unknown_format_is_a_typed_error() -> None:
    with pytest.raises(EvalError) as caught:
        formatted(table(1), "yaml")
    assert "markdown" in (caught.value.hint or "")


def test_what_is_missing_differs_from_false_and_from_an_empty_text() -> None:
    kinds = {"b": "boolean", "t": "string"}
    given_ = Fixed(kinds, [(False, ""), (None, None), (True, "x")])
    assert formatted(given_, "csv") == 'b,t\nfalse,""\n,\ntrue,x\n'
    lines = [json.loads(line) for line in formatted(given_, "jsonl").splitlines()]
    assert lines == [{"b": False, "t": ""}, {"b": None, "t": None}, {"b": True, "t": "x"}]
