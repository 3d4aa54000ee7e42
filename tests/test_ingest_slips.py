"""What goes wrong in taking files in is said in words that help; reading makes nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Session

ROWS = "".join(
    json.dumps({"id": str(n), "text": f"hello {n}", "author": "ann", "created": f"2026-01-01T00:00:{n:02}Z"})
    + "\n"
    for n in range(20)
)
HEAD = {"guild": {"id": "1", "name": "g"}, "channel": {"id": "2", "name": "c"}}


def take(folder: Path, path: Path, more: str = "") -> dict:
    with Session(folder / "w", allow=Capabilities("workspace", "ingest")) as session:
        return {
            str(key): value for key, value in session.eval(f"(ingest path {more})", path=str(path)).items()
        }


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("export.json", json.dumps(HEAD).encode(), "has no messages"),
        ("rows.jsonl", ROWS.encode("utf-16"), "UTF-16"),
        ("document.json", json.dumps([{"text": "a"}]).encode("utf-16"), "UTF-16"),
        ("rows.jsonl.gz", gzip.compress(ROWS.encode())[:-30], "ends in the middle"),
        ("export.zip", b"PK\x03\x04" + bytes(30), "unpack it"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ChorusError, match=said) as told:
        take(tmp_path, tmp_path / name)
    assert told.value.code == "input"


def test_a_slip_in_the_columns_is_told_and_other_names_are_kept(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROWS)
    with pytest.raises(ChorusError, match=":columns knows no field :txt") as told:
        take(tmp_path, tmp_path / "rows.jsonl", ':columns (:txt "text")')
    assert ":text" in (told.value.hint or "")
    assert take(tmp_path, tmp_path / "rows.jsonl", ':columns (:mood "author")')[":added"] == 20


def test_pictures_beside_an_export_are_no_rows(tmp_path: Path) -> None:
    media = tmp_path / "export" / "rows.json_Files"
    media.mkdir(parents=True)
    (media / "avatar-1.PNG").write_bytes(b"\x89PNG")
    (tmp_path / "export" / "rows.jsonl").write_text(ROWS)
    taken = take(tmp_path, tmp_path / "export")
    assert (taken[":added"], taken[":quarantined"], taken[":files"]) == (20, 0, 1)


def test_reading_makes_no_workspace_and_the_first_write_does(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    (tmp_path / "rows.jsonl").write_text(ROWS)
    with Session(folder, allow=Capabilities("workspace", "ingest")) as session:
        assert session.eval("(count (messages))") == 0
        assert session.eval("(table->list (join (messages) (authors) :on (= author-id id)))") == []
        assert not folder.exists()
        session.eval("(ingest path)", path=str(tmp_path / "rows.jsonl"))
        assert session.eval("(count (messages))") == 20


@pytest.mark.parametrize(
    "form",
    [
        '(persona-inquiry \'everyone "Is it too hard?")',
        '(query (type persona-inquiry) (target everyone) (parameters (question "Is it too hard?")))',
        "(query (type analytics) (target everyone))",
        "(predict 'churn 'nerf-bow)",
        "(discover-personas)",
        "(workspace-info)",
        '(guard (e (#t "refused")) (similar-to "1"))',
    ],
)
def test_who_asks_in_an_empty_folder_leaves_it_empty(tmp_path: Path, form: str) -> None:
    with Session(tmp_path / "w", allow=Capabilities.all()) as session:
        session.eval(form)
        assert not (tmp_path / "w").exists()
        assert session.eval('(answer-turn (persona-inquiry \'everyone "Is it too hard?"))') is False


def test_the_first_question_after_an_ingestion_is_the_first_turn(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROWS)
    with Session(tmp_path / "w", allow=Capabilities.all()) as session:
        ask = '(answer-turn (persona-inquiry \'everyone "Is it too hard?"))'
        assert session.eval(ask) is False
        session.eval("(ingest path)", path=str(tmp_path / "rows.jsonl"))
        assert (session.eval(ask), session.eval(ask), session.eval("(count (turns))")) == (1, 2, 2)
