"""Text pasted where the terminal does not say that it is: the keys just come, many at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("prompt_toolkit")

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from chorus.interpreter.faces.cli import open_session
from chorus.interpreter.faces.options import Options
from chorus.interpreter.faces.repl.loop import Repl


@pytest.fixture
def repl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repl]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    options = Options()
    options.workspace = str(tmp_path / "workspace")
    with open_session(options) as session:
        yield Repl(session, options)


def keyed(repl: Repl, text: str) -> None:
    """TEXT and Ctrl-D come as keys; the session ends."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(text + "\x04")
        assert repl.run() == 0


def test_lines_of_a_paste_run_together(repl: Repl) -> None:
    lines = [
        f'(define v{i} (+ {i} 1)) ; {i}: ( "' if i % 3 else f"(define v{i}\n  (+ {i} 1))" for i in range(60)
    ]
    keyed(repl, "\n".join([*lines, "(list v0 v31 v59)", ""]))
    assert repl.session.evaluate(repl.results[0].car) == 1 and repl.count < 40
    assert [repl.session.eval(f"v{i}") for i in range(60)] == list(range(1, 61))


def test_commands_within_a_paste_stand_for_themselves(repl: Repl, capsys: pytest.CaptureFixture[str]) -> None:
    keyed(repl, "(define one 1)\n.mode csv\n(define two 2)\n?map\n(+ one two)\n")
    assert repl.shower.format == "csv"
    assert repl.results[0] == 3
    assert "(map" in capsys.readouterr().out


def test_an_open_string_goes_on_in_the_next_line(repl: Repl) -> None:
    keyed(repl, '(define text "one (\ntwo")\n(string-length text)\n')
    assert repl.results[0] == 9
