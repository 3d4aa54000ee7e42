"""The same plans on Spark and by the slow evaluator: the same rows in the same order. Wants `make test-spark`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from table_forms import LEFT, RIGHT, SCANS, rows_for
from table_plans import STEPS, grown
from test_tables_differential import agree

from chorus import Capabilities, Session
from chorus.runtime.errors import ChorusError
from chorus.runtime.plan import nodes, reference
from chorus.runtime.plan.shapes import Given
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, REAL, STRING
from chorus.runtime.primitives.spark import on_spark
from chorus.runtime.table import Table

pytestmark = pytest.mark.slow  # the server starts for half a minute
CASES = int(os.environ.get("CHORUS_CASES", "100"))
PORT = 15002  # where the client starts a server of its own
TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
SERVER = """
import sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.remote("local[2]").config("spark.ui.enabled", "false")
server = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
print("up", flush=True)
sys.stdin.read()
server.stop()
"""
LETTERS = [chr(code) for code in range(1, 0x1F000) if not 0xD800 <= code < 0xE000]
OPERATIONS = """(define (each-letter)
  (with-columns letters (lo (lower s)) (tr (trim s)) (tl (trim-left s)) (n (length s)) (wc (word-count s))
    (m1 (matches? s "^x.y$")) (m2 (matches? s "\\\\d")) (m3 (matches? s "\\\\w$")) (m4 (matches? s "\\\\s"))
    (m5 (matches? s "[^a-z]")) (m6 (matches? s "^\\\\S$")) (m7 (matches? s "x\\\\W")) (e (extract s "x(.)y" 1))
    (ra (replace-all s "[\\\\s\\\\d]" "<\\\\0>")) (io (index-of s "y")) (p (part s "x" 1))))"""


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    """A server of Spark Connect, a process of its own."""
    pytest.importorskip("pyspark.sql", reason="Spark is not here: `make test-spark` installs it")
    pytest.importorskip("grpc", reason="Spark's client is not here: `make test-spark` installs it")
    with socket.socket() as free:
        if free.connect_ex(("localhost", PORT)) == 0:
            pytest.skip(f"another server is at port {PORT}")
    os.environ[TOKEN] = "of-the-tests"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdin is not None and server.stdout is not None
    assert any(line == "up\n" for line in server.stdout)
    yield f"sc://localhost:{PORT}"
    server.stdin.close()
    server.wait(60)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


def held(tables: dict[str, list[dict[str, Any]]]) -> dict[str, Given]:
    """The generated rows as tables that a program holds."""
    import pyarrow as pa

    kinds = {
        STRING: pa.string(),
        INTEGER: pa.int64(),
        REAL: pa.float64(),
        BOOLEAN: pa.bool_(),
        INSTANT: pa.timestamp("us"),
    }
    made = {}
    for name, rows in tables.items():
        columns = {
            f.name: pa.array(
                [
                    row[f.name].replace(tzinfo=None) if f.type == INSTANT and row[f.name] else row[f.name]
                    for row in rows
                ],
                kinds[f.type],
            )
            for f in SCANS[name].columns
        }
        made[name] = Given(f":{name}", SCANS[name].columns, pa.table(columns))
    return made


def over(plan: nodes.Plan, tables: dict[str, Given]) -> nodes.Plan:
    """PLAN, whose stored tables are those held."""
    from chorus.runtime.plan.plans import with_inputs

    if isinstance(plan, nodes.Scan):
        return tables[plan.name]
    return with_inputs(plan, [over(one, tables) for one in plan.inputs])


def test_the_same_rows_in_the_same_order(remote: str, session: Session) -> None:
    told: Counter[str] = Counter()

    @settings(
        max_examples=CASES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    @given(data=st.data(), left=rows_for(LEFT), right=rows_for(RIGHT))
    def check(data: st.DataObject, left: Any, right: Any) -> None:
        tables = {"l": left, "r": right}
        plan: nodes.Plan = SCANS[data.draw(st.sampled_from(["l", "l", "r"]))]
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=4)):
            try:
                plan = grown(data, plan, step)
            except ChorusError:
                continue
        wanted = reference.evaluate(plan, tables)
        try:
            found = on_spark(session.context, Table(over(plan, held(tables)), session.context), remote)
        except ChorusError as error:
            assert error.code == "table-engine" and "Spark at" not in error.message, error.message
            told["refused"] += 1
            return
        got = list(found)
        assert len(got) == len(wanted) and all(
            all(map(agree, mine, theirs)) for mine, theirs in zip(got, wanted, strict=True)
        ), (plan, got, wanted)
        told["same"] += 1

    check()
    assert told["same"] > 4 * told["refused"], told


def test_every_letter_is_read_alike(remote: str, session: Session) -> None:
    import pyarrow as pa

    texts = [f"x{letter}y" for letter in LETTERS] + LETTERS
    session.eval("(begin (define letters given) #t)", given=pa.table({"s": texts}))
    session.eval(f"(begin {OPERATIONS} #t)")
    ours, theirs = session.eval("(each-letter)"), session.eval(f'(on-spark (each-letter) "{remote}")')
    for name in ours.column_names:
        pairs = zip(texts, ours[name].to_pylist(), theirs[name].to_pylist(), strict=True)
        unlike = [text for text, mine, other in pairs if mine != other]
        if name == "lo":  # letters that are newer than one of the two
            unlike = [text for text in unlike if any(letter.lower() != letter for letter in text)]
        assert not unlike, (name, unlike[:5])


def test_what_goes_wrong_there_is_an_error_here(remote: str, session: Session) -> None:
    session.eval("(begin (define big (rows->table '({:n 9223372036854775807}))) #t)")
    with pytest.raises(ChorusError) as caught:
        session.eval(f'(on-spark (with-columns big (m (+ n 1))) "{remote}")')
    assert caught.value.code == "table-engine" and "JVM" not in caught.value.message
    with pytest.raises(ChorusError):
        session.eval(f'(on-spark big "{remote}" :schema "nowhere")')
    assert session.eval(f'(count (on-spark big "{remote}"))') == 1
