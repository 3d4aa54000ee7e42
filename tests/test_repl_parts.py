"""The prompt's parts without a terminal: the call at the cursor, completion, indentation, colours."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from pygments.token import Comment, Error, Keyword, String

from chorus.interpreter.faces.highlight import ChorusLexer
from chorus.interpreter.faces.repl.completion import ChorusCompleter, fuzzy_rank
from chorus.interpreter.faces.repl.cursor import Call, enclosing_calls, word_before
from chorus.interpreter.faces.repl.keys import indentation


class Known:
    """A stand-in for what a session knows."""

    def names(self) -> list[str]:
        return ["hash-ref", "hash-set!", "string-append", "search", "messages"]

    def usage(self, name: str) -> str:
        return f"({name} …)"

    def keywords(self, name: str) -> list[str]:
        return ["limit", "author"] if name == "search" else []

    def personas(self) -> list[str]:
        return ["competitive-players"]

    def columns(self) -> list[str]:
        return ["author-id", "content"]


COMPLETER = ChorusCompleter(Known())


def complete(text: str) -> list[str]:
    return [
        c.text for c in COMPLETER.get_completions(Document(text), CompleteEvent(completion_requested=True))
    ]


def test_names_complete_by_prefix_then_fuzzily() -> None:
    assert complete("(ha") == ["hash-ref", "hash-set!"]
    assert complete("(strapp") == ["string-append"]
    assert complete("(zzz") == []
    assert fuzzy_rank("hs", "hash-set!") is not None and fuzzy_rank("sh!", "hash-ref") is None


def test_keywords_of_the_form_at_hand() -> None:
    assert complete('(search "x" :l') == [":limit", ":author"][:1]
    assert complete("(car :l") == []


def test_columns_inside_table_forms_and_personas_anywhere() -> None:
    assert "author-id" in complete("(where (messages) (= auth")
    assert "author-id" not in complete("(list auth")
    assert complete("(persona 'compet") == ["competitive-players"]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("(a b (c ", [Call("a", 2), Call("c", 0)]),
        ("(a (b) ", [Call("a", 1)]),
        ('(a "open (string', []),
        ("(a ; comment (b", []),
        ("(a #\\( ", [Call("a", 1)]),
        (")) (x", [Call("x", 0)]),
    ],
)
def test_calls_around_the_cursor(text: str, calls: list[Call]) -> None:
    assert enclosing_calls(text) == calls


def test_the_word_before_the_cursor() -> None:
    assert word_before("(foo bar-b") == "bar-b"
    assert word_before("(foo ") == ""


def test_a_new_line_is_indented() -> None:
    assert [indentation(text) for text in ("(define (f x)", "(let ((a 1)", "(f a", "x")] == [2, 6, 3, 0]


def test_colours_of_half_typed_text() -> None:
    text = '(define (f x) "open \n; not a comment" (if x #\\( :k 1/2 |a b|) ; note'
    tokens = list(ChorusLexer().get_tokens(text))
    assert "".join(piece for _, piece in tokens).strip() == text
    assert not [piece for kind, piece in tokens if kind is Error]
    assert any(kind in Keyword and piece == "define" for kind, piece in tokens)
    assert any(kind in String for kind, piece in tokens) and any(kind in Comment for kind, piece in tokens)
