"""Editing by structure: each edit does what its name says, and none loses or changes what stands in the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.interpreter.faces.repl.brackets import matches
from chorus.interpreter.faces.repl.structure import barf, raise_, slurp, splice
from chorus.interpreter.formatter import tokens


def at(marked: str) -> tuple[str, int]:
    """The text without its mark ‸, and where that was."""
    return marked.replace("‸", ""), marked.index("‸")


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (slurp, "(a‸) b c", "(a b) c"),
        (slurp, "(‸) b", "(b)"),
        (slurp, "(‸) ; why\n b", "(; why\n b)"),
        (slurp, "((a‸) b) c", "((a b)) c"),
        (slurp, "((a‸)) c", "((a) c)"),
        (slurp, "(a‸)(b)", "(a(b))"),
        (slurp, "(a‸)'b", "(a 'b)"),
        (slurp, '(a ")‸" ; )\n) b', '(a ")" ; )\n b)'),
        (slurp, "[a‸] (b", "[a] (b"),  # what is not closed yet is not taken in
        (slurp, "(a‸)", "(a)"),
        (barf, "(a b‸)", "(a) b"),
        (barf, "(a‸)", "() a"),
        (barf, "(a 'b‸)", "(a) 'b"),
        (barf, '(a "x)y"‸)c', '(a) "x)y" c'),
        (barf, "(‸)", "()"),
        (raise_, "(if x (f‸ y) z)", "(if x f z)"),
        (raise_, "(if x ‸(f y) z)", "(f y)"),
        (raise_, "a(b ‸c)d", "a c d"),
        (raise_, "(a b ‸)", "(a b )"),
        (splice, "(a (b‸ c) d)", "(a b c d)"),
        (splice, "(a '(b‸) d)", "(a b d)"),
        (splice, "x(b‸)y", "x b y"),
        (splice, "' ; why\n #|x|# (b‸)", "; why\n#|x|# b"),
        (splice, "no brackets‸", "no brackets"),
        (splice, "(a ]‸)", "(a ])"),  # nothing is done where brackets do not fit
        (slurp, "#\\(‸ b", "#\\( b"),
        (slurp, "; (a‸) b", "; (a) b"),
    ],
)
def test_each_edit(edit, before: str, after: str) -> None:
    assert edit(*at(before))[0] == after


ATOMS = st.sampled_from(["a", "12", '"(s"', "#\\)", "; c )\n", "#| ( |#", "'", "|x y|", ":k"])
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.builds(
        lambda items, kind: kind[0] + " ".join(items) + kind[1],
        st.lists(inner, max_size=4),
        st.sampled_from(["()", "[]", "{}"]),
    ),
    max_leaves=12,
)


@given(st.lists(TEXTS, max_size=4).map(" ".join), st.sampled_from([slurp, barf, splice]), st.data())
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_or_changed(text: str, edit, data) -> None:
    def words(text: str) -> list[str]:
        return [
            each.text for each in tokens(text) if each.kind in ("atom", "string", "char", "comment", "block")
        ]

    cursor = data.draw(st.integers(0, len(text)))
    after, where = edit(text, cursor)
    assert words(after) == words(text) and 0 <= where <= len(after)
    assert bool(matches(after)[1]) == bool(matches(text)[1])
    openers, closers = sum(map(after.count, "([{")), sum(map(after.count, ")]}"))
    assert openers - closers == sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))
