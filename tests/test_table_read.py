"""Rows that come as text: what shells, spreadsheets and other programs write; what of it is refused, and where."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Session
from chorus.runtime.context import Context
from chorus.runtime.table_format import formatted
from chorus.runtime.table_read import read_rows


@pytest.fixture(scope="module")
def context() -> Any:
    with Session() as session:
        session.eval("1")
        yield session.context


def rows(context: Context, data: bytes, form: str = "csv") -> list[tuple[Any, ...]]:
    return list(read_rows(data, form, context))


@pytest.mark.parametrize(
    ("data", "names", "first"),
    [
        (b"\xef\xbb\xbfa,b\r\n1,x\r\n", ["a", "b"], (1, "x")),
        (b"a;b\n1;2\n", ["a", "b"], (1, 2)),
        (b"a\tb\n1\tx,y\n", ["a", "b"], (1, "x,y")),
        ("a\tb\r\n1\té\r\n".encode("utf-16"), ["a", "b"], (1, "é")),
        (b"\n\na,b\n1,2\n", ["a", "b"], (1, 2)),
        (b",n\n0,5\n", ["column-1", "n"], (0, 5)),  # a data frame with its index
        (b"a,a,A-2\n1,2,3\n", ["a", "a-2", "A-2-2"], (1, 2, 3)),
        (b'a,b\n"x\r\ny",1\n', ["a", "b"], ("x\r\ny", 1)),
        (b"id,n\n007,NA\nNA,1\n", ["id", "n"], ("007", False)),
    ],
)
def test_csv_as_programs_write_it(
    context: Context, data: bytes, names: list[str], first: tuple[Any, ...]
) -> None:
    table = read_rows(data, "csv", context)
    assert (table.columns, next(iter(table))) == (names, first)


def test_nan_is_a_number_that_is_there_and_na_none(context: Context) -> None:
    found = rows(context, b"n\nNaN\n1.5\nNA\n-inf\n\n2\n")
    assert str(found) == "[(nan,), (1.5,), (False,), (-inf,), (2.0,)]"
    assert formatted(read_rows(b"n\nNaN\n1\n", "csv", context), "csv").lower() == "n\nnan\n1.0\n"


def test_an_empty_cell_is_missing_and_a_quoted_one_an_empty_text(context: Context) -> None:
    data = b'a,b,c\n1,"",\n"",,\n3,NA,\n'
    assert rows(context, data) == [(1, "", False), (False, False, False), (3, "NA", False)]
    assert formatted(read_rows(data, "csv", context), "csv") == 'a,b,c\n1,"",\n,,\n3,NA,\n'


@pytest.mark.parametrize(
    ("data", "form", "message"),
    [
        (
            b'a,b\n1,2\n1,"x\n2,3\n4,5\n',
            "csv",
            "the quotation mark that opens in the row of line 3 never closes",
        ),
        (b'a,b\n1,"x"y\n', "csv", "line 2 is no CSV: text goes on after a quotation mark"),
        (b"a,b\n1,2\n3\n4,5\n6,7,8\n", "csv", "line 3 has 1 cell, the first line 2 (line 5 alike)"),
        (b'a,b\n"x\ny",2\n3\n', "csv", "line 4 has 1 cell, the first line 2"),
        (b"a\n1\ncaf\xe9\n", "csv", "line 3 is not UTF-8 text"),
        (b"\n", "csv", "this is no CSV: there is nothing in it, no names of columns either"),
        (b'{"a":1}\n{"a":\n', "jsonl", 'line 2 is no JSON from character 6 on: {"a":'),
        (b'{"a":1}\n\n{"a":"x"}\n', "jsonl", "a is a number in line 1 and a text in line 3"),
        (b'[{"a":1}]\n', "jsonl", "line 1 is no JSON object"),
        (b"", "jsonl", "there are no rows, which would say what columns there are"),
        (b"caf\xe9", "lines", "line 1 is not UTF-8 text"),
    ],
)
def test_what_is_refused_says_where(context: Context, data: bytes, form: str, message: str) -> None:
    with pytest.raises(ChorusError) as caught:
        rows(context, data, form)
    assert caught.value.message == message


def test_whole_numbers_beyond_64_bits_keep_their_digits(context: Context) -> None:
    data = b'{"a":123456789012345678901}\n{"a":3}\n{"a":null}\n'
    assert rows(context, data, "jsonl") == [("123456789012345678901",), ("3",), (False,)]


def test_columns_of_no_rows_can_be_told(context: Context) -> None:
    with Session() as session:
        assert session.eval("""(table-columns (text->table "" 'jsonl :like {:kind "" :n 0}))""")
        with pytest.raises(ChorusError, match="itself"):
            session.eval("""(text->table "" 'csv :like {:a 1})""")


CELLS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), CELLS, CELLS), min_size=1, max_size=8))
def test_texts_written_as_csv_and_jsonl_are_read_back(context: Context, cells: list[tuple[Any, ...]]) -> None:
    lines = "".join(json.dumps(dict(zip("nab", row, strict=True))) + "\n" for row in cells).encode()
    table = read_rows(lines, "jsonl", context)
    given_ = [tuple(False if cell is None else cell for cell in row) for row in cells]
    assert list(table) == given_
    again = list(read_rows(formatted(table, "csv").encode(), "csv", context))
    texts = [tuple(json.dumps(cell) if cell is not False else cell for cell in row) for row in given_]
    looks = [cell for row in again for cell in row[1:]]
    if all(
        cell is False or isinstance(cell, str) for cell in looks
    ):  # no text that looks like a number or date
        assert [tuple(json.dumps(c) if c is not False else c for c in row) for row in again] == texts
    theirs = list(csv.reader(io.StringIO(formatted(table, "csv"), newline="")))
    assert [row[1:] for row in theirs[1:]] == [[cell or "" for cell in row[1:]] for row in given_]
