"""What a simulated person sees is what stands in the answer: counted by hand here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chorus.runtime.synthetic.shown import Shown, Truth, see

TRUTH = Truth(
    {"m1": "newcomers", "m2": "builders-modders", "m3": "newcomers"}, dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
)
QUESTION = {"answerable": True, "for": ["m1"], "against": ["m2"]}


def cited(number: int, span: str, day: int, side: str | bool = False, author: str = "ann") -> dict[str, Any]:
    return {
        "message-id": f"m{number}", "span": span, "author": author, "side": side,
        "timestamp": f"2026-01-{day:02}T00:00:00+00:00",
    }  # fmt: skip


def answer(*citations: dict[str, Any], refusal: str | bool = False) -> dict[str, Any]:
    return {"citations": list(citations), "refusal": refusal}


def test_an_answer_is_counted() -> None:
    made = answer(
        cited(1, "Too hard for me", 30, "for"),
        cited(2, "lol not hard for me", 21, "against", "bob"),
        cited(3, "The sea is blue", 26, "for", "cem"),
        cited(4, "who knows", 11, author="cem"),
    )
    text = "One says, to “how is it?”: “Too hard for me” [1]\n“lol not hard for me” [2]"
    shown = see(made, text, QUESTION, TRUTH)
    assert shown == Shown(
        due=True, quotes=4, words=3.75, authors=3, other=0.25, age=pytest.approx((1 + 10 + 5 + 20) / 4),
        falling=pytest.approx(4 / 6), asked=0.25, rough=0.25, alike=pytest.approx(3 / 6), borne=0.5,
        circles={"newcomers": 0.5, "builders-modders": 0.25},
    )  # fmt: skip


def test_the_order_in_time_is_seen() -> None:
    for days, falling in (((3, 2, 1), 1), ((1, 2, 3), -1), ((2, 2, 2), 0)):
        made = answer(*(cited(at, "x", day) for at, day in enumerate(days, 1)))
        assert see(made, "", QUESTION, TRUTH).falling == falling


def test_a_refusal_shows_nothing_else() -> None:
    made = answer(refusal="too little supports an answer")
    assert see(made, "No answer", QUESTION, TRUTH) == Shown(refused=True)
    assert see(made, "No answer", QUESTION | {"answerable": False}, TRUTH) == Shown(refused=True, due=False)
