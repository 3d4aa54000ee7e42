"""`chorus serve`: one shared session over HTTP JSON, or JSON-RPC 2.0 by lines on stdin and stdout."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chorus.interpreter.faces.cli import open_session
from chorus.interpreter.faces.options import UsageError, parse
from chorus.interpreter.faces.service import Service

USAGE = """usage: chorus serve [--port P] [--stdio] [--workspace DIR] [--allow CAP,…] [--limit-… N]

HTTP on 127.0.0.1 (port 7477 unless told otherwise):
  POST /eval       {"form": "(+ 1 2)"}   → {"value": 3} or {"error": {"code", "message", …}}
  POST /complete   {"prefix": "hash-"}    POST /describe {"name": "map"}    POST /interrupt {}
  GET  /livez, /readyz
--stdio: JSON-RPC 2.0, one object a line, the same methods."""

DEFAULT_PORT = 7477
LARGEST_REQUEST = 16 * 2**20


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    arguments, stdio, port = _own_options(arguments)
    with open_session(parse(arguments)) as session:
        service = Service(session)
        return serve_lines(service) if stdio else serve_http(service, port)


def _own_options(arguments: list[str]) -> tuple[list[str], bool, int]:
    rest = [word for word in arguments if word != "--stdio"]
    port = DEFAULT_PORT
    if "--port" in rest:
        at = rest.index("--port")
        if at + 1 == len(rest) or not rest[at + 1].isdecimal() or int(rest[at + 1]) > 65535:
            raise UsageError("--port wants a port number after it")
        port = int(rest[at + 1])
        rest[at : at + 2] = []
    return rest, "--stdio" in arguments, port


def serve_lines(service: Service) -> int:
    """JSON-RPC 2.0, one request and one answer a line; what a program prints goes to stderr."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        if line.strip():
            answer = _answer(service, line)
            if answer is not None:
                answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
                answers.flush()
    return 0


def _answer(service: Service, line: str) -> dict[str, Any] | None:
    try:
        request = json.loads(line)
        method, parameters = request["method"], request.get("params", {})
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "not a JSON-RPC request"}}
    result = service.call(str(method), parameters)
    if "id" not in request:
        return None
    if "error" in result:
        error = {"code": -32000, "message": result["error"]["message"], "data": result["error"]}
        return {"jsonrpc": "2.0", "id": request["id"], "error": error}
    return {"jsonrpc": "2.0", "id": request["id"], "result": result["value"]}


class Handler(BaseHTTPRequestHandler):
    """Maps POST /METHOD to the service."""

    service: Service
    protocol_version = "HTTP/1.1"
    timeout = 30  # a half-open client does not hold a thread for ever

    def do_GET(self) -> None:
        known = self.path in ("/livez", "/readyz")
        self._send(200 if known else 404, {"value": "ok"} if known else {"error": {"code": "not-found"}})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_REQUEST:
            self.close_connection = True
            self._send(413, {"error": {"code": "request", "message": "the request is too large"}})
            return
        try:
            parameters = json.loads(self.rfile.read(length) or b"{}")
        except (ValueError, RecursionError):
            self._send(400, {"error": {"code": "request", "message": "the body is not JSON"}})
            return
        result = self.service.call(self.path.strip("/"), parameters)
        self._send(200 if "error" not in result else 422, result)

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        return  # stdout and stderr belong to programs


def serve_http(service: Service, port: int) -> int:
    handler = type("BoundHandler", (Handler,), {"service": service})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as problem:
        raise UsageError(f"cannot listen on port {port}: {problem.strerror}") from None
    server.daemon_threads = True
    print(f"chorus serves on http://127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        service.session.cancel("the server stops")
    finally:
        server.server_close()
    return 0
