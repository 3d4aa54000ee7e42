"""Settings: what is chosen for a turn, by whom and with which probability; and that every choice shows in answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from feedback_helpers import ask, made_workspace, opened

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.synthetic import generate

SETTINGS = [str(name) for name in Session().eval("(settings)")]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened(made_workspace(tmp_path_factory.mktemp("settings"))) as made:
        yield made


def data(session: Session, turn: int) -> dict:
    return json.loads(session.eval("(hash-ref (%turn n) :data)", n=turn))


def test_there_are_some_and_each_stands_at_one_of_its_choices() -> None:
    with Session() as plain:
        assert 8 <= len(SETTINGS) <= 14
        for name in SETTINGS:
            assert plain.eval(f"(and (member {name} (setting-choices '{name})) #t)") is True
            assert len(plain.eval(f"(setting-choices '{name})")) >= 2
            assert plain.eval(f"(setting-doc '{name})").endswith(".")


@pytest.mark.parametrize(
    "form",
    [
        '(define-setting size 5 :choices (1 2) "How much.")',
        '(define-setting size 1 (1 2) "How much.")',
        '(define-setting size 1 :choices () "How much.")',
        "(define-setting size 1 :choices (1 2))",
    ],
)
def test_a_setting_that_is_none_is_refused_where_it_stands(form: str) -> None:
    with Session() as plain, pytest.raises(ChorusError) as caught:
        plain.eval(form)
    assert caught.value.span is not None and caught.value.hint


def test_what_is_tried_goes_before_what_was_learned_and_that_before_the_definition() -> None:
    with Session(developer="ann") as plain:
        read = "(list (the-setting answer-length) (as-developer 'bob (the-setting answer-length)))"
        assert plain.eval(read) == [4, 4]
        plain.eval('(set! developer-settings \'(("ann" (answer-length . 6))))')
        assert plain.eval(read) == [6, 4]
        assert plain.eval(f"(with-choices '((answer-length . 2)) (lambda () {read}))") == [2, 2]
        plain.eval('(rewrite answer-length 3 :reason "shorter")')
        assert plain.eval(read) == [6, 3]
        plain.eval("(rollback! 'base)")
        assert plain.eval(read) == [4, 4]


def test_a_setting_of_ones_own_is_a_definition_with_versions() -> None:
    with Session() as plain:
        plain.eval('(define-setting tone mild :choices (mild bold) "How it sounds.")')
        assert "tone" in [str(name) for name in plain.eval("(settings)")]
        assert (
            plain.eval("(with-choices '((tone . bold)) (lambda () (eq? (the-setting tone) 'bold)))") is True
        )
        plain.eval("(undo!)")
        assert "tone" not in [str(name) for name in plain.eval("(settings)")]


def test_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_DEVELOPER", "cem")
    asked = '(list (current-developer) (as-developer "bob" (current-developer)))'
    with Session(developer="ann") as told, Session() as closed:
        assert told.eval(asked) == ["ann", "bob"]
        assert closed.eval(asked) == ["someone", "bob"]  # it may not look at its surroundings
    with Session(allow=Capabilities.all()) as told:
        assert told.eval("(current-developer)") == "cem"


def test_a_turn_says_what_was_tried_with_which_probability(session: Session) -> None:
    question = "What do players think of the halberd?"
    assert data(session, ask(session, "'everyone", question))["choices"] == {}
    before = session.eval("decide-settings")
    session.eval("(set! decide-settings (lambda (context) '((answer-length 2 0.25) (other-side 0 0.5))))")
    try:
        turn = ask(session, "1", question, "(other-side . 2)")  # which is therefore not decided again
    finally:
        session.eval("(set! decide-settings before)", before=before)
    told = data(session, turn)
    assert told["choices"] == {
        "answer-length": {"value": "2", "p": 0.25},
        "other-side": {"value": "2", "p": 1},
    }
    assert (told["developer"], told["kind"], told["persona"]) == ("ann", "attitude", "halberd-vault")
    assert told["ms"] > 0 and told["proposal"] is False and told["audiences"][0]["run"] == 1


def test_all_questions_that_are_kept_are_logged(session: Session) -> None:
    for form, kind in [
        ("(analyze 'everyone)", "analysis"),
        ("(compare 1 2)", "comparison"),
        ("(predict 'churn 'nerf-bow)", "prediction"),
        ("(persona-reaction 1 'nerf-bow)", "prediction"),
    ]:
        assert data(session, session.eval(f"(answer-turn {form})"))["kind"] == kind


class Asked:
    """Questions to a synthetic community, and what it answers with all settings as they come."""

    def __init__(self, folder: Path) -> None:
        generate(900, 5, folder / "export.json")
        self.session = opened(folder / "workspace")
        self.session.eval("(ingest path)", path=str(folder / "export.json"))
        self.session.eval("(begin (embed!) (discover-personas))")
        rows = (folder / "export.questions.jsonl").read_text(encoding="utf-8").splitlines()
        labelled = [row for row in rows if json.loads(row)["answerable"]][::6][:12]
        self.forms = [
            f"(ask-labelled (json-question {json.dumps(row, ensure_ascii=False)}))" for row in labelled
        ]
        self.forms += [
            f'(persona-inquiry {who} "{what}")'
            for who, what in [
                ("'everyone", "Is the matchmaking fair?"),
                ("'everyone", "What are their plans?"),
                ("1", "What do they think of the price?"),
                ("1", "Is the matchmaking fair?"),
                ("'wizards", "Is the matchmaking fair?"),
            ]
        ]
        self.plain = [self.told(form) for form in self.forms]

    def told(self, form: str, choice: str = "") -> object:
        what = f"(let ((a {form})) (list (answer-refusal a) (answer-text a)))"
        safe = f"(guard (e (#t (error-object-message e))) {what})"
        return self.session.eval(
            f"(parameterize ((%replayed-turn 1)) (with-choices '({choice}) (lambda () {safe})))"
        )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    made = Asked(tmp_path_factory.mktemp("asked"))
    yield made
    made.session.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_choices_show_in_answers(asked: Asked, name: str) -> None:
    texts = asked.session.eval(f'(map (lambda (c) (format "~s" c)) (setting-choices \'{name}))')
    assert any(
        asked.told(form, f"({name} . {text})") != plain
        for text in texts
        for form, plain in zip(asked.forms, asked.plain, strict=True)
    ), f"no choice of {name} changes any of {len(asked.forms)} answers"


def test_answers_of_a_copy_are_the_same_with_nothing_chosen(session: Session, tmp_path: Path) -> None:
    """Choosing what holds anyway changes nothing at all."""
    defaults = " ".join(session.eval(f'(format "({name} . ~s)" {name})') for name in SETTINGS)
    question = "How would they react to a nerf of halberd damage?"
    plain, chosen = (ask(session, "1", question, choices) for choices in ("", defaults))
    texts = [
        {**json.loads(session.eval("(hash-ref (%turn n) :answer)", n=n)), "turn": 0, "computed": 0}
        for n in (plain, chosen)
    ]
    assert texts[0] == texts[1]
    shutil.rmtree(tmp_path)
