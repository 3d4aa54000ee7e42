"""Chorus among other programs, as a shell joins them: jq, DuckDB, head; a terminal under tmux."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COMMAND = f'exec "{sys.executable}" -m chorus.interpreter.faces.cli "$@"'
Shell = Callable[..., subprocess.CompletedProcess]
MANY = '(rows->table (map (lambda (n) {:n n :who (if (even? n) "ann" "bob")}) (iota 20000)))'


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `chorus` is a command, as after an installation."""
    command = tmp_path / "bin" / "chorus"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\n{COMMAND}\n")
    command.chmod(0o755)
    return f"{command.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def shell(tmp_path: Path, path: str) -> Shell:
    """Runs a line of bash in an empty folder; a failure anywhere in a pipe is one of the line."""

    def run(line: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"], cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PATH": path, "PYTHON": sys.executable, "MANY": MANY, **more},
        )  # fmt: skip

    return run


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_between_csv_and_jq(shell: Shell) -> None:
    done = shell(
        "printf 'who,n\\nann,1\\nbob,2\\nann,3\\n' "
        "| chorus --format jsonl -e '(order-by (aggregate (group-by (stdin :csv) who) (total (sum n))) who)' "
        "| jq -c '[.who, .total]' "
        "| chorus --format csv -e '(rows->table (map (lambda (row) {:who (vector-ref row 0)}) "
        "(let loop ((line (read-line)) (rows (list))) (if (eof-object? line) (reverse rows) "
        "(loop (read-line) (cons (list->vector (string->json line)) rows))))))'"
    )
    assert (done.stdout, done.stderr, done.returncode) == ("who\nann\nbob\n", "", 0)
    array = shell("chorus --format json -e \"$MANY\" | jq '[length, .[19999].n, .[1].who]' -c")
    assert array.stdout == '[20000,19999,"bob"]\n'
    spec = shell("chorus -e \"(plot $MANY :x who)\" | jq -c '[.mark.type, (.data.values | length)]'")
    assert spec.stdout == '["bar",2]\n'
    shown = shell("chorus --json -e '(+ 1 2)' -e '(car 5)' | jq -c '[.value, .error.code]'")
    assert shown.stdout == '[3,null]\n[null,"type"]\n' and shown.returncode == 1


def test_arrow_streams_into_duckdb_and_back(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sum.py").write_text(
        "import sys, duckdb, pyarrow as pa\n"
        "rows = pa.ipc.open_stream(sys.stdin.buffer)\n"
        "print(duckdb.sql('SELECT who, sum(n) AS n FROM rows GROUP BY who ORDER BY who').fetchall())\n"
    )
    done = shell('chorus --format arrow -e "$MANY" | $PYTHON sum.py')
    assert (done.stdout, done.stderr) == ("[('ann', 99990000), ('bob', 100000000)]\n", "")


@pytest.mark.parametrize("format", ["csv", "jsonl", "json", "markdown", "table", "arrow"])
def test_a_reader_that_leaves_is_no_error(shell: Shell, format: str) -> None:
    rows = "(rows->table (map (lambda (n) {:n n :text (make-string 100 #\\a)}) (iota 30000)))"
    done = shell(
        f'chorus --format {format} -e "$ROWS" | head -c 20 | wc -c; echo ${{PIPESTATUS[0]}}', ROWS=rows
    )
    assert done.stderr == "" and done.stdout.split()[0] == "20"
    assert done.stdout.split()[1] == "0"


def test_only_results_are_on_standard_output(shell: Shell) -> None:
    done = shell("chorus -e '(display \"said\")' -e '(car 5)' 2>/dev/null")
    assert done.stdout == "said" and done.returncode == 1
    assert shell("chorus --format csv -e '(+ 1 2)' -e '(list {:a 1})'").stdout == "3\na\n1\n"
    plot = shell(
        'TERM=xterm-kitty KITTY_WINDOW_ID=1 chorus -e "(plot \'(1 2 2))" -e "(show (plot \'(1 2 2)))"'
    )
    assert "\x1b" not in plot.stdout and plot.stdout.startswith('{"$schema"')


@pytest.mark.parametrize(
    ("form", "text"),
    [("csv", "a,b\n1,x\n"), ("json", '[{"a": 1, "b": "x"}]'), ("jsonl", '{"a": 1, "b": "x"}\n')],
)
def test_rows_of_standard_input(shell: Shell, form: str, text: str) -> None:
    done = shell(f"printf '%s' \"$TEXT\" | chorus -e '(table->rows (stdin :{form}))'", TEXT=text)
    assert done.stdout == '((1 "x"))\n'


def test_lines_of_standard_input(shell: Shell) -> None:
    done = shell(
        "printf 'a b\\r\\n\\nc' | chorus -e '(table->rows (with-columns (stdin :lines) (n (length line))))'"
    )
    assert done.stdout == '(("a b" 3) ("" 0) ("c" 1))\n'


def test_ids_go_through_csv_and_meet_themselves(shell: Shell) -> None:
    mine = '(rows->table (list {:id "1096365620465838045" :n 1} {:id "1143362003541582584" :n 2}))'
    done = shell(
        "printf 'id,code,big,n\\n1143362003541582584,007,99999999999999999999,\\n,12,1,7\\n' "
        '| chorus -e "(define came (stdin :csv))" -e "(table->rows came)" '
        '-e "(table->rows (select (join $MINE came :on id) n n-right))"',
        MINE=mine,
    )
    assert done.stdout.splitlines() == [
        '(("1143362003541582584" "007" "99999999999999999999" #f) (#f "12" "1" 7))',
        "((2 #f))",
    ]


def test_a_join_of_numbers_with_texts_says_how_to_make_one_the_other(shell: Shell) -> None:
    done = shell(
        "printf 'id\\n7\\n' | chorus -e '(join (rows->table (list {:id \"7\"})) (stdin :csv) :on id)'"
    )
    assert done.returncode == 1 and "hint: (with-columns table (id (text id)))" in done.stderr


def test_rows_that_are_none_are_an_error_with_a_place(shell: Shell) -> None:
    done = shell("printf '{' | chorus -e '(stdin :jsonl)'")
    assert done.returncode == 1 and "line 1 is no JSON" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("form", ["csv", "lines", "arrow"])
def test_rows_that_came_already_are_no_empty_table(shell: Shell, form: str) -> None:
    given = (
        "printf 'n\\n1\\n'" if form != "arrow" else "chorus --format arrow -e '(rows->table (list {:n 1}))'"
    )
    rows = f"(count (stdin :{form}))"
    done = shell(f"{given} | chorus -e '{rows}' -e '{rows}'")
    assert done.stdout == ("2\n" if form == "lines" else "1\n") and done.returncode == 1
    assert f"standard input was read to its end before\n  --> -e 2:1:8\n  1 | {rows}" in done.stderr
    assert f"hint: rows come once; give them a name: (define rows (stdin :{form}))" in done.stderr


def test_a_program_from_standard_input_leaves_no_rows_there(shell: Shell) -> None:
    done = shell("echo '(stdin :csv)' | chorus -")
    assert done.returncode == 1 and "the program itself came from standard input" in done.stderr


def test_arrow_comes_in_as_it_went_out(shell: Shell) -> None:
    rows = """(rows->table (list {:n 1 :t "x\\r\\n\\"é" :at (moment "2026-01-31")} {:n 2}))"""
    done = shell("chorus --format arrow -e \"$ROWS\" | chorus --format csv -e '(stdin :arrow)'", ROWS=rows)
    straight = shell('chorus --format csv -e "$ROWS"', ROWS=rows)
    assert done.stdout == straight.stdout != "" and done.returncode == 0
    for given in ("printf hello", "printf ''", "printf ARROW1hello"):
        done = shell(f"{given} | chorus -e '(stdin :arrow)'")
        assert done.returncode == 1 and "this is no Arrow stream" in done.stderr


def test_a_cell_of_megabytes_is_a_cell(shell: Shell) -> None:
    text = """import sys; sys.stdout.write("n,t\\n1,a\\n2," + "x" * 3_000_000 + "\\n3,b\\n")"""
    done = shell(
        '"$PYTHON" -c "$TEXT" | chorus --format csv -e "(select (stdin :csv) n (l (length t)))"', TEXT=text
    )
    assert (done.stdout, done.stderr) == ("n,l\n1,1\n2,3000000\n3,1\n", "")


def test_line_ends_within_a_cell_stay_what_they_are(shell: Shell) -> None:
    done = shell("printf 'a\\r\\n\"x\\r\\ny\"\\r\\nz\\r\\n' | chorus -e '(table->rows (stdin :csv))'")
    assert done.stdout == '(("x\\r\\ny") ("z"))\n'
    done = shell("printf 'a\\nčest\\n' | iconv -t utf-16 | chorus -e '(table->rows (stdin :csv))'")
    assert done.stdout == '(("čest"))\n'


@pytest.mark.parametrize(
    "line", ["chorus <&-", "chorus - <&-", "chorus -e '(stdin :csv)' <&-", "chorus -e '(car 1)' 2>&-"]
)
def test_streams_that_are_closed_are_empty(shell: Shell, line: str) -> None:
    done = shell(line)
    assert "Traceback" not in done.stderr and "report this" not in done.stderr and done.stdout == ""
    assert done.returncode == ("-e" in line)


# — a terminal —


@pytest.fixture
def screen(tmp_path: Path, path: str) -> Iterator[Callable[..., str]]:
    """Types into a prompt under tmux; gives what the screen shows once a text is there."""
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    server = ["tmux", "-L", f"chorus-{os.getpid()}-{time.monotonic_ns()}", "-f", "/dev/null"]
    environment = {
        **os.environ,
        "PATH": path,
        "LANG": "C.UTF-8",
        "XDG_STATE_HOME": str(tmp_path),
        "PAGER": "cat",
    }
    subprocess.run([*server, "new-session", "-d", "-x", "100", "-y", "40", "-c", str(tmp_path), "chorus"],
                   check=True, env=environment)  # fmt: skip

    def enter(text: str, awaited: str) -> str:
        for _ in range(300):
            if "chorus>" in capture():
                break
            time.sleep(0.1)
        subprocess.run([*server, "send-keys", "-l", text], check=True)
        time.sleep(0.3)
        subprocess.run([*server, "send-keys", "Enter"], check=True)
        for _ in range(300):
            shown = capture()
            if awaited in shown:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{awaited!r} never came:\n{capture()}")

    def capture() -> str:
        done = subprocess.run([*server, "capture-pane", "-p"], capture_output=True, text=True)
        return done.stdout

    yield enter
    subprocess.run([*server, "kill-server"], check=False)


def test_plots_and_modes_at_the_prompt(screen: Callable[..., str]) -> None:
    shown = screen("(plot '(1 2 2 3 3 3))", "value\n")
    assert "█" in shown and "┤" in shown and max(map(len, shown.splitlines())) <= 100
    screen(".mode csv", "\nchorus>")
    assert "a,b\n1,2\n" in screen("(list {:a 1 :b 2})", "a,b\n1,2")
    assert "value,value to,count" in screen("(plot '(1 2 2))", "value,value to,count")
    screen(".mode table", "\nchorus>")
    assert "50 of 70 rows" in screen("(rows->table (map (lambda (n) {:n n}) (iota 70)))", "50 of 70 rows")
    assert "(70 rows × 1 column)" in screen(".last", "(70 rows × 1 column)")
