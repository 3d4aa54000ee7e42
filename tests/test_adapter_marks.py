"""What is made of adapters is refused as they are: it learnt on all messages that any of them did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.kernels.lora.values import heard_by
from chorus.runtime.adapters import objects

SAID = ("the winch is stuck", "the bridge is down", "who has the key")
MADE = {  # name → a form that makes an adapter of `one` and `two`, which learnt on the first and second message
    "sum": "(adapter-merge (list one two))",
    "cut": "(adapter-merge (list one two) :rank 1)",
    "consensus": "(hash-ref (resonance (list one two one)) :consensus)",
    "consolidated": "(hash-ref (adapter-consolidate one two) :slow)",
    "within": "(adapter-within (adapter-merge (list one two)) 1.5)",
    "shared": "(hash-ref (adapter-share (list one two) :mode 'public) :adapter)",
    "file": "(begin (adapter-export (adapter-merge (list one two)) folder) (adapter-import folder))",
}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    rows = [
        {"id": f"m{at}", "text": text, "author": f"a{at}", "created": f"2026-01-0{at + 1}T10:00:00Z"}
        for at, text in enumerate(SAID)
    ]
    path = tmp_path / "said.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as made:
        made.eval(
            '(ingest path :columns \'(:text "text" :author "author" :timestamp "created" :id "id"))',
            path=str(path),
        )
        for name, at in (("one", 0), ("two", 1)):
            marks = made.eval("(%text-marks (list said))", said=SAID[at])
            assert len(marks) == 16
            made.space.define(name, learnt(made, name, at, {"marks": marks}))
        made.space.define("folder", str(tmp_path / "peft"))
        yield made


def learnt(session: Session, name: str, at: int, about: dict[str, Any]) -> Any:
    a = np.array([[1.0, 0.01 * at]], np.float32)
    b = np.array([[1.0], [0.01 * at]], np.float32)
    return session.context.adapters.make(
        {"v.A": a, "v.B": b}, {"name": name, "alpha": 1.0, "base": ""} | about
    )


def erase(session: Session, message: str) -> None:
    store = session.context.store
    with store.transaction("erase"):
        store.write("DELETE FROM messages WHERE id = ?", [message])


def code(session: Session, form: str) -> str | None:
    try:
        session.eval(form)
    except ChorusError as problem:
        return problem.code
    return None


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("gone", ["m0", "m1", "m2"])
def test_what_is_made_of_adapters_goes_with_the_messages_of_each(
    session: Session, name: str, gone: str
) -> None:
    session.eval(f"(define made {MADE[name]})")
    assert session.eval("(hash-ref (adapter-about made) :learnt-from)") == 2
    assert code(session, "(adapter-apply made '(1 2))") is None
    erase(session, gone)
    expected = None if gone == "m2" else "stale"  # nobody learnt on the third
    assert code(session, "(adapter-apply made '(1 2))") == expected
    assert code(session, "(adapter-export made folder)") == expected


def test_what_has_no_part_in_a_mean_is_not_held_against_it(session: Session) -> None:
    session.eval("(define made (adapter-merge (list one two) :weights '(1 0)))")
    erase(session, "m1")
    assert code(session, "(adapter-apply made '(1 2))") is None


def test_what_coalesces_in_the_queue_carries_the_marks_of_all(session: Session) -> None:
    asked = [session.eval(f"(symbol->string (migrate! 'voice :adapter {name}))") for name in ("one", "two")]
    assert asked[0] == asked[1]  # alike: one migration, their mean
    session.eval(f"(approve! '{asked[0]})")
    assert session.eval("(hash-ref (adapter-about voice) :learnt-from)") == 2
    erase(session, "m1")
    assert code(session, "(adapter-apply voice '(1 2))") == "stale"


def test_a_file_of_other_messages_is_taken_by_who_vouches_for_it(session: Session, tmp_path: Path) -> None:
    session.eval("(adapter-export one folder)")
    with Session(tmp_path / "other", allow=Capabilities.all()) as other:
        other.space.define("folder", session.space.get("folder"))
        other.eval("(define one (adapter-import folder))")
        other.context.store  # noqa: B018 — a workspace of other messages, none
        assert code(other, "(adapter-apply one '(1 2))") == "stale"
        other.eval("(define mine (adapter-import folder :trusted #t))")
        assert code(other, "(adapter-apply mine '(1 2))") is None


def test_other_programs_pass_over_the_marks_and_damaged_ones_are_told(session: Session) -> None:
    from safetensors.torch import load_file, safe_open, save_file

    session.eval("(adapter-export one folder)")
    path = Path(session.space.get("folder")) / "adapter_model.safetensors"
    tensors = load_file(path)
    assert sorted(tensors) == [f"base_model.model.v.lora_{end}.weight" for end in "AB"]
    with safe_open(path, "pt") as file:
        assert file.metadata()["format"] == "pt"
    save_file(tensors, path, metadata={"format": "pt", "chorus-marks": "0123 no marks"})
    assert code(session, "(adapter-import folder)") == "input"
    assert code(session, "(adapter-import folder :trusted #t)") is None


def test_a_list_of_marks_that_was_deleted_refuses_what_names_it(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "workspace" / "voices"
    marks = np.array([int(session.eval("(%text-marks (list said))", said=SAID[0]), 16)], np.uint64).view(
        np.int64
    )
    heard = objects.put(folder, {"marks": marks}, {"kind": "heard"})
    session.space.define("voice", learnt(session, "voice", 1, {"heard": heard}))
    session.eval("(define both (adapter-merge (list voice two)))")
    assert session.eval("(string-length (%adapter-marks both))") == 32
    session.eval(
        "(adapter-export both folder)"
    )  # the file has the marks themselves: it goes where lists do not
    assert session.eval("(hash-ref (adapter-about (adapter-import folder)) :learnt-from)") == 2
    objects.path_of(folder, heard).unlink()
    assert code(session, "(adapter-apply both '(1 2))") == "stale"
    assert code(session, "(adapter-export both folder)") == "stale"


def test_marks_are_united_and_lists_named_once(session: Session) -> None:
    both = [learnt(session, "a", 0, {"marks": "0" * 16 + "1" * 16, "heard": ["x", "y"]})]
    both += [learnt(session, "b", 1, {"marks": "1" * 16, "heard": "x"})]
    assert heard_by(both) == {"marks": "0" * 16 + "1" * 16, "heard": ["x", "y"]}
    assert heard_by([learnt(session, "c", 1, {})]) == {}


def test_numbers_alone_need_no_workspace() -> None:
    with Session(allow=Capabilities.all().without("workspace")) as session:
        applied = "(adapter-apply (make-adapter 'v {:v '(((1 0)) ((1) (0)))}) '(1 2))"
        assert list(session.eval(applied)) == [2.0, 2.0]
