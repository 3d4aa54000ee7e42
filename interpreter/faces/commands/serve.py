"""`chorus serve`: one shared session over HTTP JSON, JSON-RPC 2.0 by lines on stdin and stdout, or MCP for agents."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from chorus.interpreter.faces.cli import open_session
from chorus.interpreter.faces.metrics import TYPE as METRICS
from chorus.interpreter.faces.options import UsageError, parse
from chorus.interpreter.faces.service import Service, answer_text
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.limits import Meter

USAGE = """usage: chorus serve [--port P] [--stdio | --mcp] [--workspace DIR] [--allow CAP,…] [--limit-… N]

HTTP on 127.0.0.1 (port 7477 unless told otherwise), with Content-Type: application/json:
  POST /eval       {"form": "(+ 1 2)"}   → {"value": 3} or {"error": {"code", "message", …}}
  POST /query      {"form": "(messages)", "rows": 20}   → {"value": {"result": […], "more": true}}
  POST /schema     {} or {"form": "(messages)"}         POST /explain  {"form": "(messages)"}
  POST /complete   {"prefix": "hash-"}    POST /describe {"name": "map"}    POST /apropos {"word": "persona"}
  POST /interrupt  {}
  GET  /livez     it runs        GET /readyz   the workspace opens, and it is not ending (else 503)
  GET  /metrics   durations and errors, for Prometheus
--stdio: JSON-RPC 2.0, one object a line, the same methods.
--mcp: query, schema, explain, describe and apropos as tools of the Model Context Protocol, on stdin and stdout, or with
  --port at http://127.0.0.1:P/mcp. What is asked changes nothing unless --allow workspace. Needs chorus-lisp[mcp].
SIGTERM: what has come is answered, up to 20 seconds, and nothing more is taken."""

DEFAULT_PORT = 7477
LARGEST_REQUEST = 16 * 2**20  # bytes
OK = '{"value": "ok"}'
RPC_CODES = {"method": -32601, "request": -32602}  # as JSON-RPC has them; all else is a server's own
PATIENCE = 20.0  # seconds that what is under way has when the server is told to end
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    arguments, ways, port = _own_options(arguments)
    options = parse(arguments)
    if "--mcp" in ways:
        options.granted = Capabilities.reading()
    with open_session(options) as session:
        service = Service(session)
        if "--mcp" in ways:
            from chorus.interpreter.faces import mcp_server

            return mcp_server.serve_stdio(service) if port is None else mcp_server.serve_http(service, port)
        return serve_lines(service) if ways else serve_http(service, DEFAULT_PORT if port is None else port)


def _own_options(arguments: list[str]) -> tuple[list[str], list[str], int | None]:
    """The rest of ARGUMENTS, by which ways to serve, and the port."""
    ways: list[str] = [word for word in ("--stdio", "--mcp") if word in arguments]
    if len(ways) > 1:
        raise UsageError("either --stdio or --mcp")
    rest = [word for word in arguments if word not in ways]
    if "--port" not in rest:
        return rest, ways, None
    at = rest.index("--port")
    if at + 1 == len(rest) or not rest[at + 1].isdecimal() or int(rest[at + 1]) > 65535:
        raise UsageError("--port wants a port number after it")
    port = int(rest[at + 1])
    rest[at : at + 2] = []
    return rest, ways, port


def serve_lines(service: Service) -> int:
    """JSON-RPC 2.0, one request and one answer a line; what a program prints goes to stderr.

    Requests are served in the order in which they came, but for `interrupt`, which reaches the one under way.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    writing = threading.Lock()

    def serve(request: Any, account: Meter | None = None) -> None:
        answer = _answer(service, request, account)
        if answer is not None:
            with writing:
                answers.write(answer + "\n")
                answers.flush()

    with ThreadPoolExecutor(1) as queue:
        for line in sys.stdin:
            if line.strip():
                request = _request(line)
                if _method(request) == "interrupt":
                    serve(request)
                else:
                    queue.submit(serve, request, service.came(_method(request)))
    return 0


def _request(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _method(request: Any) -> str | None:
    return str(request["method"]) if isinstance(request, dict) and "method" in request else None


def _answer(service: Service, request: Any, account: Meter | None = None) -> str | None:
    """The answer to REQUEST as a line, or nothing for a notification. ACCOUNT: what the service gave as it came."""
    method = _method(request)
    if method is None:
        code, message = (-32700, "not JSON") if request is None else (-32600, "not a JSON-RPC request")
        return _envelope(None, "error", json.dumps({"code": code, "message": message}))
    value, error = service.call(method, request.get("params", {}), account)
    if "id" not in request:
        return None
    if error is None:
        return _envelope(request["id"], "result", value or "null")
    code = RPC_CODES.get(error["code"], -32000)
    return _envelope(
        request["id"], "error", json.dumps({"code": code, "message": error["message"], "data": error})
    )


def _envelope(id: Any, kind: str, body: str) -> str:
    return f'{{"jsonrpc": "2.0", "id": {json.dumps(id)}, "{kind}": {body}}}'


class Handler(BaseHTTPRequestHandler):
    """Maps POST /METHOD to the service.

    A web page must not reach it through a visitor's browser: requests name this machine as their host, carry no
    foreign Origin, and are JSON by their type, which a page cannot send elsewhere without asking first.
    """

    service: Service
    protocol_version = "HTTP/1.1"
    timeout = 30  # a half-open client does not hold a thread for ever

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/metrics":
            self._send(200, self.service.metrics.text(), METRICS)
        elif path == "/livez":
            self._send(200, OK)
        elif path == "/readyz":
            problem = self.service.ready()
            self._send(200, OK) if problem is None else self._send(503, json.dumps({"error": problem}))
        elif path.strip("/") in self.service.methods:
            self._send(405, _refusal(f"send it as POST {path}"))
        else:
            self._send(404, _refusal("nothing is here"))

    do_HEAD = do_GET  # as whoever looks whether it lives may ask; `_send` leaves out the body

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses by itself, as JSON too."""
        self.close_connection = True
        self._send(code, _refusal(message or "this is no request"))

    def do_POST(self) -> None:
        refused = self._refused()
        if refused is not None:
            self.close_connection = True
            self._send(*refused)
            return
        try:
            parameters = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        except (ValueError, RecursionError):
            self._send(400, _refusal("the body is not JSON"))
            return
        if self.service.leaving:
            self._send(503, _refusal("the server is ending"))
            return
        value, error = self.service.call(self.path.strip("/"), parameters)
        self._send(200 if error is None else 422, answer_text(value, error))

    def _refused(self) -> tuple[int, str] | None:
        """Why this request is not even read: (status, body)."""
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        origin = self.headers.get("Origin")
        if host not in LOCAL_NAMES or (origin is not None and urlsplit(origin).hostname not in LOCAL_NAMES):
            return 403, _refusal("only programs on this machine are served")
        if (self.headers.get("Content-Type") or "").partition(";")[0].strip() != "application/json":
            return 415, _refusal("send Content-Type: application/json")
        length = self.headers.get("Content-Length") or ""
        if not length.isdecimal():
            return 411, _refusal("send a Content-Length")
        return (413, _refusal("the request is too large")) if int(length) > LARGEST_REQUEST else None

    def _send(self, status: int, body: str, kind: str = "application/json") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        return  # stdout and stderr belong to programs


def _refusal(message: str) -> str:
    return json.dumps({"error": {"code": "request", "message": message}})


def serve_http(service: Service, port: int) -> int:
    handler = type("BoundHandler", (Handler,), {"service": service})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as problem:
        raise UsageError(f"cannot listen on port {port}: {problem.strerror}") from None
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=_end, args=(service, server)).start())
    print(f"chorus serves on http://127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    try:
        server.serve_forever()
        _answer_the_rest(service)
    except KeyboardInterrupt:
        service.session.cancel("the server stops")
    finally:
        server.server_close()
    return 0


def _end(service: Service, server: ThreadingHTTPServer) -> None:
    """Take nothing more; not in the handler of the signal, which must not wait for the thread that it interrupts."""
    service.leaving = True
    server.shutdown()


def _answer_the_rest(service: Service) -> None:
    """Wait until what has come is answered; what takes too long is cancelled, and told so."""
    deadline = time.monotonic() + PATIENCE
    while service.metrics.under_way and time.monotonic() < deadline:
        time.sleep(0.02)
    if service.metrics.under_way:
        service.session.cancel("the server stops")
    time.sleep(0.1)  # for the last answer to leave
