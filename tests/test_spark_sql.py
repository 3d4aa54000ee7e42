"""Queries in Spark's SQL, without Spark: what is refused, that values stay out of the text, what patterns become."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus import Capabilities, EvalError, Session
from chorus.runtime.plan.operators import OPERATORS
from chorus.runtime.plan.spark_operators import SPARK_LISTS, SPARK_TRUTHS, SPARK_VALUES, lacked
from chorus.runtime.plan.spark_patterns import java_pattern, java_replacement

ROWS = """(define t (rows->table '({:s "it's; DROP TABLE t" :n 1 :r 0.5 :b #t}) :like {:d (moment "2026-01-01")}))"""
REFUSED = [
    ('(with-columns t (x (json-get s "a")))', "json-get"),
    ("(with-columns t (x (upper s)))", "upper"),
    ("(with-columns t (x (number s)))", "number"),
    ("(sample t 1 :seed 1)", "sample"),
    ("(join t (rename t (s2 s) (n2 n) (r2 r) (b2 b) (d2 d)) :on (<= n n2) :kind asof)", "asof"),
    ('(where t (matches? s "(?i)a"))', "(?i"),
    ('(where t (matches? s "\\\\bword"))', "\\b"),
    ('(with-columns t (x (replace-all s "a*" "")))', "a*"),
    ("(explode t (w (json-items s)))", "json-items"),
]


@pytest.fixture
def session():
    with Session(allow=Capabilities.all()) as made:
        made.eval(ROWS)
        yield made


def sql(session: Session, form: str) -> str:
    return session.eval(f"(spark-sql {form})")


def test_each_operator_means_something_there_or_is_refused() -> None:
    assert (
        SPARK_VALUES.table.keys() | SPARK_TRUTHS.table.keys() | SPARK_LISTS.table.keys() <= OPERATORS.keys()
    )
    assert set(lacked()) == {
        *("number", "upper", "json-get", "json-has?", "json-length", "json-type", "json-items", "json-keys")
    }


@pytest.mark.parametrize(("form", "named"), REFUSED)
def test_what_would_mean_something_else_is_refused(session: Session, form: str, named: str) -> None:
    with pytest.raises(EvalError) as caught:
        sql(session, form)
    assert caught.value.code == "table-engine" and named in caught.value.message and caught.value.hint


def test_values_are_bound_and_never_pasted(session: Session) -> None:
    made = sql(session, """(where t (= s "it's; DROP TABLE t") (> d (moment "2026-01-01")))""")
    assert "DROP" not in made and "2026" not in made and ":p1" in made


def test_tables_that_are_there_are_called_by_their_schema(session: Session) -> None:
    made = sql(session, '(select (messages) id) :schema "lake.game"')
    assert "FROM `lake`.`game`.`messages`" in made and ":row" not in made
    assert made.rstrip().endswith("`t1`.`id` ASC NULLS LAST")


def test_rows_that_are_sent_keep_their_order(session: Session) -> None:
    assert sql(session, "(where t (> n 0))").rstrip().endswith("`t1`.`:row` ASC NULLS LAST")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a.b$", r"a[^\n]b\z"),
        (r"[\s$.]+", "[\\t\\n\\f\\r $.]+"),
        (r"\S(?:x|y)\.", "[^\\t\\n\\f\\r ](?:x|y)\\."),
        (r"\w+@\d{2}", r"\w+@\d{2}"),
    ],
)
def test_patterns_as_java_writes_them(ours: str, theirs: str) -> None:
    assert java_pattern(ours) == theirs


@pytest.mark.parametrize(
    "pattern", [r"\bx", "(?i)x", "(?P<n>x)", r"\pL", "[[:alpha:]]", "[a&&b]", r"[\S]", r"\Qx\E"]
)
def test_patterns_that_differ_are_refused(pattern: str) -> None:
    with pytest.raises(EvalError, match="may mean something else"):
        java_pattern(pattern)


@given(st.lists(st.sampled_from(["a", "$", "$1", r"\\", r"\1"]), max_size=6).map("".join))
def test_a_replacement_says_the_same(text: str) -> None:
    """Read back by Java's rules, what stands for `\\1` and what is text are as they were."""
    wanted = re.sub("(x)", text, "x")
    read = re.sub(r"\\(.)|\$(\d)", lambda found: found[1] or "x", java_replacement(text), flags=re.S)
    assert read == wanted


def test_without_the_client_it_is_said_what_to_install(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(EvalError) as caught:
        session.eval('(on-spark t "sc://localhost:1")')
    assert caught.value.code == "not-installed" and "chorus-lisp[spark]" in caught.value.hint


def test_only_servers_are_asked() -> None:
    with Session(allow=Capabilities("net")) as session, pytest.raises(EvalError, match="no address"):
        session.eval("""(on-spark (rows->table '({:n 1})) "local[2]")""")
