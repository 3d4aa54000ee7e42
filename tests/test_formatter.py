"""`chorus fmt` changes layout only, and a second time changes nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.interpreter.faces.formatter import format_source
from chorus.interpreter.reader import read_forms
from chorus.runtime.printer import write

SAMPLES = {
    "(define (f x)\n(let ((a 1)\n(b 2))\n(+ a\nb)))": (
        "(define (f x)\n  (let ((a 1)\n        (b 2))\n    (+ a\n       b)))\n"
    ),
    "(foo\nbar\n)\n": "(foo\n  bar)\n",
    "(query (type prediction)\n(target churn))": "(query (type prediction)\n       (target churn))\n",
    "'(a b\n      c)": "'(a b\n  c)\n",
    "; note\n\n\n\n(a)   \n": "; note\n\n(a)\n",
    "(if a\nb\nc)": "(if a\n    b\n    c)\n",
    '(display "two\n   lines")\n(f\n1)': '(display "two\n   lines")\n(f\n  1)\n',
    "#| keep\n    this |#\n(f\n1)": "#| keep\n    this |#\n(f\n  1)\n",
    "(f ; why\n)": "(f ; why\n )\n",
}


@pytest.mark.parametrize("text", SAMPLES)
def test_layout(text: str) -> None:
    assert format_source(text) == SAMPLES[text]


atoms = st.sampled_from(
    ["a", "define", "let", "x1", '"s t"', '"a\\"(b"', ":k", "12", "#\\(", "'q", "|odd ) name|", "; c (\n"]
)


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Random forms with random line breaks and indentation."""
    random_ = random.Random(draw(st.integers(0, 2**32)))

    def tree(depth: int) -> str:
        if depth == 0 or random_.random() < 0.3:
            return draw(atoms)
        inner = [tree(depth - 1) for _ in range(random_.randrange(5))]
        return (
            "("
            + "".join(part + random_.choice([" ", "\n", "\n    ", " ; note\n", "  "]) for part in inner)
            + ")"
        )

    return "\n".join(tree(3) for _ in range(random_.randrange(1, 4)))


@settings(max_examples=300, deadline=None)
@given(sources())
def test_idempotent_and_the_same_program(text: str) -> None:
    once = format_source(text)
    assert format_source(once) == once
    assert [write(form) for form in read_forms(once)] == [write(form) for form in read_forms(text)]
