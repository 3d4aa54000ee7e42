"""`chorus lsp`: what an editor is told and answered, over the protocol as it is carried."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from chorus.interpreter.faces.commands import lsp
from chorus.interpreter.faces.editing import Editing, defined, name_at, offset, position

TEXT = """(define (twice x)
  "X doubled."
  (* 2 x))
(define amount 5)
(list "𝔸" (twice 4) (fooo 1))
(string-append "a" (number->string 1))
"""
URI = "file:///tmp/a.sexp"


@pytest.fixture(scope="module")
def editing():
    made = Editing()
    made.told("textDocument/didOpen", {"textDocument": {"uri": URI, "text": TEXT}})
    yield made
    made.session.close()


def at(piece: str, more: int = 0) -> dict[str, Any]:
    """The place of PIECE in TEXT, as an editor sends it."""
    return {"textDocument": {"uri": URI}, "position": position(TEXT, TEXT.index(piece) + more)}


def test_places_count_utf16_units() -> None:
    here = TEXT.index("(twice 4)")
    assert position(TEXT, here) == {"line": 4, "character": 11}  # 𝔸 is two units
    assert all(offset(TEXT, position(TEXT, each)) == each for each in range(len(TEXT)))
    assert offset(TEXT, {"line": 99, "character": 9}) == len(TEXT)


def test_problems_are_those_of_check(editing: Editing) -> None:
    (problem,) = editing.problems(URI)
    assert (problem["code"], problem["severity"]) == ("unbound", 2) and "fooo" in problem["message"]
    assert problem["range"] == {"start": {"line": 4, "character": 22}, "end": {"line": 4, "character": 26}}
    assert editing.problems("file:///nowhere") == []


def test_a_text_that_cannot_be_read_has_a_place(editing: Editing) -> None:
    editing.told("textDocument/didOpen", {"textDocument": {"uri": "b", "text": "(list 1\n  (car '(2))"}})
    (problem,) = editing.problems("b")
    assert problem["range"]["start"] == {"line": 0, "character": 0} and problem["severity"] == 1
    assert editing.formatting({"textDocument": {"uri": "b"}}) == []


def test_names_are_described(editing: Editing) -> None:
    shown = editing.hover(at("string-append", 3))["contents"]["value"]
    assert shown.startswith("```scheme\n(string-append") and "effects" in shown
    assert "(twice x)" in editing.hover(at("twice 4"))["contents"]["value"]
    assert editing.hover(at('"a"', 1)) is None and name_at("(a)", 0) == ""


def test_what_may_come_next(editing: Editing) -> None:
    text = '(define (twenty) 20)\n(string-app "x")\n(twe'
    editing.told("textDocument/didOpen", {"textDocument": {"uri": "c", "text": text}})

    def offered(place: int) -> dict[str, Any]:
        found = editing.completion({"textDocument": {"uri": "c"}, "position": position(text, place)})
        return {each["label"]: each for each in found}

    found = offered(text.index("-app") + 4)
    assert found["string-append"]["textEdit"]["range"]["start"] == {"line": 1, "character": 1}
    assert found["string-append"]["detail"].startswith("(string-append")
    text = "(define (twenty) 20)\n(twe)"  # one can be read, so its definitions are known
    editing.told("textDocument/didChange", {"textDocument": {"uri": "c"}, "contentChanges": [{"text": text}]})
    assert "twenty" in offered(len(text) - 1)
    assert offered(0) == {}
    assert not any("/" in each for each in offered(5))


def test_usage_definitions_symbols_and_layout(editing: Editing) -> None:
    asked = at("(twice 4)", 7)
    assert editing.signature(asked)["signatures"][0]["label"] == "(twice x)"
    assert editing.signature(at("(number->string 1)", 16))["signatures"][0]["label"].startswith(
        "(number->string"
    )
    assert editing.definition(at("twice 4"))["range"]["start"] == {"line": 0, "character": 0}
    assert editing.definition(at("fooo")) is None
    assert [(s["name"], s["kind"]) for s in editing.symbols(asked)] == [("twice", 12), ("amount", 13)]
    assert editing.formatting(asked) == []
    editing.told("textDocument/didOpen", {"textDocument": {"uri": "d", "text": "(define (f x)\nx)"}})
    (edit,) = editing.formatting({"textDocument": {"uri": "d"}})
    assert edit["newText"] == "(define (f x)\n  x)\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(begin (define a 1) (define (b x) x))", ["a", "b"]),
        ("(define-values (q . r) (floor/ 7 2))", ["q", "r"]),
        ("(define ((adder a) b) (+ a b))", ["adder"]),
        ("(define-setting depth 3)", ["depth"]),
        (
            "(define-record-type point (make-point x) point? (x point-x set-point-x!))",
            ["point", "make-point", "point?", "point-x", "set-point-x!"],
        ),
        ("(define-record-type (node) #f node?)", ["node", "node?"]),
        ("(set! a 2) (begin . 5) (define) (define . x) (define-values) (begin 1)", []),
    ],
)
def test_whatever_defines_is_in_the_outline(text: str, names: list[str]) -> None:
    assert [name for name, _, _ in defined(text)] == names


def talk(*messages: dict[str, Any] | bytes) -> tuple[int, list[dict[str, Any]]]:
    incoming, outgoing = io.BytesIO(), io.BytesIO()
    for each in messages:
        if isinstance(each, bytes):
            incoming.write(b"Content-Length: %d\r\n\r\n%s" % (len(each), each))
        else:
            lsp.send(incoming, {"jsonrpc": "2.0", **each})
    incoming.seek(0)
    code = lsp.serve(incoming, outgoing)
    outgoing.seek(0)
    answers = []
    while (answer := lsp.receive(outgoing)) is not None:
        answers.append(answer)
    return code, answers


def test_a_session_of_an_editor() -> None:
    opened = {"textDocument": {"uri": URI, "languageId": "chorus", "version": 1, "text": "(car 5 6)"}}
    code, answers = talk(
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": opened},
        b"no json",
        {"id": 2, "method": "textDocument/nonsense", "params": {}},
        {"id": 3, "method": "textDocument/hover", "params": {"textDocument": {"uri": URI}, "position": "x"}},
        {"id": 4, "method": "textDocument/hover", "params": [1]},
        {"id": 5, "method": "shutdown"},
        {"method": "exit"},
    )
    assert code == 0
    started, told, unknown, failed, empty, ended = answers
    assert started["result"]["capabilities"]["hoverProvider"] is True
    assert told["method"] == "textDocument/publishDiagnostics"
    assert told["params"]["diagnostics"][0]["code"] == "arity"
    assert unknown["error"]["code"] == -32601 and failed["error"]["code"] == -32603
    assert empty["result"] is None and ended == {"jsonrpc": "2.0", "id": 5, "result": None}
    assert json.dumps(answers)
    assert talk({"method": "exit"})[0] == 1 and talk()[0] == 1
