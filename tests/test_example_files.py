"""Every example runs as a new user would run it, on a small synthetic community, and says what it promises."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
README = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
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
    run(*CHORUS, "demo", "--messages", "1100", "--seed", "7", "--out", "export.json", cwd=folder)
    return folder, run(*CHORUS, EXAMPLES / "quickstart.sexp", "export.json", cwd=folder)


def test_quickstart_shows_each_form_its_value_and_its_time(demo: tuple[Path, str]) -> None:
    _, printed = demo
    opening, *steps = re.split(r"\n(?=\d\. )", printed)
    assert [step[0] for step in steps] == list("12345678") and "parentheses" in opening
    assert all(re.search(r"\n> \(.+\n(?s:.+)\n  \[\d+\.\d s\]", step) for step in steps)
    assert "added 1100" in steps[0] and "\n1100\n" in steps[0]
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


def test_adapters(tmp_path: Path) -> None:
    printed = run(*CHORUS, "--allow", "rewrite", EXAMPLES / "adapters.sexp", cwd=tmp_path)
    assert "trained: #t" in printed and "the team alone: (0.0 2.0 1.0)" in printed
    assert "the same to the bit: #t" in printed and "still the same: #t" in printed
    assert "What is kept is what was written." in printed and printed.endswith("what was written: #t\n")


def test_meaning(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "meaning.sexp", cwd=demo[0])
    assert printed.splitlines() == ["(1 3)", "((ann 1) (cyd 1))", "1.0"]


def test_personas(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "personas.sexp", cwd=demo[0])
    assert "is now called the-first-voice" in printed and "is taken to be" in printed
    assert "persona-id" in printed


def test_reaction(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "reaction.sexp", cwd=demo[0])
    assert re.search(r"95 % between|no prediction|No answer", printed)


def test_ratings(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "ratings.sexp", cwd=demo[0])
    assert re.search(
        r": 0\.75 by ann, chosen: \(\)\n.*: 1\.0 by bob, chosen: \(\(answer-length \. 2\)", printed
    )
    assert "Again as it was: the same" in printed


def test_health(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "health.sexp", cwd=demo[0])
    assert re.search(r"messages (rises|falls|shows no clear trend), \S+ a week", printed)
    assert re.search(r"Rhythms: \((6\.9|7\.0)", printed), "the week is planted"
    week = re.findall(r"messages, between (\S+) and (\S+) \(\S+, mase (\S+)\)", printed)
    assert len(week) == 7 and all(float(low) < float(high) for low, high, _ in week)


def test_topics(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "topics.sexp", cwd=demo[0])
    assert sorted(re.findall(r"^  (\d)\. .+ people, found$", printed, re.MULTILINE)) == list("123456")
    assert "Topic 1 is now the-first-topic" in printed and "Looks: 2" in printed


def test_who_drives(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "who-drives.sexp", cwd=demo[0])
    assert printed.startswith("gradient ") and "who is tied to whom" in printed
    assert re.search(r"Mentions: [1-9]\d* ties between [1-9]\d* people", printed)


@pytest.mark.slow
def test_voices(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "voices.sexp", cwd=demo[0])
    assert "speaks of" in printed and re.search(r"Next week, by (operator|seasonal-naive):", printed)


@pytest.mark.slow
def test_speak(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "speak.sexp", cwd=demo[0]).splitlines()
    assert "personas are foretold best by their own voice" in printed[0]
    assert printed[1:] == ["#t #t", "simulated voice of", "simulated"]


@pytest.mark.slow
def test_labels(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "labels.sexp", cwd=demo[0])
    right = re.search(r"right in (\d+) %", printed)
    assert right and int(right[1]) > 70 and "intent" in printed.splitlines()[2]


def test_step(tmp_path: Path) -> None:
    done = subprocess.run(
        [*CHORUS, EXAMPLES / "step.sexp"],
        capture_output=True,
        cwd=tmp_path,
        timeout=280,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    values = [line for line in done.stdout.splitlines() if line and not line[0].isdigit()]
    assert values == ["(2 unknown)", "(1/2 1 3)"] and "\n2\n" in done.stdout
    assert "  numbers = (1 2 6)" in done.stderr and done.stderr.count("1 retry") == 2


def test_profile(tmp_path: Path) -> None:
    printed = run(*CHORUS, EXAMPLES / "profile.sexp", cwd=tmp_path)
    assert printed.startswith("The value: (144 66 66)\n")
    rows = [line.split() for line in printed.splitlines()]
    assert ["calls", "total", "self", "rows", "bytes", "place", "form"] in rows
    assert any(row[0] == "465" and row[-3:] == ["(<", "n", "2)"] for row in rows if row)
    assert any("132" in row and "(table->list" in row for row in rows)


def test_trace_and_coverage(tmp_path: Path) -> None:
    printed = run(*CHORUS, EXAMPLES / "trace-and-coverage.sexp", cwd=tmp_path)
    assert "(>= points 50)  with (60 50)" in printed and "  0  (list 'failed points)" in printed


def test_plots(demo: tuple[Path, str]) -> None:
    printed = run(*CHORUS, EXAMPLES / "plots.sexp", cwd=demo[0])
    assert "count a week" in printed and "messages by channel" in printed and "length content" in printed
    run(*CHORUS, "--allow", "write", "-e", '(save-plot (plot-volume) "volume.svg")', cwd=demo[0])
    assert (demo[0] / "volume.svg").read_text(encoding="utf-8").startswith("<svg")


def test_untrusted() -> None:
    printed = run(sys.executable, EXAMPLES / "untrusted.py", cwd=EXAMPLES).splitlines()
    assert printed[0] == "8128" and printed[1].startswith("limit: the limit on seconds")
    assert printed[2].startswith("denied: read-file needs") and printed[3].startswith("worker: ")
    assert printed[4] == "42"


def test_embed() -> None:
    assert run(sys.executable, EXAMPLES / "embed.py", cwd=EXAMPLES).splitlines()[:2] == ["80", "[1, 4, 9]"]


def test_embedding_asks_its_workspace_a_question(demo: tuple[Path, str]) -> None:
    printed = run(sys.executable, EXAMPLES / "embed.py", demo[0] / "chorus.db-dir", cwd=EXAMPLES)
    assert re.search(r"“.+” \[1\]", printed) and re.search(r"\['\d{17,20}'", printed)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`chorus` is a command, as after an installation."""
    command = tmp_path / "bin" / "chorus"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{CHORUS[0]}" -m {CHORUS[2]} "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")


def test_pipe(tmp_path: Path, on_path: None) -> None:
    printed = run("sh", EXAMPLES / "pipe.sh", cwd=tmp_path)
    assert printed.splitlines()[0] == "3" and '"PIPED"' in printed and '"value": [0, 1, 4, 9]' in printed
    assert "FIRST LINE\nSECOND LINE\n" in printed and printed.endswith("raiders,40\nfarmers,12\n")


def snippet(section: str) -> str:
    """The indented text of a SECTION of the README, without its indentation."""
    part = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in part.splitlines() if line.startswith("    ") or not line)


def test_the_readme_s_session(demo: tuple[Path, str]) -> None:
    """Its forms, as typed at the prompt, on a smaller community."""
    typed = re.findall(r"^chorus> (.+(?:\n {11}.+)*)", snippet("A session"), re.MULTILINE)
    assert len(typed) >= 8
    program = "\n".join(form for form in typed if "*1" not in form)
    freed = "(name-persona! 'competitive-players 'named-before)\n"  # the quickstart has given that name
    done = subprocess.run(
        [*CHORUS, "--json", "-"],
        input=freed + program,
        capture_output=True,
        text=True,
        cwd=demo[0],
        timeout=280,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and len(rows) == len(typed), done.stdout[-2000:]
    answers = [row["value"] for row in rows if isinstance(row["value"], dict) and "citations" in row["value"]]
    assert len(answers) == 3 and answers[0]["citations"] and answers[2]["refusal"]


def pattern_of(shown: str) -> str:
    """What the README shows as a pattern: `⋯` stands for anything, lines may break anywhere."""
    return ".*?".join(re.escape(" ".join(part.split())) for part in shown.split("⋯"))


@pytest.mark.slow
def test_the_readme_s_session_shows_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus import Capabilities, Session
    from chorus.interpreter.faces.knowledge import Knowledge
    from chorus.interpreter.faces.repl.show import Shower

    command = re.search(r"`chorus (demo [^`]+)`", README)
    assert command is not None
    run(*CHORUS, *command[1].split(), cwd=tmp_path)
    monkeypatch.chdir(tmp_path)
    with Session("chorus.db-dir", allow=Capabilities.command_line()) as session:
        knowledge = Knowledge(session)
        for entry in snippet("A session").split("chorus> ")[1:]:
            form = re.match(r".+\n(?: {11}.+\n)*", entry)
            assert form is not None
            ((_, value),) = session.run(form[0])
            knowledge.assign("*1", value)
            came = Shower(knowledge).text(value)
            wanted = pattern_of(entry[form.end() :])
            assert re.fullmatch(wanted + " ?", " ".join(came.split())), f"now {form[0]}gives\n{came}"


def test_the_readme_s_pipes(demo: tuple[Path, str], on_path: None) -> None:
    printed = run("sh", "-e", "-c", snippet("In a pipe"), cwd=demo[0])
    assert printed.startswith("1100\n") and "message " in printed and "\nauthor-id,n\n" in printed
    assert (demo[0] / "messages.csv").read_text(encoding="utf-8").startswith("id,author-id,content\n")


def test_the_readme_s_tool(demo: tuple[Path, str]) -> None:
    printed = run(sys.executable, "-c", snippet("In a tool"), cwd=demo[0])
    assert printed == "80\ntype <eval>:1:1 None\n"


def test_the_readme_s_column_mapping(tmp_path: Path) -> None:
    row = {"text": "too hard", "author": "ann", "created": "2026-01-31T10:00:00Z", "recommended": False}
    with gzip.open(tmp_path / "reviews.jsonl.gz", "wt") as out:
        out.write(json.dumps(row) + "\n")
    form = snippet("What it takes in").strip()
    printed = run(*CHORUS, "-e", form, cwd=tmp_path)
    assert ":added 1 " in printed
    table = run(
        *CHORUS, "--format", "csv", "-e", "(select (messages) content rating timestamp)", cwd=tmp_path
    )
    assert table.splitlines()[1].startswith("too hard,0") and "2026-01-31T10:00:00" in table


def test_examples_are_laid_out_and_compile(tmp_path: Path) -> None:
    programs = sorted(EXAMPLES.glob("*.sexp"))
    run(*CHORUS, "fmt", "--check", *programs, cwd=tmp_path)
    changing = [EXAMPLES / "learns.sexp", EXAMPLES / "adapters.sexp"]  # which may rewrite
    run(*CHORUS, "check", *(path for path in programs if path not in changing), cwd=tmp_path)
    run(*CHORUS, "check", "--allow", "rewrite", *changing, cwd=tmp_path)


def test_why() -> None:
    printed = run(*CHORUS, EXAMPLES / "why.sexp", cwd=EXAMPLES)
    assert '(verdict "lag") is wait' in printed and "The rows that it was made of: (0 3)" in printed
    assert re.search(r"least-votes = 3, version v7 \(ann, .*, “two votes were often one person”\)", printed)


def test_what_if() -> None:
    printed = run(*CHORUS, EXAMPLES / "what-if.sexp", cwd=EXAMPLES)
    assert "that is 9.0 more (20.0 %)" in printed and "+ (10.0 40.0 80.0)" in printed
    assert "fails: /: division by zero" in printed and "the price is still 10" in printed


def test_dry_run() -> None:
    printed = run(*CHORUS, EXAMPLES / "dry-run.sexp", cwd=EXAMPLES)
    assert 'ingest with ("monday.json") — takes data in' in printed
    assert 'if (urgent? text) fails: ingest with ("later.json")' in printed
    assert not (EXAMPLES / "chorus.db-dir").exists()


def test_learns(tmp_path: Path) -> None:
    """Point for point: what a team likes, a special form and the learner itself go through the gate, and come back."""
    printed = run(*CHORUS, "--persist", "--allow", "rewrite", EXAMPLES / "learns.sexp", cwd=tmp_path)
    assert "learned from 360 ratings by 6 developers" in printed and "L1 pays" in printed
    assert "L4 does not pay: team-learner stays" in printed
    steps = printed[printed.index("proposed:") :].splitlines()
    assert steps == [
        "proposed: answer-length is to be 6, and is 4",
        "approved: answer-length is 6",
        "a new form: nothing there",
        "a new learner: ageing is not looked at",
        "undone: answer-length is 4, or-else is unknown, ageing is looked at",
        "the record holds: #t",
    ]
    journal = (tmp_path / "chorus.db-dir" / "journal.sexp").read_text(encoding="utf-8")
    assert "or-else" in journal and "team-learner" in journal


def test_every_example_has_a_test() -> None:
    tested = {"quickstart.sexp", "personas.sexp", "reaction.sexp", "why.sexp", "what-if.sexp", "dry-run.sexp"}
    tested |= {"step.sexp", "profile.sexp", "trace-and-coverage.sexp", "plots.sexp", "questions.sexp"}
    tested |= {"embed.py", "pipe.sh", "untrusted.py", "meaning.sexp"}
    tested |= {
        "health.sexp",
        "topics.sexp",
        "who-drives.sexp",
        "voices.sexp",
        "labels.sexp",
        "learns.sexp",
        "ratings.sexp",
        "speak.sexp",
        "adapters.sexp",
    }
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == tested
