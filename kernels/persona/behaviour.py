"""How people behave, told from single messages: form, address, answers, reactions, hours; averaged over
an author later.

Each feature is a number for each message, so that an author's mean, its noise and its persistence from day
to day are measured as those of the embeddings are. Nothing here judges a person's character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

FEATURES = (
    "length", "word-length", "questions", "exclamations", "links", "smileys", "starts-small", "shouting",
    "digits", "full-stops", "of-self", "to-others", "small-i", "bare-apostrophes", "chat-spelling", "ellipsis",
    "commas", "sentences-capitalised", "spaced-marks", "doubled-marks", "addresses-someone", "answers-received",
    "reactions-received", "answers-newcomers", "volume", "in-a-row", "hour-sine", "hour-cosine",
    "attachments",
)  # fmt: skip

ADDRESSED = re.compile(r"^\s*(<@!?\d+>[:,]?|@?[\w\[\]{}^|`\\-]{2,32}[:,](?=\s))\s*")
LINK = re.compile(r"\w+://|www\.")
SMILEY = re.compile(
    r"(?:^|\s)[:;=8xX]['-]?[)(DpPoO/|3]|<a?:\w+:\d+>|[\U0001F300-\U0001FAFF\u2600-\u27BF]|\b(?:lol|lmao|xd|haha+)\b",
    re.I,
)
SELF = re.compile(r"\b(?:i|my|me|mine|i'm|im|i've|we|our)\b", re.I)
OTHERS = re.compile(r"\b(?:you|your|u|ur|you're|guys|everyone)\b", re.I)
# Habits of writing, each as (a sign of it, a sign of its opposite): +1, -1, or 0 where a text shows neither.
HABITS = tuple(
    (re.compile(sign, flags), re.compile(opposite, flags) if opposite else None)
    for sign, opposite, flags in (
        (r"(?<![\w'.-])i(?![\w.-])", r"(?<![\w'.-])I(?![\w.-])", 0),
        (r"\b(?:do|ca|did|is|does|wo|have|could|are|was|would)nt\b|\b(?:im|ive|thats|youre|whats)\b",
         r"\w['’](?:t|m|ve|s|re|d|ll)\b", re.I),
        (r"\b(?:u|ur|r|plz|pls|thx|ty|cuz|coz|wanna|gonna|gotta|ya|yea|tho|dunno|np|k)\b", "", re.I),
        (r"\.\.|…", "", 0),
        (r",", "", 0),
        (r"[.!?] +[A-Z]", r"[.!?] +[a-z]", 0),
        (r" [?!.,](?:\s|$)", "", 0),
        (r"[!?]{2}", "", 0),
    )
)  # fmt: skip
NEWCOMER_DAYS = 7


def message_features(
    texts: Sequence[str],
    author: np.ndarray,
    day: np.ndarray,
    seconds: np.ndarray,
    channel: np.ndarray,
    answers: np.ndarray,
    reactions: np.ndarray,
    attachments: np.ndarray,
) -> np.ndarray:
    """Features f32[m, len(FEATURES)] of messages in order of time; robustly standardised, a constant one
    is zero.

    SECONDS f64[m] since 1970; ANSWERS i64[m] is the row that a message replies to, or -1; REACTIONS and
    ATTACHMENTS are counts. Heavy-tailed counts enter as logarithms, and each column is cut at its 1st and
    99th percentile.
    """
    m = len(texts)
    table = np.zeros((m, len(FEATURES)), np.float32)
    if m == 0:
        return table
    form = np.array([_form(text) for text in texts], np.float32)
    table[:, : form.shape[1]] = form
    answered = answers >= 0
    target = answers[answered]
    put = {name: at for at, name in enumerate(FEATURES)}
    table[answered, put["addresses-someone"]] = 1
    table[:, put["answers-received"]] = np.log1p(np.bincount(target, minlength=m))
    table[:, put["reactions-received"]] = np.log1p(reactions)
    table[answered, put["answers-newcomers"]] = _newcomer(author, seconds)[target]
    table[:, put["volume"]] = _volume(author, day)
    table[:, put["in-a-row"]] = _in_a_row(author, channel)
    angle = 2 * np.pi * (seconds % 86400) / 86400
    table[:, put["hour-sine"]], table[:, put["hour-cosine"]] = np.sin(angle), np.cos(angle)
    table[:, put["attachments"]] = np.log1p(attachments)
    return standardise(table)


def _form(text: str) -> tuple[float, ...]:
    """What one text shows by itself: the first features. Whom it is addressed to says nothing of how it is written."""
    address = ADDRESSED.match(text)
    text = text[address.end() :] if address else text
    words = text.split()
    letters = [c for c in text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return (
        np.log1p(len(text)),
        min(sum(map(len, words)) / len(words), 12) if words else 0,
        "?" in text,
        "!" in text,
        bool(LINK.search(text)),
        bool(SMILEY.search(text)),
        _starts_small(text),
        len(letters) > 4 and upper > 0.6 * len(letters),
        any(c.isdigit() for c in text),
        text.rstrip()[-1:] in ".。",
        bool(SELF.search(text)),
        bool(OTHERS.search(text)),
        *(_habit(text, *habit) for habit in HABITS),
        address is not None,
    )


def _habit(text: str, sign: re.Pattern[str], opposite: re.Pattern[str] | None) -> int:
    return bool(sign.search(text)) - (opposite is not None and bool(opposite.search(text)))


def _starts_small(text: str) -> int:
    first = text.lstrip()[:1]
    return first.islower() - first.isupper()


def _newcomer(author: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Whether each message's author was first seen less than a week before it (and not in the data's
    first week)."""
    first = np.full(int(author.max()) + 1, np.inf)
    np.minimum.at(first, author, seconds)
    age = seconds - first[author]
    return (age < NEWCOMER_DAYS * 86400) & (first[author] > seconds.min() + NEWCOMER_DAYS * 86400)


def _volume(author: np.ndarray, day: np.ndarray) -> np.ndarray:
    """log(1 + how many messages the author wrote that day)."""
    _, inverse, count = np.unique(np.stack([author, day]), axis=1, return_inverse=True, return_counts=True)
    return np.log1p(count[inverse.ravel()])


def _in_a_row(author: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """Whether the message before it in its channel was by the same author."""
    order = np.argsort(channel, kind="stable")
    same = np.zeros(len(author), bool)
    same[order[1:]] = (author[order[1:]] == author[order[:-1]]) & (channel[order[1:]] == channel[order[:-1]])
    return same


def standardise(table: np.ndarray) -> np.ndarray:
    """Columns cut at their 1st and 99th percentile (rare flags are left whole), centred, with unit spread."""
    low, high = np.percentile(table, [1, 99], axis=0)
    flat = high <= low
    low, high = np.where(flat, table.min(0), low), np.where(flat, table.max(0), high)
    cut = np.clip(table, low, high)
    spread = cut.std(0)
    return np.where(spread > 1e-6, (cut - cut.mean(0)) / np.maximum(spread, 1e-6), 0).astype(np.float32)
