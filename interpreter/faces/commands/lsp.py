"""`chorus lsp`: the language server, over standard input and output."""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

from chorus.interpreter.faces.options import UsageError, unknown_option

USAGE = """usage: chorus lsp

The language server (Language Server Protocol 3.17) on standard input and output, for editors: what is wrong with a
text as one types (as `chorus check` finds it), documentation, completion, usage lines, definitions, layout (as
`chorus fmt`). An editor starts it by itself: `chorus lsp` for files that end in .sexp."""

UNKNOWN, INTERNAL = -32601, -32603


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    for word in arguments:
        if word != "--stdio":  # which some editors add
            raise UsageError(unknown_option(word, ["--help", "--stdio"]))
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may get between the messages
    return serve(incoming, outgoing)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Answer until `exit`; 0 if `shutdown` was asked for before, as the protocol wants."""
    from chorus.interpreter.faces.editing import Editing

    editing = Editing()
    ended = False
    try:
        while (message := receive(incoming)) is not None:
            method = str(message.get("method", ""))
            if method == "exit":
                return 0 if ended else 1
            ended = ended or method == "shutdown"
            for answer in answers(editing, message, method):
                send(outgoing, answer)
    finally:
        editing.session.close()
    return 1


def answers(editing: Any, message: dict[str, Any], method: str) -> list[dict[str, Any]]:
    """What MESSAGE is answered with; a failure is an answer too, and the server goes on."""
    given = message.get("params")
    given = given if isinstance(given, dict) else {}
    if "id" not in message:
        uri = editing.told(method, given)
        if uri is None:
            return []
        told = {"uri": uri, "diagnostics": editing.problems(uri)}
        return [{"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": told}]
    if not method:  # an answer to us
        return []
    head = {"jsonrpc": "2.0", "id": message["id"]}
    handler = editing.methods.get(method)
    if handler is None:
        return [{**head, "error": {"code": UNKNOWN, "message": f"unknown method {method}"}}]
    try:
        return [{**head, "result": handler(given)}]
    except Exception as problem:  # an editor must not lose its server for one request
        return [{**head, "error": {"code": INTERNAL, "message": f"{type(problem).__name__}: {problem}"}}]


def receive(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message; None at the end. What is no JSON object is passed over."""
    while True:
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b"\n"):
            if not line:
                return None
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        try:
            message = json.loads(stream.read(length))
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict):
            return message


def send(stream: BinaryIO, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    stream.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
    stream.flush()
