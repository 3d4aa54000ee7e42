"""Whether a sentence seeks help or gives it: nearness to sentences that do the one or the other."""

from __future__ import annotations

import re
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from chorus.kernels.answer.numerals import NUMERAL
from chorus.kernels.answer.question import WEEKDAY
from chorus.kernels.answer.tone import Encode, contrast
from chorus.kernels.answer.words import KEPT, written_out

# Of many subjects, in pairs where it can be, so that the subjects cancel in the difference.
SEEKS = (
    "Does anyone know how to fix this", "My sound is not working, please help",
    "I cannot find the key anywhere", "Stuck at the door, what am I missing", "Any ideas why it fails to start",
    "I lost my account, how do I get it back", "The download keeps failing with an error",
    "I am trying to set up the server but nothing happens", "Where can I buy one, is there a shop",
    "Is it possible to change the name later", "It was fine yesterday, now it stutters, any fix",
    "I have a problem with my screen", "Need help with the quest, it always runs away",
    "How long does it take, nobody tells me", "The code please, I cannot find it",
    "I installed it but I still cannot use it", "What would you recommend", "When does it begin, we need to plan",
)  # fmt: skip
GIVES = (
    "Open the settings and turn that option off, it fixed it for me", "Set the volume to fifty and restart",
    "The key lies under the bridge, east of the mill", "Light the torches first, then the door opens",
    "You need to install the other package first", "Write to support, they restore it in two days",
    "Use the mirror, the download works from there", "Edit the file and run the command again",
    "The merchant in the harbour sells them for ten coins", "Yes, you can change it in your profile",
    "Clear the cache and update the driver, that cures it", "Plug it into the other port",
    "Feed it at night and walk slowly, then it stays", "It takes three days, counted from the start",
    "The code is written on the back of the card", "Put your user into that group and log in again",
    "Take the blue one, it is the best", "It begins on Saturday at six in the evening",
)  # fmt: skip
# Said among people for company's sake.
CHATS = (
    "You are a hero", "Haha that was a good one", "Good night everyone, see you tomorrow", "You are all so kind today",
    "Same here, no idea", "Nice to see you again", "Never mind, I am just bored",
    "Yes, that happens to me all the time", "I love this place", "That is so funny", "Good luck with that",
    "Well, who would have thought", "Thanks a lot, you made my day", "Welcome back, how was your day",
    "It is getting late here", "That is strange", "I was only joking", "You should be ashamed of yourself",
)  # fmt: skip

_ADDRESSEE = re.compile(rf"^\s*(?:@\S+[:,]?|(?!\S*\d|{NUMERAL}|{WEEKDAY})\S+[:,])\s+(?=\S)", re.IGNORECASE)
_SELF = re.compile(r"^\W*(?:i|i'm|im|i've|ive|i'll|my|we|our)\b", re.IGNORECASE)
_TROUBLE = re.compile(
    r"\b(?:(?:does|do|did|is|are|will|would|can|could)(?:n'?t| ?not)|won'?t|cannot|cant|no luck|not work\w*|fails?"
    r"|failed|stuck|lost|broken|problem|trouble|error)\b",
    re.IGNORECASE,
)
_HELP = re.compile(r"\b(?:(?:please|pls|plz|need|some) help|help (?:me|us|please|pls|plz))\b", re.IGNORECASE)
_THANKS = re.compile(
    r"\b(?:thanks?|thx|ty|ok|okay|cool|will try|try that|got it|hold on|sorry|worked|welcome|np|lol|yes|yeah|no"
    r"|nope)\b",
    re.IGNORECASE,
)

Axis = tuple[np.ndarray, float]
_axes: WeakKeyDictionary[Encode, dict[tuple[str, ...], Axis]] = WeakKeyDictionary()


@lru_cache(KEPT)
def spoken(text: str) -> str:
    """TEXT written out, without the name it begins with, of the person spoken to: "ann: u try" → "you try"."""
    return written_out(_ADDRESSEE.sub("", text, count=1))


def speaks_of_self(text: str) -> bool:
    """Whether TEXT begins with its writer, as the telling of one's own trouble does."""
    return _SELF.search(text) is not None


@lru_cache(KEPT)
def tells_of_trouble(text: str) -> bool:
    """Whether TEXT calls for help, or tells of trouble that its writer has."""
    return _HELP.search(text) is not None or (speaks_of_self(text) and _TROUBLE.search(text) is not None)


def acknowledges(text: str) -> bool:
    """Whether TEXT has a word of thanks, assent or refusal; with little else it says nothing."""
    return _THANKS.search(text) is not None


def pleading(vectors: np.ndarray, encode: Encode, scale: float = 1.5) -> np.ndarray:
    """How far the sentences of VECTORS f32[n, d] seek help rather than give it, f64[n] in [0, 1].

    A logistic of the projection on the difference of the class means, like `tone.tone`.
    """
    return _against_giving(SEEKS, vectors, encode, scale)


def idleness(vectors: np.ndarray, encode: Encode, scale: float = 1.5) -> np.ndarray:
    """How far the sentences of VECTORS f32[n, d] chat rather than give help, f64[n] in [0, 1], as `pleading`."""
    return _against_giving(CHATS, vectors, encode, scale)


def _against_giving(kind: tuple[str, ...], vectors: np.ndarray, encode: Encode, scale: float) -> np.ndarray:
    known = _axes.setdefault(encode, {})
    if kind not in known:
        known[kind] = contrast(encode, kind, GIVES)
    axis, middle = known[kind]
    return 1 / (1 + np.exp(-scale * (vectors @ axis - middle)))
