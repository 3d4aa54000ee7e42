"""The command-line contract, as a shell sees it: output, streams, exit codes, limits, capabilities."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHORUS = [sys.executable, "-m", "chorus.interpreter.faces.cli"]
Run = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def chorus(tmp_path: Path) -> Run:
    """Runs the command in an empty folder."""

    def run(*words: str, input: str | bytes = "", timeout: float = 60) -> subprocess.CompletedProcess:
        data = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [*CHORUS, *words], input=data, capture_output=True, cwd=tmp_path, timeout=timeout, check=False
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def test_expressions_print_as_write_does(chorus: Run) -> None:
    done = chorus("-e", '(+ 1 2) "a\\"b"', "-e", "(define x 1)", "-e", "(list x #t 'y :k 1/2 #\\a)")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["3", '"a\\"b"', "(1 #t y :k 1/2 #\\a)"]


def test_a_pipe_is_a_program(chorus: Run) -> None:
    assert chorus("-", input="(* 6 7)\n'done").stdout == "42\ndone\n"
    assert chorus(input="(* 6 7)").stdout == "42\n"


def test_a_script_prints_only_what_it_writes(chorus: Run, tmp_path: Path) -> None:
    script = tmp_path / "hello.sexp"
    script.write_text('#!/usr/bin/env chorus\n(+ 1 2)\n(write (command-line))\n(newline)\n(display "hi")\n')
    done = chorus("hello.sexp", "one", "--two", "-3")
    assert done.stdout == '("hello.sexp" "one" "--two" "-3")\nhi'


def test_json_has_values_and_errors_on_stdout(chorus: Run) -> None:
    done = chorus("--json", "-e", '(list 1 2.5 "s" \'sym :key #t) {:a 1/2}', "-e", "(car 5)")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[0]["value"] == [1, 2.5, "s", "sym", "key", True]
    assert rows[1]["value"] == {"a": "1/2"}
    assert {"code", "message", "line", "column", "hint"} <= rows[2]["error"].keys()
    assert (rows[2]["error"]["line"], rows[2]["error"]["code"]) == (1, "type")
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-e", "(car 5)"], 1),
        (["-e", "(foo"], 1),
        (["--no-such"], 2),
        (["-e"], 2),
        (["missing.sexp"], 2),
        (["--limit-steps", "1000", "-e", "(let loop () (loop))"], 3),
        (["--limit-seconds", "0.5", "-e", "(let loop () (loop))"], 3),
        (["--limit-seconds", "0.5", "-e", "(define (f) (f)) (f)"], 3),
        (["--limit-steps", "100000", "-e", "(guard (e (#t (let loop () (loop)))) (let loop () (loop)))"], 3),
        (["-e", "(define (f x) (+ 1 (f x))) (f 1)"], 3),
        (["--limit-bytes", "1M", "-e", "(make-string 100000000 #\\a)"], 3),
        (["-e", "(expt 9 (expt 9 9))", "--limit-steps", "1M"], 3),
        (["-e", "(exit 7)"], 7),
    ],
)
def test_exit_codes(chorus: Run, words: list[str], code: int) -> None:
    done = chorus(*words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code in (1, 2, 3):
        assert done.stderr.strip() and not done.stdout.strip()


def test_earlier_values_stand_when_a_later_form_errs(chorus: Run) -> None:
    done = chorus("-", input="1\n2\n(car '())\n4")
    assert (done.stdout, done.returncode) == ("1\n2\n", 1)
    assert "3" in done.stderr.splitlines()[1] or ":3:" in done.stderr


def test_an_error_shows_its_line_caret_and_hint(chorus: Run) -> None:
    done = chorus("-", input="(define (area w h) (* w h))\n(aera 2 3)\n")
    assert (
        "<stdin>:2:2" in done.stderr and "  |  ^^^^\n" in done.stderr and "did you mean area?" in done.stderr
    )


def test_capabilities_are_denied_and_granted(chorus: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("secret")
    program = '(read-file "note.txt")'
    denied = chorus("-e", program)
    assert denied.returncode == 1 and "--allow read" in denied.stderr and "secret" not in denied.stdout
    assert chorus("--allow", "read", "-e", program).stdout == '"secret"\n'
    assert chorus("--allow", "fly", "-e", "1").returncode == 2


def test_definitions_stay_only_when_asked(chorus: Run) -> None:
    chorus("-e", "(define gone 1)")
    assert chorus("-e", "gone").returncode == 1
    assert chorus("--persist", "-e", "(define (twice x) (* 2 x)) (define n (twice 4))").returncode == 0
    assert chorus("-e", "(list n (twice 21))").stdout == "(8 42)\n"


def test_kept_values_follow_their_changes(chorus: Run) -> None:
    chorus("--persist", "-e", "(define h (make-hash-table)) (hash-table-set! h 1 2) (define n 1) (set! n 9)")
    chorus("--persist", "-e", "(begin (define (f) 3) (define y 1/2)) (define-values (a b) (values 4 #u8(5)))")
    chorus("--persist", "-e", "(set! n 10)")
    assert chorus("-e", "(list (hash-table-ref h 1) n (f) y a b)").stdout == "(2 10 3 1/2 4 #u8(5))\n"


def test_nothing_is_written_until_something_is_stored(chorus: Run, tmp_path: Path) -> None:
    chorus("-e", "(+ 1 2)")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_exits_130(tmp_path: Path) -> None:
    for program in (
        "(let loop () (loop))",
        "(define (f) (+ 0 (g))) (define (g) (f)) (let loop ((i 0)) (loop (+ i 1)))",
    ):
        program = f'(display "under way") (newline) {program}'
        running = subprocess.Popen(
            [*CHORUS, "-e", program],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            assert running.stdout is not None and running.stdout.readline() == b"under way\n"
            running.send_signal(signal.SIGINT)
            assert running.wait(timeout=60) == 130
        finally:
            running.kill()


# A table that never ends, as far as anybody waits: it is computed when it is printed.
ENDLESS = """
(define a (rows->table (map (lambda (i) {:k 1 :i i}) (iota 10000))))
"under way"
(aggregate (group-by (join (join a (select a k (j i)) :on k) (select a k (l i)) :on k) (s (+ i j l))) (n (count)))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("options", [(), ("--format", "csv"), ("--json",)])
def test_an_interrupt_stops_a_table_that_is_printed(tmp_path: Path, options: tuple[str, ...]) -> None:
    running = subprocess.Popen(
        [*CHORUS, *options, "-e", ENDLESS], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert running.stdout is not None and b"under way" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
        assert running.returncode == 130 and b"Traceback" not in told
    finally:
        running.kill()


def test_limits_hold_while_a_table_is_printed(chorus: Run) -> None:
    done = chorus("--limit-seconds", "1", "-e", ENDLESS)
    assert done.returncode == 3 and "the limit on seconds" in done.stderr


def test_what_fails_while_a_table_is_printed_has_a_place(chorus: Run) -> None:
    form = "(select (rows->table '({:a 1})) (x (+ 9223372036854775807 a)))"
    error = json.loads(chorus("--json", "-e", f"\n {form}").stdout)["error"]
    assert (error["code"], error["line"], error["column"]) == ("table-overflow", 2, 2)


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    command = " ".join(CHORUS) + " -e '(for-each (lambda (i) (display i) (newline)) (iota 200000))' | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path, timeout=60, check=True)
    assert done.stdout == b"0\n" and done.stderr == b""


def test_tables_in_formats(chorus: Run, tmp_path: Path) -> None:
    export = Path(__file__).parent / "data" / "tiny.json"
    assert chorus("-e", f'(ingest "{export}")').returncode == 0
    csv = chorus("--format", "csv", "-e", "(select (limit (messages) 3) id content)").stdout.splitlines()
    assert csv[0] == "id,content" and len(csv) >= 4
    rows = chorus("--format", "jsonl", "-e", "(select (limit (messages) 3) id)").stdout.splitlines()
    assert all(isinstance(json.loads(row)["id"], str) for row in rows) and len(rows) == 3


def test_text_that_is_not_utf8_is_a_typed_error(chorus: Run) -> None:
    done = chorus("-", input=b'(display "\xff")')
    assert done.returncode == 1 and "UTF-8" in done.stderr


def test_help_and_version(chorus: Run) -> None:
    assert "exit codes" in chorus("--help").stdout
    assert chorus("--version").stdout.startswith("chorus ")
    for command in ("fmt", "check", "doc", "serve", "bench", "demo"):
        done = chorus(command, "--help")
        assert done.returncode == 0 and "usage: chorus " + command in done.stdout


def test_check_names_every_problem_and_runs_nothing(chorus: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.sexp").write_text('(display "ran")\n(if)\n(define ok 1)\n(lambda)\n')
    done = chorus("check", "bad.sexp")
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("bad.sexp:") >= 2
    (tmp_path / "good.sexp").write_text("(define (f x) (* x x))\n(f 2)\n")
    assert chorus("check", "good.sexp").returncode == 0


def test_serve_speaks_json_rpc(chorus: Run) -> None:
    requests = [
        {"jsonrpc": "2.0", "id": 1, "method": "eval", "params": {"form": "(define x 20) (+ x 1)"}},
        {"jsonrpc": "2.0", "id": 2, "method": "eval", "params": {"form": "(display x) (car x)"}},
        {"jsonrpc": "2.0", "id": 3, "method": "describe", "params": {"name": "car"}},
        {"jsonrpc": "2.0", "id": 4, "method": "no"},
    ]
    done = chorus("serve", "--stdio", input="\n".join(map(json.dumps, requests)) + "\nnot json\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0]["result"] == 21
    assert answers[1]["error"]["data"]["code"] == "type"
    assert answers[2]["result"]["usage"].startswith("(car")
    assert answers[3]["error"]["data"]["code"] == "method" and answers[4]["error"]["code"] == -32700


def test_serve_is_interrupted_and_not_ended_by_a_program(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [*CHORUS, "serve", "--stdio"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None and server.stdout is not None

    def send(number: int, method: str, **parameters: str) -> None:
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        print(json.dumps(request), file=server.stdin, flush=True)

    send(0, "eval", form="(define seen 1)")
    assert json.loads(server.stdout.readline())["id"] == 0
    send(1, "eval", form="(let loop () (loop))")
    send(2, "interrupt")  # at once: whether it has begun or not
    answers = {row["id"]: row for row in (json.loads(server.stdout.readline()) for _ in range(2))}
    assert answers[1]["error"]["data"]["code"] == "interrupted" and answers[2]["result"] is True
    send(3, "eval", form="(exit 3)")
    assert json.loads(server.stdout.readline())["error"]["data"]["code"] == "exit"
    send(4, "eval", form="seen")
    assert json.loads(server.stdout.readline())["result"] == 1
    server.stdin.close()
    assert server.wait(timeout=20) == 0


def test_serve_speaks_http(tmp_path: Path) -> None:
    import urllib.error
    import urllib.request

    server = subprocess.Popen(
        [*CHORUS, "serve", "--port", "0"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        address = server.stderr.readline().split()[-1]

        def post(path: str, body: dict) -> dict:
            request = urllib.request.Request(
                address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)

        assert post("/eval", {"form": "(* 6 7)"})["value"] == 42
        foreign = {"Origin": "http://evil.example", "Content-Type": "application/json"}
        for headers in (foreign, {"Content-Type": "text/plain"}, {"Host": "evil.example"}):
            request = urllib.request.Request(address + "/eval", b'{"form": "1"}', headers)
            with pytest.raises(urllib.error.HTTPError, match=r"403|415"):
                urllib.request.urlopen(request, timeout=20)
        with urllib.request.urlopen(address + "/livez", timeout=20) as answer:
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_fmt_is_idempotent_and_checks(chorus: Run, tmp_path: Path) -> None:
    (tmp_path / "a.sexp").write_text("(define (f x)\n      (let ((a 1)\n  (b 2))\n(+ a b x)\n))\n")
    assert chorus("fmt", "--check", "a.sexp").returncode == 1
    assert chorus("fmt", "a.sexp").returncode == 0
    once = (tmp_path / "a.sexp").read_text()
    assert once == "(define (f x)\n  (let ((a 1)\n        (b 2))\n    (+ a b x)))\n"
    assert chorus("fmt", "--check", "a.sexp").returncode == 0


def test_a_value_starts_on_a_line_of_its_own(chorus: Run) -> None:
    assert chorus("-e", '(display "hi") 3 (display "x\\n") 4').stdout == "hi\n3\nx\n4\n"
    assert chorus("-e", '(display "hi")').stdout == "hi"
    done = chorus("--json", "-e", '(display "hi") 3 (display "x") (car 5)')
    rows = [json.loads(line) for line in done.stdout.splitlines()]  # nothing but JSON
    assert rows[0]["value"] == 3 and "error" in rows[1] and done.stderr == "hix"


def test_usage_errors_are_json_when_json_was_asked_for(chorus: Run) -> None:
    for words in (["missing.sexp"], ["--no-such"], ["--format", "xml", "-e", "1"]):
        done = chorus("--json", *words)
        assert (done.returncode, done.stderr) == (2, "")
        assert json.loads(done.stdout)["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek", "x"], "did you mean check?"),
        (["--jsn", "-e", "1"], "did you mean --json?"),
        (["hallo.sexp"], "did you mean hello.sexp?"),
        (["(+ 1 2)"], "put -e before it"),
        (["--workspace", "w", "serve"], "a subcommand stands before its options: chorus serve"),
        (["fmt", "--chek", "x"], "did you mean --check?"),
        (["demo", "--mesages", "5"], "did you mean --messages?"),
        (["demo", "--messages", "5"], "at least 100 messages"),
        (["demo", "--seed"], "--seed wants a value"),
        (["doc", "cra"], "did you mean car?"),
        (["check", "gone.sexp"], "cannot read gone.sexp: No such file or directory\n"),
    ],
)
def test_what_was_meant_is_guessed(chorus: Run, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "hello.sexp").write_text("1")
    done = chorus(*words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    if words[0] in ("fmt", "demo", "doc"):
        assert f"chorus {words[0]} --help" in done.stderr


def test_text_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words, given, wanted in (
        (["-e", '"ñ 🎉"'], "", '"ñ 🎉"\n'),
        (["-e", '(display "→")'], "", "→"),
        (["-e", "(read-line)"], "日本語\n", '"日本語"\n'),
        (["--json", "-e", '"ñ"'], "", '{"value": "ñ", "schema": "chorus/1"}\n'),
    ):
        done = subprocess.run(
            [*map(os.fsencode, [*CHORUS, *words])],
            input=given.encode(), capture_output=True, cwd=tmp_path, env=environment, timeout=60, check=False,
        )  # fmt: skip
        assert (done.stdout.decode(), done.returncode) == (wanted, 0), done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    for program in ("1", "(display (iota 100000))", "(iota 100000)"):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [*CHORUS, "-e", program], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, timeout=60
            )
        assert done.returncode == 1 and done.stderr.count(b"\n") == 1
        assert done.stderr.startswith(b"chorus: output cannot be written")


def test_arguments_after_an_expression_are_the_programs(chorus: Run) -> None:
    assert chorus("-e", "(command-line)", "a", "-e", "1").stdout == '("-e" "a" "-e" "1")\n'


def test_an_unreadable_file_is_an_error_but_not_in_a_folder(chorus: Run, tmp_path: Path) -> None:
    tiny = (Path(__file__).parent / "data" / "tiny.json").read_text()
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "good.json").write_text(tiny)
    (tmp_path / "many" / "bad.json").write_text("no export")
    alone = chorus("-e", '(ingest "many/bad.json")')
    assert alone.returncode == 1 and "bad.json" in alone.stderr and not alone.stdout
    folder = chorus("-e", '(ingest "many")', "-e", "(count (messages))")
    assert folder.returncode == 0 and '"many/bad.json"' in folder.stdout and folder.stdout.endswith("\n12\n")


def test_a_second_process_is_told_who_holds_the_workspace(chorus: Run, tmp_path: Path) -> None:
    assert chorus("-e", f'(ingest "{Path(__file__).parent / "data" / "tiny.json"}")').returncode == 0
    program = "(display (count (messages))) (newline) (let loop () (loop))"
    holder = subprocess.Popen([*CHORUS, "-e", program], cwd=tmp_path, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"12\n"
        busy = chorus("--json", "-e", "(count (messages))")
        error = json.loads(busy.stdout)["error"]
        assert busy.returncode == 1 and error["code"] == "busy" and str(holder.pid) in error["message"]
    finally:
        holder.kill()  # no child of it may go on holding the workspace
        holder.wait()
    assert chorus("-e", "(count (messages))").stdout == "12\n"
