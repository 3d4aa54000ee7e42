"""Labelled questions: what is planted is what they ask, and what the harness says of answers is so."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from answer_helpers import community, community_session

import chorus.runtime.synthetic as synthetic
from chorus import Capabilities, EvalError, Session
from chorus.runtime.synthetic import generate
from chorus.runtime.synthetic.facts import KEPT_SETS

SIDES = [
    *((f"f{n}", f"for{n}", text) for n, text in enumerate((
        "Please raise the price of the pass, it is worth more.",
        "A higher price for the pass is fine with me, I would love to pay it.",
        "The pass could cost more, raise its price and keep the servers running.",
    ))),
    *((f"g{n}", f"against{n}", text) for n, text in enumerate((
        "Lower the price of the pass, please.",
        "The price of the pass is far too high for students.",
    ))),
    *((f"c{n}", "against1", "The price of the pass is far too high for students" + "!" * n) for n in range(1, 5)),
    ("i1", "mallory", "The price of the pass? ![x](http://evil.example/?d=1) I love a higher price of the pass."),
]  # fmt: skip
PRICE = "How would they react to a higher price of the pass?"


class Made:
    """One generated community with its questions."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "export.json"
        generate(3000, 5, self.path)
        self.rows = [
            json.loads(line) for line in self.path.with_suffix(".questions.jsonl").open(encoding="utf-8")
        ]
        messages = json.loads(self.path.read_text(encoding="utf-8"))["messages"]
        self.said = {m["id"]: (m["author"]["id"], m["timestamp"]) for m in messages}
        self.truth = json.loads(self.path.with_suffix(".truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("questions"))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with community_session(SIDES, tmp_path_factory.mktemp("asked")) as opened:
        yield opened


def test_half_of_at_least_200_questions_have_no_answer(made: Made) -> None:
    with_answer = [row for row in made.rows if row["answerable"]]
    assert len(made.rows) >= 200 and len(with_answer) * 2 == len(made.rows)
    assert len({row["kind"] for row in made.rows}) >= 9


def test_what_answers_is_said_by_those_asked_in_the_time_asked(made: Made) -> None:
    for row in made.rows:
        if not row["answerable"]:
            assert not row["for"] and not row["against"]
        for message in row["for"] + row["against"]:
            author, at = made.said[message]
            assert author in row.get("authors", [author]), row
            assert row.get("since", "") <= at <= row.get("until", "9"), row


def test_what_is_asked_of_the_wrong_people_or_time_is_answered_elsewhere_only(made: Made) -> None:
    answers = {fact["question"]: fact["answered"] for fact in made.truth["facts"]}
    checked = 0
    for row in made.rows:
        for message in answers.get(row["question"], []) if row["kind"].startswith("wrong-") else []:
            author, at = made.said[message]
            checked += 1
            assert author not in row.get("authors", []), row
            assert "since" not in row or not row["since"] <= at < row["until"], row
    assert checked >= 5


def test_the_generator_shares_no_code_with_the_answerer() -> None:
    for path in Path(synthetic.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any((name or "").startswith(("chorus.kernels", "chorus.interpreter")) for name in modules)


def test_a_folder_with_labelled_questions_ingests_without_them(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for suffix in (".json", ".questions.jsonl"):
        (folder / f"export{suffix}").write_bytes(made.path.with_suffix(suffix).read_bytes())
    with Session(tmp_path / "w", allow=Capabilities.all()) as opened:
        assert opened.eval("(hash-ref (ingest path) :files)", path=str(folder)) == 1


def test_files_tables_and_lists_are_read_alike(session: Session, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"question": "Why?", "answerable": true, "for": ["m1"]}\n\n')
    (tmp_path / "q.csv").write_text('question,answerable,for\nWhy?,true,"[""m1""]"\n')
    listed = '\'({:question "Why?" :answerable #t :for ("m1")})'
    read = [
        session.eval(f"(value->json (map (lambda (q) (list (hash-ref q :question) (hash-ref q :answerable)"
                     f" (as-list (hash-ref q :for)))) (read-questions {source})))")
        for source in (f'"{tmp_path}/q.jsonl"', f'"{tmp_path}/q.csv"', listed,
                       f'(text->table (read-file "{tmp_path}/q.csv") \'csv)')
    ]  # fmt: skip
    assert set(read) == {'[["Why?", true, ["m1"]]]'}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("7", "type"),
        ("{:answerable #t}", "question"),
        ('{:question "Why?"}', "question"),
        ('{:question "Why?" :answerable #t :auhtors (list "a")}', "unknown-column"),
    ],
)
def test_a_wrong_label_is_a_typed_error(session: Session, row: str, code: str) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(f"(evaluate-answers (list {row}))")
    assert caught.value.code == code


def test_the_harness_tells_right_from_wrong(session: Session) -> None:
    """The same question under a true and a false label: the answer is one, the verdict is not."""
    forms = """(define rows (evaluation-rows (evaluate-answers (list
                 {:question "What do players think of the halberd?" :answerable #t :for '("h010" "h011" "h012" "h013")}
                 {:question "What do players think of the halberd?" :answerable #t :for '("h025")}
                 {:question "What do players think of the halberd?" :answerable #f}
                 {:question "Which bank gives the best mortgage?" :answerable #f}))))"""
    session.eval(forms)
    rows = json.loads(session.eval("(value->json rows)"))
    assert [row["answered"] for row in rows] == [True, True, True, False]
    assert [row["right"] for row in rows] == [True, False, False, False]
    assert all(row["cited"] == row["sound"] for row in rows)
    whole = json.loads(session.eval("(value->json (summarised rows))"))
    assert (whole["answered"], whole["right"], whole["false-answers"]) == (1.0, 0.5, 0.5)


def test_a_citation_by_somebody_who_was_not_asked_is_found_out(session: Session) -> None:
    cited = '(make-citation "h010" span "x" #f #f #f #f #f)'
    span = next(m["text"] for m in community()["messages"] if m["id"] == "h010")
    author = "a-" + next(m["author"] for m in community()["messages"] if m["id"] == "h010")
    check = f"(sound-citation? {{:authors (list who)}} {cited})"
    assert session.eval(check, who=author, span=span) is True
    assert session.eval(check, who="a-nobody", span=span) is False
    assert session.eval(check, who=author, span=span + "?") is False


def ask(session: Session, question: str) -> dict[str, Any]:
    return json.loads(session.eval("(value->json (persona-inquiry 'everyone question))", question=question))


def test_both_sides_are_shown_with_how_many_people_are_on_each(session: Session) -> None:
    answer = ask(session, PRICE)
    numbers = {row["name"]: row["value"] for row in answer["computed"]}
    assert numbers["for"] >= 3 and numbers["against"] == 2, "copies by one author are one voice"
    assert {c["side"] for c in answer["citations"]} == {"for", "against"}
    assert f"{numbers['for']} say: " in answer["answer"]
    assert f"{numbers['against']} see it differently: " in answer["answer"]


def test_a_number_in_an_answer_comes_from_the_query_beside_it(session: Session) -> None:
    computed = ask(session, PRICE)["computed"]
    assert computed
    for row in computed:
        assert session.eval(row["query"]) == row["value"]


def test_pictures_in_messages_are_not_shown_as_pictures(session: Session) -> None:
    shown = session.eval(
        "(answer->string (persona-inquiry 'everyone q))", q="What about the evil example picture?"
    )
    assert "![" not in shown
    assert session.eval('(inert "![x](http://evil.example)")') == "!\\[x](http://evil.example)"


@pytest.mark.slow
def test_without_the_messages_that_answer_nothing_is_answered(tmp_path: Path) -> None:
    """Negative control: the same community and questions, what was planted as an answer taken out."""
    shares = {}
    for name in ("whole", "emptied"):
        path = tmp_path / name / "export.json"
        path.parent.mkdir()
        generate(1500, 5, path)
        rows = [json.loads(line) for line in path.with_suffix(".questions.jsonl").open(encoding="utf-8")]
        asked = [row for row in rows if row["answerable"]][:40]
        if name == "emptied":
            gone = {message for row in rows for message in row["for"] + row["against"]}
            whole = json.loads(path.read_text(encoding="utf-8"))
            whole["messages"] = [m for m in whole["messages"] if m["id"] not in gone]
            path.write_text(json.dumps(whole), encoding="utf-8")
        with Session(tmp_path / name / "w", allow=Capabilities.all()) as opened:
            opened.eval("(ingest path)", path=str(path))
            opened.eval("(embed!)")
            questions = tmp_path / f"{name}.jsonl"
            questions.write_text("".join(json.dumps(row) + "\n" for row in asked))
            shares[name] = opened.eval(
                "(hash-ref (evaluation-summary (evaluate-answers path)) :answered)", path=str(questions)
            )
    assert shares["whole"] >= 0.6 and shares["emptied"] <= 0.1, shares


def test_facts_and_wordings_kept_for_evaluation_are_others(tmp_path: Path) -> None:
    """No question, answer or opinion of the reserved files stands in the files that were tuned on."""
    texts = {}
    for reserved in range(len(KEPT_SETS)):
        path = tmp_path / f"{reserved}.json"
        generate(3000, 5, path, reserved=reserved)
        rows = [json.loads(line) for line in path.with_suffix(".questions.jsonl").open(encoding="utf-8")]
        assert sum(row["answerable"] for row in rows) * 2 == len(rows) >= 200
        texts[reserved] = {row["question"] for row in rows}
    assert all(not texts[one] & texts[other] for one in texts for other in texts if one < other)
