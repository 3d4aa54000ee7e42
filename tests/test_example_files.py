"""Every example runs as a new user would run it, on a small synthetic community, and says what it promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
CHORUS = [sys.executable, "-m", "chorus.interpreter.faces.cli"]


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [*map(str, words)], capture_output=True, cwd=cwd, timeout=280, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a workspace in it, made by the quickstart, and what the quickstart printed."""
    folder = tmp_path_factory.mktemp("demo")
    run(*CHORUS, "demo", "--messages", "1500", "--seed", "7", "--out", "export.json", cwd=folder)
    return folder, run(*CHORUS, EXAMPLES / "quickstart.sexp", "export.json", cwd=folder)


def test_quickstart_shows_each_form_its_value_and_its_time(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    opening, *steps = re.split(r"\n(?=\d\. )", printed)
    assert [step[0] for step in steps] == list("12345678") and "parentheses" in opening
    assert all(re.search(r"\n> \(.+\n(?s:.+)\n  \[\d+\.\d s\]", step) for step in steps)
    assert "added 1500" in steps[0] and "\n1500\n" in steps[0]
    assert "talks of:" in steps[1] and "is taken to be" in steps[2]


def test_quickstart_cites_predicts_and_refuses(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    steps = re.split(r"\n(?=\d\. )", printed)
    cited = re.findall(r"message (\d{17,20})", steps[4] + steps[5])
    assert cited and "persona: competitive-players (by alias)" in steps[4]
    known = run(*CHORUS, "--format", "csv", "-e", "(select (messages) id)", cwd=folder)
    assert set(cited) <= set(known.split())
    assert re.search(r"expected \(95 % between [−+]\d\.\d\d and [−+]\d\.\d\d\)|No answer", steps[6])
    assert "No answer" in steps[8], "a question that nobody touched must be refused"


def test_personas(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "personas.sexp", cwd=demo[0])
    assert "is now called the-first-voice" in printed and "is taken to be" in printed
    assert "persona-id" in printed


def test_reaction(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "reaction.sexp", cwd=demo[0])
    assert re.search(r"95 % between|no prediction|No answer", printed)


def test_embed() -> None:
    assert run(sys.executable, EXAMPLES / "embed.py", cwd=EXAMPLES).splitlines()[:2] == ["80", "[1, 4, 9]"]


def test_pipe(tmp_path: Path) -> None:
    command = tmp_path / "chorus"
    command.write_text(f'#!/bin/sh\nexec "{CHORUS[0]}" -m {CHORUS[2]} "$@"\n')
    command.chmod(0o755)
    printed = run("sh", "-c", f'PATH="{tmp_path}:$PATH" {EXAMPLES / "pipe.sh"}', cwd=tmp_path)
    assert printed.splitlines()[0] == "3" and '"PIPED"' in printed and '"value": [0, 1, 4, 9]' in printed


def test_every_example_has_a_test() -> None:
    tested = {"quickstart.sexp", "personas.sexp", "reaction.sexp", "embed.py", "pipe.sh"}
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == tested
