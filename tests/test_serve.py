"""The JSON-RPC face: errors carry the codes that its standard gives them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from chorus import Limits, Session
from chorus.interpreter.faces.cli import usage
from chorus.interpreter.faces.commands import serve
from chorus.interpreter.faces.metrics import BOUNDS
from chorus.interpreter.faces.service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Session() as session:
        yield Service(session)


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    [("no", {}, -32601), ("eval", {}, -32602), ("eval", [1], -32602), ("eval", {"form": "(car 5)"}, -32000)],
)
def test_a_failure_has_the_code_of_its_kind(
    service: Service, method: str, parameters: object, code: int
) -> None:
    line = serve._answer(service, {"id": 1, "method": method, "params": parameters})
    assert line is not None and json.loads(line)["error"]["code"] == code


@pytest.mark.parametrize(("line", "code"), [("{", -32700), ("[1]", -32600), ('{"id": 1}', -32600)])
def test_what_is_no_request_is_told_apart(service: Service, line: str, code: int) -> None:
    answer = serve._answer(service, serve._request(line))
    assert answer is not None and json.loads(answer)["error"]["code"] == code


def test_help_says_what_a_request_needs_and_offers_nothing_that_is_missing() -> None:
    assert "Content-Type: application/json" in serve.USAGE
    assert "--evaluator" in usage() and "--workspace" in usage()


def test_an_evaluation_that_has_not_begun_is_interrupted(service: Service) -> None:
    """It came, and waits for its turn: a client cannot know that it has not begun."""
    first, second = service.came("eval"), service.came("eval")
    assert service.call("interrupt", {}) == ("true", None)
    value, error = service.call("eval", {"form": "(let loop () (loop))"}, first)
    assert value is None and error is not None and error["code"] == "interrupted"
    assert service.call("eval", {"form": "(+ 1 2)"}, second) == ("3", None)
    assert service.call("interrupt", {}) == ("true", None) and service.call("eval", {"form": "4"}) == (
        "4",
        None,
    )


def test_what_was_answered_is_counted(service: Service) -> None:
    service.call("eval", {"form": "1"})
    service.call("eval", {"form": "(car 5)"})
    service.call('no"\n', {})
    text = service.metrics.text()
    said = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    labels = 'db_system_name="chorus",db_operation_name="{}",error_type="{}"'
    for operation, error in (("eval", ""), ("eval", "type"), ("unknown", "method")):
        where = labels.format(operation, error)
        assert said[f"chorus_query_duration_seconds_count{{{where}}}"] == "1"
        counts = [
            int(said[f'chorus_query_duration_seconds_bucket{{{where},le="{bound}"}}']) for bound in BOUNDS
        ]
        assert counts == sorted(counts)
    assert said["chorus_queries_under_way"] == "0" and 'no"' not in text


def test_a_workspace_that_does_not_open_is_alive_and_not_ready(tmp_path: Path) -> None:
    from chorus import Capabilities

    (tmp_path / "chorus.duckdb").write_bytes(b"no database" * 1000)
    with Session(tmp_path, allow=Capabilities("workspace")) as session:
        problem = Service(session).ready()
        assert problem is not None and problem["code"] != "internal"
    with Session(tmp_path / "new", allow=Capabilities("workspace")) as session:
        made = Service(session)
        assert made.ready() is None and not (tmp_path / "new").exists()
        made.leaving = True
        assert made.ready() == {"code": "leaving", "message": "the server is ending"}


def test_who_is_told_to_end_answers_what_has_come(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "chorus.interpreter.faces.cli", "serve", "--port", "0", "--workspace", "w"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stderr is not None
    try:
        base = server.stderr.readline().split()[-1]

        def get(path: str) -> tuple[int, str]:
            try:
                with urllib.request.urlopen(base + path, timeout=60) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as problem:
                return problem.code, problem.read().decode()

        assert get("/livez")[0] == 200 and get("/readyz")[0] == 200 and get("/nothing")[0] == 404
        answers: list[str] = []

        def ask() -> None:
            form = """(let ((until (+ (current-jiffy) (* 2 (jiffies-per-second)))))
              (let go () (if (< (current-jiffy) until) (go) 'whole)))"""
            request = urllib.request.Request(
                base + "/eval", json.dumps({"form": form}).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                answers.append(answer.read().decode())

        asking = threading.Thread(target=ask)
        asking.start()
        while "chorus_queries_under_way 1" not in get("/metrics")[1]:
            time.sleep(0.05)
        server.send_signal(signal.SIGTERM)
        asking.join(60)
        assert server.wait(60) == 0 and "whole" in answers[0]
    finally:
        server.kill()
        server.stderr.close()


MANY = "(define many (rows->table (map (lambda (n) {:n n :k 1}) (iota 3000)))) (count many)"
ENDLESS = """(->
  (join (join many (rename many (m n)) :on k) (rename many (l n)) :on k) (aggregate (all (sum (* n (* m l))))))"""


def test_a_table_is_read_under_the_limits_and_can_be_interrupted() -> None:
    """Its rows are computed as the answer is written, after the form itself was evaluated."""
    with Session(limits=Limits(seconds=5)) as session:
        service = Service(session)
        service.call("eval", {"form": MANY})
        for method in ("eval", "query"):
            _, error = service.call(method, {"form": ENDLESS, "rows": 10**6})
            assert error is not None and (error["code"], error["kind"], error["line"]) == (
                "limit",
                "seconds",
                1,
            )
        assert service.call("eval", {"form": "(+ 1 2)"}) == ("3", None)
    with Session() as session:
        service = Service(session)
        service.call("eval", {"form": MANY})
        account = service.came("eval")
        threading.Timer(1.0, lambda: service.call("interrupt", {})).start()
        _, error = service.call("eval", {"form": ENDLESS}, account)
        assert error is not None and error["code"] == "interrupted"


def test_whatever_is_asked_over_http_is_answered_as_json(service: Service) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (serve.Handler,), {"service": service}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for method, path, status in (
            ("HEAD", "/livez", 200), ("GET", "/livez?probe=1", 200), ("GET", "/eval", 405),
            ("PUT", "/eval", 501), ("GET", "/nothing", 404), ("POST", "/eval", 415),
        ):  # fmt: skip
            connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=60)
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == status and answer.headers.get_content_type() == "application/json"
            assert body == b"" if method == "HEAD" else json.loads(body)
            connection.close()
    finally:
        server.shutdown()
        server.server_close()
