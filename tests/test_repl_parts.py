"""The prompt's parts without a terminal: the call at the cursor, completion, indentation, colours."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from pygments.token import Comment, Error, Keyword, String

from chorus import Capabilities, Session
from chorus.interpreter.changing import let_strings_change
from chorus.interpreter.faces.highlight import ChorusLexer
from chorus.interpreter.faces.knowledge import Knowledge
from chorus.interpreter.faces.repl.brackets import at_cursor, matches
from chorus.interpreter.faces.repl.commands import DotCommands
from chorus.interpreter.faces.repl.completion import ChorusCompleter, fuzzy_rank
from chorus.interpreter.faces.repl.cursor import Call, enclosing_calls, word_before
from chorus.interpreter.faces.repl.keys import Depth
from chorus.interpreter.faces.repl.loop import SAME
from chorus.interpreter.faces.repl.show import MOST_LETTERS, Shower, wrapped
from chorus.interpreter.formatter import next_indent


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
    assert [next_indent(text) for text in ("(define (f x)", "(let ((a 1)", "(f a", "x")] == [2, 6, 3, 0]


def test_colours_of_half_typed_text() -> None:
    text = '(define (f x) "open \n; not a comment" (if x #\\( :k 1/2 |a b|) ; note'
    tokens = list(ChorusLexer().get_tokens(text))
    assert "".join(piece for _, piece in tokens).strip() == text
    assert not [piece for kind, piece in tokens if kind is Error]
    assert any(kind in Keyword and piece == "define" for kind, piece in tokens)
    assert any(kind in String for kind, piece in tokens) and any(kind in Comment for kind, piece in tokens)


@pytest.mark.parametrize(
    ("text", "pairs", "stray"),
    [
        ("(a [b])", {0: 6, 6: 0, 3: 5, 5: 3}, set()),
        ('(a ")" #\\) ; )', {}, set()),
        ("(a ])", {0: 4, 4: 0}, {3}),
        (")(", {}, {0}),
        ("#(1)", {1: 3, 3: 1}, set()),
        ("((", {}, set()),
    ],
)
def test_brackets_match_as_the_reader_sees_them(text: str, pairs: dict, stray: set) -> None:
    assert matches(text) == (pairs, stray)


def test_the_bracket_at_the_cursor_is_shown_with_its_match() -> None:
    pairs, _ = matches("(a (b) )")
    assert at_cursor(pairs, 0) == (0, 7) and at_cursor(pairs, 6) == (5, 3) and at_cursor(pairs, 2) == ()


def test_long_lines_break_between_words_under_their_indent() -> None:
    text = "short\n  talks of: " + " ".join(["word"] * 12)
    lines = wrapped(text, 30).split("\n")
    assert lines[0] == "short" and len(lines) > 2
    assert all(len(line) < 30 for line in lines) and all(line.startswith("    w") for line in lines[2:])
    assert " ".join(wrapped(text, 30).split()) == " ".join(text.split())


def test_values_are_shown_for_people_and_cut_to_the_screen() -> None:
    with Session() as session:
        shower = Shower(Knowledge(session))

        def shown(text: str) -> str:
            return shower.text(list(session.run(text))[-1][1])

        assert shown('(list 1 "a")') == '(1 "a")'
        long = shown("(iota 100000)")
        assert len(long) < MOST_LETTERS + 100 and long.endswith("(the rest: .last)")
        assert len(shower.whole(list(session.run("(iota 5000)"))[-1][1])) > MOST_LETTERS
        make = '(make-persona 1 "raiders" #f 3 0.5 0.9 (list "loot") (list) (list) #f #f #f)'
        assert shown(f"(list {make})") == (
            "1 raiders — 3 people, 50 % of them, confidence 90 %\n  talks of: loot"
        )
        said = '(make-hit "m1" 0.5 "too \x1b;[31mhard" "a1" "ann" "c1" "general" #f (list))'
        assert "\x1b" not in shown(f"(list {said})") and "ann, #general, message m1" in shown(
            f"(list {said})"
        )
        shower.format = "csv"
        assert shown(f"(list {make})").startswith("id,label,alias")


def test_prose_is_shown_where_strings_can_be_changed() -> None:
    """As at the prompt, where they can from the beginning."""
    with Session(allow=Capabilities.all()) as session:
        shower = Shower(Knowledge(session))
        session._inside(lambda: let_strings_change(session.space.foundation))
        session.eval("(define fee 2)")
        for form, line in {
            "(why (* fee 3))": "  fee = 2, version v1",
            "(what-if ((fee 3)) (* fee 2))": "  if fee were 3: 6",
            '(dry-run (write-file "no" "a"))': '  write-file with ("no" "a") — writes a file',
            "(hash-table 'a 5)": "a 5",
        }.items():
            shown = shower.text(list(session.run(form))[-1][1])
            assert any(each.startswith(line) for each in shown.splitlines()), shown


def test_the_bottom_line_says_a_keyword_once() -> None:
    assert SAME.sub(r"\1", "(search text :limit limit :k (k 2) :mode other)") == (
        "(search text :limit :k (k 2) :mode other)"
    )


def test_a_format_that_is_none_is_told_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    repl = SimpleNamespace(shower=SimpleNamespace(format="table"))
    commands = DotCommands(repl)  # type: ignore[arg-type]
    for words, told in (
        (["boxx"], "did you mean box?"),
        (["arrow"], "arrow is bytes"),
        ([], "format is table; known: table"),
    ):
        commands.format(words)
        assert told in capsys.readouterr().out and repl.shower.format == "table"
    commands.format(["box"])
    assert repl.shower.format == "box"


def test_where_the_time_of_an_entry_went() -> None:
    from chorus.interpreter.faces.repl.loop import timed
    from chorus.runtime import spent

    with Session() as session:
        rows = "(count (where (rows->table (list {:n 1} {:n 2})) (> n 1)))"
        session.eval(rows)
        assert spent.taken() == {}  # nobody watched
        spent.watch()
        assert session.eval(rows) == 1
        found = spent.taken()
        assert {"read", "plan", "SQL"} <= set(found) and all(took > 0 for took in found.values())
        session.eval(rows)
        assert spent.taken() == {}
    assert timed(0.0105, {"read": 0.001, "SQL": 0.0052}) == "10.5 ms (read 1.0, SQL 5.2)"
    assert timed(0.001, {}) == "1.0 ms"


def test_brackets_of_a_text_that_grows_are_counted_once() -> None:
    depth = Depth()
    whole = '(define (f x) ; (\n  (list "(" #\\( x\n 2)\n  (g [1'
    ends = [*(at for at, letter in enumerate(whole) if letter == "\n"), len(whole)]
    assert [depth.of(whole[:end]) for end in ends] == [1, 2, 1, 3]
    assert Depth().of(whole) == 3
    assert depth.of("(a)") == 0 and depth.of("(a") == 1 and depth.of("(a ))") == 0
    assert depth.of('(a "b\n(') == 0 and depth.of("(a #| (") == 0  # which brackets alone do not tell
