"""Windows, pivots, nearest partners, the program's own procedures in columns, plans explained and measured, rows that
the program holds: against hand-written SQL on the same store, and errors at their places.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chorus import Capabilities, EvalError, Keyword, Session
from chorus.runtime.plan import catalogue, nodes
from chorus.runtime.plan.optimise import RULES, optimise
from chorus.runtime.plan.sql import compile_plan
from chorus.runtime.printer import write


@pytest.fixture(scope="module")
def session(_tiny_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    import shutil

    folder = tmp_path_factory.mktemp("shapes") / "workspace"
    shutil.copytree(_tiny_workspace, folder)
    with Session(folder, allow=Capabilities.all()) as made:
        yield made


def sql(session: Session, text: str, *values: Any) -> list[tuple[Any, ...]]:
    return [
        tuple(False if cell is None else cell for cell in row)
        for row in session.context.store.rows(text, list(values))
    ]


def rows(session: Session, form: str, **names: Any) -> list[Any]:
    return [tuple(row) for row in session.eval(f"(table->rows {form})", **names)]


SAME = [
    (
        "having",
        "(having (aggregate (group-by (messages) author-id) (n (count))) (> n 2) (> (max (length content)) 20))",
        """SELECT "author-id", count(*) FROM messages GROUP BY 1
           HAVING count(*) > 2 AND max(length(content)) > 20 ORDER BY 1""",
    ),
    (
        "having, then aggregate",
        "(aggregate (having (group-by (messages) author-id) (> (count) 2)) (n (count)))",
        'SELECT "author-id", count(*) FROM messages GROUP BY 1 HAVING count(*) > 2 ORDER BY 1',
    ),
    (
        "window",
        """(order-by (select (window (messages) :by author-id :order-by (timestamp)
             (n (row-number)) (before (lag content)) (sofar (count)) (all (rank)))
             id n before sofar all) id)""",
        """SELECT id, row_number() OVER w, lag(content) OVER w, count(*) OVER w,
             rank() OVER (PARTITION BY "author-id" ORDER BY timestamp) FROM messages
           WINDOW w AS (PARTITION BY "author-id" ORDER BY timestamp, id ROWS UNBOUNDED PRECEDING) ORDER BY id""",
    ),
    (
        "rolling",
        """(order-by (select (rolling (messages) :on timestamp :width (36 hour) :by author-id (n (count))) id n) id)""",
        """SELECT a.id, count(*) FROM messages a JOIN messages b ON a."author-id" = b."author-id"
             AND b.timestamp <= a.timestamp AND b.timestamp > a.timestamp - INTERVAL 36 HOUR
           GROUP BY a.id ORDER BY a.id""",
    ),
    (
        "pivot",
        "(pivot (messages) :by author-id :on (weekday timestamp) :take (count) :among '(1 7))",
        """SELECT "author-id", count(*) FILTER (WHERE isodow(timestamp) = 1),
             count(*) FILTER (WHERE isodow(timestamp) = 7) FROM messages GROUP BY 1 ORDER BY 1""",
    ),
    (
        "unpivot",
        """(order-by (unpivot (select (messages) id content author-id) :columns (content author-id)
             :name k :value v) id k)""",
        """SELECT * FROM (SELECT id, 'content' AS k, content FROM messages UNION ALL
             SELECT id, 'author-id', "author-id" FROM messages) ORDER BY 1, 2""",
    ),
    (
        "the value beside the greatest and the least",
        """(aggregate (group-by (messages) author-id) (longest (arg-max content (length content)))
             (first (argmin id timestamp)))""",
        """SELECT "author-id", (list(content ORDER BY length(content) DESC, content DESC))[1],
             (list(id ORDER BY timestamp, id))[1] FROM messages GROUP BY 1 ORDER BY 1""",
    ),
    (
        "explode",
        "(aggregate (group-by (explode (messages) (w (words (lower content)))) w) (n (count)))",
        r"""SELECT w, count(*) FROM (SELECT unnest(regexp_extract_all(lower(content), '\S+')) AS w FROM messages)
            GROUP BY 1 ORDER BY 1""",
    ),
    (
        "asof",
        """(select (join (messages) (select (messages) (other author-id) (at timestamp) content) :kind asof
             :on (> timestamp at)) id content-right)""",
        """SELECT id, (SELECT b.content FROM messages b WHERE b.timestamp < a.timestamp
             ORDER BY b.timestamp DESC, "author-id", content LIMIT 1) FROM messages a ORDER BY id""",
    ),
    (
        "time zones",
        """(order-by (select (messages) id (h (hour timestamp "Asia/Tokyo"))
             (w (iso-week timestamp "Asia/Tokyo"))) id)""",
        """SELECT id, hour(timestamp + INTERVAL 9 HOUR), strftime(timestamp + INTERVAL 9 HOUR, '%G-W%V')
           FROM messages ORDER BY id""",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "text"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_a_step_gives_what_hand_written_sql_gives(session: Session, form: str, text: str) -> None:
    wanted = sql(session, text)
    assert wanted and rows(session, form) == wanted


def test_a_day_begins_at_midnight_of_its_zone(session: Session) -> None:
    for (day,) in rows(session, '(distinct (messages) (day (bucket timestamp :day "America/New_York")))'):
        assert (day.hour, day.minute) in ((4, 0), (5, 0))


def test_a_pivot_reads_its_columns_from_the_table(session: Session) -> None:
    names = session.eval("(table-columns (pivot (messages) :on author-id :take (count)))")
    assert [name.name for name in names] == [
        r[0] for r in sql(session, 'SELECT DISTINCT "author-id" FROM messages ORDER BY 1')
    ]


def test_a_fraction_is_no_whole_number_of_a_pivot() -> None:
    table = "(rows->table '({:n 0} {:n 2} {:n 3}))"
    with Session() as plain:
        made = plain.eval(f"(table->list (pivot {table} :on n :take (count) :among '(0.1 2.5 2.0 3)))")
    assert [list(row.values()) for row in made] == [[0, 0, 1, 1]]


# Macros and procedures of the program.

OWN = [
    ("(define (long? t n) (> (length t) n))", "(long? content 20)"),
    ("(define m 20) (define (long? t) \"doc\" (over? t m)) (define over? (lambda (t n) (> (length t) n)))",
     "(long? content)"),
    ("(define-syntax long? (syntax-rules () ((_ t n) (let ((x (length t))) (> x n)))))", "(long? content 20)"),
    ("", "(-> content length (> 20))"),
    ("(define content 5) (define (f t) (> (length t) (* 4 content)))", "(f content)"),
    ("(define-syntax f (syntax-rules () ((_ t) (let ((id 20)) (> (length t) id)))))", "(f content)"),
    ("(define limit-here 20) (define-syntax f (syntax-rules () ((_ t) (> (length t) limit-here))))",
     "(let ((limit-here 0)) (f content))"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "condition"), OWN)
def test_procedures_and_macros_are_written_out(session: Session, before: str, condition: str) -> None:
    with Session(session.context.workspace, allow=Capabilities.all()) as own:
        wanted = sql(session, "SELECT count(*) FROM messages WHERE length(content) > 20")[0][0]
        assert 0 < wanted < session.eval("(count (messages))")
        assert own.eval(f"{before} (count (where (messages) {condition}))") == wanted
        text = own.eval(f"(cadr (assq 'sql (cdr (explain (where (messages) {condition})))))")
        assert "LENGTH" in text


def test_a_procedure_is_the_one_that_has_the_name_now(session: Session) -> None:
    """Also where another text stood at the same place since."""
    with Session(session.context.workspace, allow=Capabilities.all()) as own:
        own.eval("(define (f t) (> (length t) 20))")
        own.eval("(define (g t) (< (length t) 20))")
        first = own.eval("(define h f) (count (where (messages) (f content)))")
        assert first == sql(session, "SELECT count(*) FROM messages WHERE length(content) > 20")[0][0]
        own.eval("(define (f t) (= (length t) 20))")
        assert own.eval("(count (where (messages) (h content)))") == first
        assert own.eval("(count (where (messages) (f content)))") < first


def test_a_macro_does_not_capture_a_column(session: Session) -> None:
    """The macro's own `content` is its variable, and the table's is the table's."""
    rule = '((_ t) (let ((content (length t))) (and (> content 3) (contains? t "e"))))'
    made = f"(define-syntax f (syntax-rules () {rule}))"
    wanted = sql(
        session, "SELECT count(*) FROM messages WHERE length(content) > 3 AND contains(content, 'e')"
    )
    assert session.eval(f"{made} (count (where (messages) (f content)))") == wanted[0][0]


ATTACKS = ["x'; DROP TABLE messages;--", "' OR 1=1 --", "$1", "a\x00b", "\\1", "{0.__class__}", '"']


@pytest.mark.parametrize("attack", ATTACKS)
def test_values_in_the_new_steps_are_inert(session: Session, attack: str) -> None:
    before = session.eval("(count (messages))")
    forms = [
        "(pivot (messages) :on content :take (count) :among (list x))",
        "(explode (messages) (p (parts content x)))",
        "(select (messages) (a (replace-all content \"zzz\" \"\")) (b (part content x 0)) (c (json-get content x 0)))",
        "(window (messages) :order-by (id) (n (lag x)))",
        "(having (group-by (messages) content) (= (min content) x))",
        "(unpivot (with-columns (messages) (y x)) :columns (y content) :name n :value v)",
    ]  # fmt: skip
    for form in forms:
        session.eval(f"(count {form})", x=attack)
        if "pivot" not in form:
            session.eval(f"(table->rows (limit {form} 1))", x=attack)
    held = session.eval("(table->rows (rows->table (list {:a x})))", x=attack)
    assert held == [[attack]] and session.eval("(count (messages))") == before


WRONG = [
    ("(having (messages) (> (count) 3))", "table-clause", None, "group-by"),
    ("(having (group-by (messages) author-id) (> content 3))", "table-aggregate", 44, "group by it"),
    ("(window (messages) (n (row-number)))", "table-clause", 20, ":order-by"),
    ("(window (messages) :by nobody (n (count)))", "table-column", 24, None),
    ("(window (messages) :order-by (id) :rows (1 2 3) (n (count)))", "table-value", 41, ":rows 7"),
    ("(window (messages) :sort (id) (n (count)))", "table-clause", 20, ":order-by"),
    ("(window (messages) :order-by (id) (n (sum (lag rating))))", "table-aggregate", 43, None),
    ("(where (messages) (> (row-number) 3))", "table-aggregate", 22, "window"),
    ("(rolling (messages) :on content :width (3 day) (n (count)))", "table-type", 25, None),
    ("(rolling (messages) :on timestamp :width (3 month) (n (count)))", "table-value", 42, None),
    ("(rolling (messages) :on timestamp :width (3 day) (n (lag id)))", "table-aggregate", 50, "window"),
    ("(pivot (messages) :by author-id :take (count))", "table-clause", None, ":on"),
    ("(pivot (messages) :on id :take content :among '(\"1\"))", "table-aggregate", 32, None),
    ("(pivot (messages) :on id :take (count) :among '(1))", "table-type", None, None),
    ("(unpivot (messages) :columns (content timestamp))", "table-type", 30, "text"),
    ("(unpivot (messages) :columns (contnt))", "table-column", 31, "content"),
    ("(explode (messages) (w (lower content)))", "table-operator", 24, "words"),
    ("(explode (messages) (w (words)))", "table-arity", 24, "words"),
    ("(select (messages) (w (words content)))", "table-aggregate", 23, "explode"),
    ("(join (messages) (changes) :on (= id id) :kind asof)", "table-join", None, ">="),
    ("(join (messages) (changes) :on (> content title) :kind asof)", "table-type", 35, None),
    ("(select (messages) (h (hour timestamp \"Europe/Berln\")))", "table-value", 39, "Europe/Berlin"),
    ("(select (messages) (h (bin timestamp 3 :month)))", "table-value", 40, "week"),
    ("(select (messages) (h (extract content \"a\" 2)))", "table-pattern", 44, None),
    ("(select (messages) (h (replace-all content \"a\" \"\\\\2\")))", "table-pattern", 48, None),
    ("(define (g x) (if x (g (lower x)) x)) (where (messages) (g content))", "table-operator", None, "map-rows"),
    ("(define (g x y) x) (where (messages) (g content))", "table-arity", 38, "(g x y)"),
    ("(select (messages) (h (bin timestamp 0 :day)))", "table-type", 38, None),
    ("(window (messages) :order-by (id) (n (ntile 0)))", "table-type", 45, None),
    ("(group-by (messages))", "table-clause", None, "author-id"),
    ("(aggregate (messages))", "table-clause", None, "(n (count))"),
    ("(aggregate (messages) (n (arg-max id)))", "table-arity", None, "(arg-max any ordered)"),
    ("(where (messages) (member author-id \"ann\"))", "table-type", 37, "(member author"),
    ("(where (messages) (in author-id \"ann\"))", "table-operator", 20, "(member value"),
    ("(rows->table '({:a 1} {:a \"x\"}))", "table-type", None, None),
    ("(text->table \"{\" 'jsonl)", "table-value", None, None),
    ("(text->table \"a\" 'xml)", "format", None, "csv"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "code", "column", "hint"), WRONG, ids=[row[0] for row in WRONG])
def test_wrong_forms_are_typed_errors_at_their_place(
    session: Session, form: str, code: str, column: int | None, hint: str | None
) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(form)
    error = caught.value
    assert error.code == code, error.message
    assert error.span is not None and (column is None or error.span.column == column), error.span
    assert hint is None or hint in (error.hint or ""), error.hint


# Plans.

FIRING = {
    "merge-wheres": "(where (where (limit (messages) 9) (= id \"1\")) (> (length content) 1))",
    "drop-truths": "(where (messages) #t (= id \"1\"))",
    "push-where": "(where (join (messages) (authors) :on (= author-id id)) (= name \"x\"))",
    "cheap-first": "(where (messages) (matches? content \"x\") (= id \"1\"))",
    "drop-order": "(aggregate (group-by (order-by (messages) content) author-id) (n (count)))",
    "merge-slices": "(limit (offset (limit (messages) 9) 2) 3)",
    "prune-columns": "(select (with-columns (messages) (n (length content))) id)",
    "common-sub-plans": "(let ((t (where (messages) (= id \"1\")))) (union t t))",
}  # fmt: skip


@pytest.mark.parametrize("rule", FIRING)
def test_each_rule_fires_and_explain_names_it(session: Session, rule: str) -> None:
    assert {r.name for r in RULES} < FIRING.keys()
    told = session.eval(f"(assq 'rules (cdr (explain {FIRING[rule]})))")
    assert rule in [name.name for name, times in told[1:] if times > 0]
    plain = session.eval(f"(table->rows {FIRING[rule]})")
    ((_, table),) = session.run(FIRING[rule])
    plan = table.plan
    raw = session.context.store.rows(*compile_plan(plan, raw=True))
    assert sorted(map(repr, raw)) == sorted(map(repr, session.context.store.rows(*compile_plan(plan))))
    assert len(raw) == len(plain)


def test_a_condition_on_a_join_reaches_the_table_it_is_about() -> None:
    from chorus.runtime.plan import algebra
    from chorus.runtime.values import Symbol, make_list

    joined = algebra.join(
        catalogue.scan("messages"),
        catalogue.scan("authors"),
        make_list([Symbol("="), Symbol("author-id"), Symbol("id")]),
    )
    asked = algebra.where(joined, make_list([make_list([Symbol("="), Symbol("name"), "x"])]), {})
    made, fired = optimise(asked)
    assert isinstance(made, nodes.Join) and isinstance(made.right, nodes.Where) and fired["push-where"] == 1


def test_explain_predicts_and_analyze_measures_each_step(session: Session) -> None:
    form = '(limit (aggregate (group-by (where (messages) (contains? content "e")) author-id) (n (count))) 2)'
    predicted = session.eval(f"(cdr (assq 'predicted (cdr (explain {form}))))")
    assert [write_form(step) for step, _ in predicted][-1] == "(messages)"
    assert predicted[-1][1] == session.eval("(count (messages))")
    steps = session.eval(f"(analyze! {form})")
    counts = [step[Keyword("rows")] for step in steps]
    groups = sql(
        session, "SELECT count(DISTINCT \"author-id\"), count(*) FROM messages WHERE contains(content, 'e')"
    )
    assert counts == [min(2, groups[0][0]), *groups[0], session.eval("(count (messages))")]
    assert all(step[Keyword("ms")] >= step[Keyword("own-ms")] >= 0 for step in steps)


def test_a_limit_is_predicted_from_what_it_limits(session: Session) -> None:
    """The engine itself expects no rows of a limit over a filter."""
    form = '(analyze! (limit (where (messages) (contains? content "e")) 2))'
    limited, filtered, _ = (step[Keyword("predicted")] for step in session.eval(form))
    assert limited == min(2, filtered) > 0


def write_form(value: Any) -> str:
    return "(" + " ".join(map(write_form, value)) + ")" if isinstance(value, list) else write(value)


# Rows that the program holds.


def test_arrow_and_data_frames_are_tables_without_a_copy(session: Session) -> None:
    import pandas as pd

    given = pa.table({"id": [1, 2, 3], "x": ["a", None, "b"]})
    table = session.eval("t", t=given)
    assert (
        table.column("id").chunk(0).buffers()[1].address == given.column("id").chunk(0).buffers()[1].address
    )
    assert rows(session, "(where t (> id 1))", t=given) == [(2, False), (3, "b")]
    assert rows(session, "(select t (y (* 2 id)))", t=pd.DataFrame({"id": [4, 5]})) == [(8,), (10,)]
    first = sql(session, "SELECT id FROM messages ORDER BY id LIMIT 1")[0][0]
    joined = rows(session, "(select (join (messages) t :on id) id x)", t=pa.table({"id": [first], "x": [7]}))
    assert joined == [(first, 7)]


def test_a_session_without_a_workspace_works_on_its_own_rows() -> None:
    with Session(allow=Capabilities("workspace")) as own:
        assert own.eval("(column (order-by (rows->table '({:a 1 :b (1 2)} {:a 3})) (desc a)) a)") == [3, 1]
        assert own.eval("(table->rows (explode (rows->table '({:a 1 :b (1 2)})) (c (json-items b))))") == [
            [1, "[1,2]", "1"], [1, "[1,2]", "2"]
        ]  # fmt: skip


def test_rows_come_in_by_standard_input_and_leave_as_arrow(tmp_path: Path) -> None:
    program = "(aggregate (group-by (stdin :csv) kind) (n (count)) (total (sum amount)))"
    command = [
        sys.executable,
        "-c",
        "from chorus.interpreter.faces.cli import main; raise SystemExit(main())",
    ]
    run = subprocess.run(
        [*command, "--workspace", str(tmp_path / "none"), "--format", "arrow", "-e", program],
        input=b"kind,amount\na,1\nb,2.5\na,4\n",
        capture_output=True,
        check=True,
    )
    made = pa.ipc.open_stream(run.stdout).read_all().to_pylist()
    assert made == [{"kind": "a", "n": 2, "total": 5.0}, {"kind": "b", "n": 1, "total": 2.5}]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(where 5 (= a 1))", "a table is wanted before the clauses, not 5"),
        ("(where t (> s 3))", "(number s) is the number that a text spells"),
        ("(order-by t (dsc n))", "did you mean desc?"),
        ("(union t (select t n))", "union: the first table has a column s; table 2 has no column s"),
        ('(where t (matches? s "["))', "this is no regular expression: missing ]: ["),
        (
            "(rolling t :on at :width (7 fortnight) (c (count)))",
            "its unit one of second minute hour day week",
        ),
    ],
)
def test_wrong_uses_name_what_is_meant(text: str, told: str) -> None:
    rows = """(define t (rows->table '({:n 1 :s "a" :at #inst "2024-03-01T22:30Z"})))"""
    with Session() as session, pytest.raises(EvalError) as caught:
        session.eval(rows + text)
    assert told in f"{caught.value.message} {caught.value.hint}"
