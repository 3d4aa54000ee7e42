"""The prompt in a real terminal: multi-line entry, results, help, Ctrl-C, definitions that stay."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect")

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07")


class Terminal:
    """A prompt under test; WAIT returns what was shown since the last wait, without colours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm",
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "chorus.interpreter.faces.cli", "--workspace", str(folder / "w")],
            cwd=str(folder),
            env=environment,
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 100),
        )
        self.wait("Ctrl-D to leave")

    def enter(self, text: str) -> None:
        self.child.send(text + "\r")

    def wait(self, text: str) -> str:
        """Read until TEXT has been shown."""
        seen = ""
        while text not in ESCAPES.sub("", seen):
            seen += self.child.read_nonblocking(4096, timeout=30)
        return ESCAPES.sub("", seen)

    def leave(self) -> None:
        time.sleep(0.5)  # the prompt is drawn before it listens
        self.child.sendeof()
        self.child.expect(pexpect.EOF)
        self.child.close()


def piped(child: pexpect.spawn, entry: str, out: Path) -> str:
    """What a prompt whose output goes to the file OUT writes for ENTRY, after which it is left."""
    child.send(entry + "\r")
    deadline = time.monotonic() + 30
    while not out.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    return out.read_text()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.child.close(force=True)


def test_a_session_at_the_prompt(terminal: Terminal, tmp_path: Path) -> None:
    terminal.enter("(* 6 7)")
    terminal.wait("\n42")
    terminal.enter("(define (twice x)")  # not balanced: the prompt goes on
    terminal.wait("…")
    terminal.enter("(* 2 x))")
    terminal.enter("(twice *1)")
    terminal.wait("\n84")
    terminal.enter("(car 5)")
    shown = terminal.wait("error[type]")
    assert "Traceback" not in shown
    terminal.enter("(list 'still *1)")
    terminal.wait("(still 84)")
    terminal.enter("?string-append")
    assert "(string-append" in terminal.wait("effects")
    terminal.enter("?strng-append")
    terminal.wait("did you mean string-append")
    terminal.enter(".hlp")
    terminal.wait("did you mean .help")
    terminal.enter(":persist")
    terminal.wait("definitions are kept in")
    terminal.child.send("(twic\t")  # Tab completes
    time.sleep(1.0)
    terminal.enter(" 21)")
    terminal.wait("\n42")
    terminal.enter("(display 'no-newline)")
    terminal.wait("\nno-newline\r\n")  # the prompt starts on a line of its own
    terminal.leave()
    # What was defined at the prompt is there the next time.
    again = Terminal(tmp_path)
    again.enter("(twice 50)")
    again.wait("\n100")
    again.leave()
    assert (tmp_path / "state" / "chorus" / "history").stat().st_mode & 0o777 == 0o600


def test_an_error_can_be_gone_on_from(terminal: Terminal) -> None:
    terminal.enter("(define (inv x) (/ 1 x))")
    terminal.enter("(define (all xs) (map inv xs))")
    terminal.enter("(list 'sum (apply + (all '(1 0 2))))")
    assert ".use FORM for (/ 1 x)" in terminal.wait(".retry   .abort")
    terminal.enter(".use (car 5)")  # a form that fails changes nothing
    terminal.wait("error[type]")
    terminal.enter(".use (* 2 5)")
    terminal.wait("(sum 23/2)")
    terminal.enter("(map-rows (rows->table '({:n 1} {:n 0} {:n 4})) (lambda (row) (inv (get row :n))))")
    terminal.wait(".skip the row")
    terminal.enter(".skip")
    terminal.wait("(1 1/4)")
    terminal.enter("(twice 4)")
    assert ".use" not in terminal.wait("error[unbound]")
    terminal.enter("(define (twice x) (* 2 x))")
    terminal.enter("(inv 0)")
    terminal.wait(".retry   .abort")
    terminal.enter("(define (inv x) 'mended)")
    terminal.enter(".retry")
    terminal.wait("\nmended")
    terminal.enter(".abort")
    terminal.enter(".use 5")
    terminal.wait("there is nothing to go on with")
    terminal.leave()


def test_ctrl_c_stops_and_keeps_the_session(terminal: Terminal) -> None:
    terminal.enter("(define kept 'here) kept")
    terminal.wait("\nhere")
    terminal.enter("(let loop ((i 0)) (loop (+ i 1)))")
    terminal.child.expect(r"\r\n")
    time.sleep(1)  # a person sees it run before stopping it
    terminal.child.sendintr()
    terminal.wait("interrupted")
    terminal.enter("(list kept *1)")
    terminal.wait("(here here)")
    terminal.leave()


def test_no_color_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = re.compile(r"\x1b\[(?:\d+;)*3\d")
    seen = {}
    for value in ("", "1"):
        monkeypatch.setenv("NO_COLOR", value)
        opened = Terminal(tmp_path / f"no{value}")
        opened.enter("(car 5)")
        raw = ""
        while "(car 5)" not in ESCAPES.sub("", raw).partition("error[type]")[2]:
            raw += opened.child.read_nonblocking(4096, timeout=30)
        seen[value] = coloured.search(raw) is not None
        opened.leave()
    assert seen == {"": True, "1": False}


def test_results_alone_go_into_a_pipe(tmp_path: Path) -> None:
    """`chorus | tee log`: the prompt is drawn on stderr."""
    command = f"'{sys.executable}' -m chorus.interpreter.faces.cli | cat > out.txt"
    child = pexpect.spawn("sh", ["-c", command], cwd=str(tmp_path), encoding="utf-8", timeout=30)
    child.expect("Ctrl-D to leave")
    child.expect("chorus>")
    assert piped(child, "(* 6 7)", tmp_path / "out.txt") == "42\n"


def test_what_exceeds_the_screen_goes_to_the_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, not cut; short values do not; `.pager off` turns it off; afterwards the prompt goes on."""
    kept = tmp_path / "paged.txt"
    monkeypatch.setenv("PAGER", f"cat >> '{kept}'; echo left the pager")
    opened = Terminal(tmp_path / "p")
    opened.enter("(+ 20 22)")
    opened.wait("42")
    assert not kept.exists()
    opened.enter('(rows->table (map (lambda (n) {:n n :text "row"}) (iota 300)))')
    opened.wait("left the pager")
    rows = kept.read_text().splitlines()
    assert sum("row" in line for line in rows) >= 300 and any("299" in line for line in rows)
    opened.enter("(make-string 9000 #\\z)")
    opened.wait("left the pager")
    assert kept.read_text().count("z") == 9000
    size = kept.stat().st_size
    opened.enter(".pager off")
    opened.wait("pager is off")
    opened.enter("(iota 3000)")
    opened.wait("(the rest: .last)")
    opened.leave()
    assert kept.stat().st_size == size


def test_a_pager_that_cannot_be_run_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_PAGER", "no-such-pager-anywhere 2>/dev/null")
    opened = Terminal(tmp_path / "p")
    opened.enter("(iota 3000)")
    opened.wait("(the rest: .last)")
    opened.leave()


@pytest.mark.parametrize("words", ["", "--json"])
def test_nothing_is_paged_into_a_pipe_or_as_json(words: str, tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m chorus.interpreter.faces.cli {words} | cat > out.txt"
    environment = {**os.environ, "PAGER": "touch paged; cat", "TERM": "xterm"}
    child = pexpect.spawn(
        "sh", ["-c", command], cwd=str(tmp_path), env=environment, encoding="utf-8", timeout=30
    )
    child.expect("chorus>")
    assert "998" in piped(child, "(iota 3000)", tmp_path / "out.txt") and not (tmp_path / "paged").exists()


def test_an_answer_is_rated_opened_and_copied(tmp_path: Path) -> None:
    from feedback_helpers import made_workspace

    made_workspace(tmp_path).rename(tmp_path / "w")
    terminal = Terminal(tmp_path)
    try:
        terminal.enter('(persona-inquiry \'everyone "What do players think of the halberd?")')
        terminal.wait("turn 1")
        time.sleep(0.5)
        terminal.child.send("\x1b4")  # Alt-4
        terminal.wait("turn 1 rated 4 of 5")
        terminal.enter(".down far too short")
        terminal.wait("turn 1 rated 1 of 5")
        terminal.enter(".rate x")
        terminal.wait("from 1 to 5")
        terminal.enter(".open 1")
        terminal.wait("one-shots me")
        terminal.enter(".copy")
        terminal.wait("[1] message h013")
        terminal.enter(
            "(map (lambda (f) (list (get f :kind) (get f :rating) (get f :comment))) (%feedback 1))"
        )
        terminal.wait('((rating 4.0 #f) (rating 1.0 "far too short") (opened #f #f) (copied #f #f))')
        terminal.leave()
    finally:
        terminal.child.close(force=True)


def test_what_stands_outside_of_the_language(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell, words that newcomers type, what is asked before it is lost, edits by structure."""
    terminal.enter("!echo from the $((40 + 2)) shell; exit 3")
    assert "from the 42 shell" in terminal.wait("(exit code 3)")
    terminal.enter("2 + 3")
    terminal.wait("the operator comes first: (+ 2 3)")
    terminal.enter("help")
    assert "!command" in terminal.wait("takes brackets away")
    terminal.enter("(forget-unknown-names!)")
    terminal.wait("Go on? (y/N)")
    time.sleep(0.5)
    terminal.enter("")
    terminal.wait("nothing was done")
    time.sleep(0.5)
    terminal.child.send("(list 1 (+ 2 3) 4)" + "\x1b[D" * 4)  # within (+ 2 3)
    terminal.child.send("\x1bs")  # Alt-S: its brackets go
    time.sleep(0.5)
    terminal.enter("")
    terminal.wait("(1 #<procedure +> 2 3 4)")
    terminal.enter(".theme nosuch")
    terminal.wait("known: dark light plain")
    terminal.enter("quit")
    terminal.child.expect(pexpect.EOF)


def test_the_editor_and_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('format = "csv"\nthem = "light"\n')
    monkeypatch.setenv("CHORUS_CONFIG", str(config))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/20/40/")
    environment = {
        **os.environ,
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "TERM": "xterm",
        "XDG_STATE_HOME": str(tmp_path),
    }
    child = pexpect.spawn(
        sys.executable, ["-m", "chorus.interpreter.faces.cli"], cwd=str(tmp_path), env=environment,
        encoding="utf-8", timeout=30, dimensions=(40, 100),
    )  # fmt: skip
    child.expect("there is no setting them; did you mean theme")
    child.expect("Ctrl-D to leave")
    child.send("(rows->table '({:n 20 :m 2}))\r")
    child.expect("n,m\r\n20,2")
    child.send(".edit\r")
    child.expect("40")  # it waits at the prompt
    time.sleep(0.5)
    child.send("\r")
    child.expect("n,m\r\n40,2")
    child.close(force=True)


def test_ctrl_z_suspends(tmp_path: Path) -> None:
    """A shell that has jobs, with the prompt in front."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no shell with jobs")
    environment = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(tmp_path)}
    shell = pexpect.spawn(
        bash, ["--norc", "-i"], cwd=str(tmp_path), encoding="utf-8", timeout=30, env=environment
    )
    shell.sendline(f"'{sys.executable}' -m chorus.interpreter.faces.cli --no-persist")
    shell.expect("Ctrl-D to leave")
    time.sleep(1)
    shell.send("\x1a")
    shell.expect("Stopped")
    shell.sendline("fg")
    time.sleep(1)
    shell.send("(* 6 7)\r")
    shell.expect("42")
    shell.close(force=True)
