"""Both readers give equal forms, spans and errors, whatever the text."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.interpreter import reader_fast, reader_lark
from chorus.runtime.errors import ReadError, Span
from chorus.runtime.values import HashTable, Pair

WORDS = """
( ) [ ] { } #( #u8( ' ` , ,@ #; #| |# | " \\ \\n \\x41; \\q ; a foo :k :| : . .. ... 1 -2 3/4 1/0
1.5e3 #xff #e1.5 +inf.0 +i 1+2i #t #false #foo #\\ #\\a #\\space #\\bar #\\x41 #inst "2026-01-01"
#0= #0# #1# λ “ ｃ # @ #!x 1+ 256 {} () #i #x e |a| #;a "s" (a) (a.b)
::: #!fold-case #!no-fold-case Foo #\\SPACE
""".split()
SPACES = ["", "", " ", "\n", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff", "  \n "]
tokens = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=16)
token_texts = tokens.map(lambda parts: "".join(word + space for word, space in parts))
number_texts = st.text("0123456789+-./eiIxXbodE#@infasl ", max_size=14)
any_texts = st.text(st.characters(codec="utf-8"), max_size=20)


def outcome(read, text: str):
    """What READ makes of TEXT, spans and all, in a form that compares without recursion."""
    try:
        return fingerprint(read(text, "f"))
    except ReadError as error:
        return error.code, error.message, error.hint, error.span, error.related


def fingerprint(forms) -> list:
    parts: list = []
    work = [forms]
    met: dict[int, int] = {}
    while work:
        here = work.pop()
        if isinstance(here, (Pair, HashTable, list)):
            if id(here) in met:
                parts.append(("again", met[id(here)]))
                continue
            met[id(here)] = len(met)
        if isinstance(here, Pair):
            parts.append((here.span, here.car_span))
            work += (here.cdr, here.car)
        elif isinstance(here, HashTable):
            parts.append(list((here.spans or {}).values()))
            work += (part for item in here.items() for part in item)
        elif isinstance(here, (list, tuple)) and not isinstance(here, Span):
            parts.append(len(here))
            work += here
        else:
            parts.append((here.__class__, repr(here)))
    return parts


@pytest.mark.parametrize("texts", [token_texts, number_texts, any_texts], ids=["tokens", "numbers", "any"])
def test_twins(texts):
    @settings(max_examples=400, deadline=None)
    @given(texts)
    def agree(text):
        assert outcome(reader_fast.read, text) == outcome(reader_lark.read, text)

    agree()


@pytest.mark.slow
def test_twins_at_length():
    @settings(max_examples=int(os.environ.get("CHORUS_CASES", "100000")), deadline=None)
    @given(token_texts | number_texts | any_texts)
    def agree(text):
        assert outcome(reader_fast.read, text) == outcome(reader_lark.read, text)

    agree()
