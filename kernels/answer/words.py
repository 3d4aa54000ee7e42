"""Words as evidence compares them: tokens, a light stem, the words that carry no topic, and rarity."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

KEPT = 1 << 13  # texts whose parts are kept: a question looks at hundreds, the next often at the same

_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_URL = re.compile(r"https?://\S+")
# Sayings whose words are not meant: "hard to say" is nothing difficult, nor is what one laughs hard at; a gun that hits
# harder makes nothing harder.
_SAYING = re.compile(
    r"\bhard (?:to (?:say|tell|believe|imagine)|pass|disagree|agree|drive|way)\b|\b(?:take it|go) easy\b"
    r"|\blong story short\b|\b(?:easy|hard|tough|difficult) (?:choice|decision|call|question|sell)\b"
    r"|\b(?:laugh\w*|cry|cried|crying|work(?:s|ed|ing)?|try|tried|trying) (?:(?:so|too|that|really) )?hard(?:er)?\b"
    r"|(?<=\bhit )(?:\w+ ){0,2}harder\b|(?<=\bhits )(?:\w+ ){0,2}harder\b"
)


def pattern(*parts: str) -> re.Pattern[str]:
    """What matches any of PARTS, in capitals or not."""
    return re.compile("|".join(parts), re.IGNORECASE)


def word_table(text: str) -> frozenset[str]:
    """The words of TEXT, for tables that a person reads and edits."""
    return frozenset(text.split())


STOP = word_table(
    """
    a an the this that these those and or but if then else than so as of at by for from in into on onto off
    out over to up down with without within about above below under between through during before after
    among upon per toward towards along
    again once here there i me my mine we us our ours you your yours he him his she her hers it its they
    them their theirs who whom whose which what when where why how all any both each few more most other
    some such no nor not only same too very just can could will would shall should may might must do does
    did done doing have has had having be am is are was were been being get gets got getting go goes going
    went let lets make makes made making s t d ll m re ve don now also still even ever never always often
    really much many lot lots everything something anything nothing everyone someone
    anyone everybody somebody anybody nobody
    thing things stuff one ones way im ive dont doesnt didnt isnt arent wasnt cant
    couldnt wont wouldnt shouldnt thats theres theyre youre hes shes it's i'm don't doesn't didn't isn't
    aren't wasn't can't couldn't won't wouldn't shouldn't that's they're you're yeah yes yep ok okay oh lol
    lmao haha pls plz u ur btw imo tbh idk gonna wanna gotta kinda sorta
    what's where's who's how's when's why's w n r
    """
)

# What is written short where people type fast, for the words that carry a question and no matter.
_SHORT = {
    "whats": "what's", "wheres": "where's", "whos": "who's", "hows": "how's", "whens": "when's", "whys": "why's",
    "wat": "what", "wut": "what", "u": "you", "ur": "your", "r": "are", "n": "and", "w/o": "without", "w/": "with",
    "b4": "before", "abt": "about", "cuz": "because", "pls": "please", "plz": "please", "ppl": "people",
    "secs": "seconds", "mins": "minutes", "hrs": "hours", "any1": "anyone", "some1": "someone", "every1": "everyone",
}  # fmt: skip
_WRITTEN_SHORT = re.compile(
    rf"(?<![\w/.'’&-])(?:{'|'.join(sorted(map(re.escape, _SHORT), key=len, reverse=True))})(?![\w'’&])", re.I
)


def written_out(text: str) -> str:
    """TEXT with its short forms of small words written out: "whats the fee w/ tax" → "what's the fee with tax"."""
    return _WRITTEN_SHORT.sub(lambda found: _SHORT[found[0].lower()], text)


def short_for(one: str, other: str) -> bool:
    """Whether ONE is OTHER without its vowels, as "dmg" is for "damage" and "msg" for "message"."""
    bare = _VOWELS.sub("", other[1:])
    return len(one) > 2 and one != other and _VOWELS.search(one) is None and one == _once(other[0] + bare)


_VOWELS = re.compile(r"[aeiou]")
_DOUBLED = re.compile(r"(.)\1+")


def _once(letters: str) -> str:
    return _DOUBLED.sub(r"\1", letters)


def tokens(text: str) -> list[str]:
    """Lower-case words of TEXT in order; addresses of pages and sayings count as none."""
    return list(_tokens(text))


@lru_cache(KEPT)
def _tokens(text: str) -> tuple[str, ...]:
    said = _SAYING.sub(" ", _URL.sub(" ", text.lower()))
    return tuple(word.replace("’", "'") for word in _TOKEN.findall(said))


_ENDINGS = (
    ("ational", "ate"), ("iveness", "ive"), ("fulness", "ful"), ("isation", "ise"), ("ization", "ize"),
    ("ities", "ity"), ("ments", "ment"), ("ingly", ""), ("edly", ""), ("ies", "y"), ("sses", "ss"),
    ("ness", ""), ("ings", ""), ("ing", ""), ("ally", "al"), ("ers", "er"), ("ed", ""), ("ly", ""),
    ("es", "e"), ("s", ""),
)  # fmt: skip

# The y that makes an adjective of a noun: "laggy", "choppy", "glitchy"; "funny" is not fun, and "carry" no car.
_ADJECTIVE = re.compile(r"(?<=[a-z]{2}(?:bb|dd|ff|gg|mm|pp|tt|ch|sh|ck|nk|mp|nd|st|sk))y$")


@lru_cache(8 * KEPT)
def stem(word: str) -> str:
    """WORD without its inflection: weapons → weapon, queued → queu, queues → queu, lagging and laggy → lag. Never
    shorter than 3 letters.

    A few endings, longest first, the y of an adjective, then doubled consonants and a last e: enough to match a
    question's words with a chat's, and with no exceptions to remember.
    """
    word = word.removesuffix("'s")
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(left) >= 3 and not word.endswith("ss"):
            word = word[: len(word) - len(ending)] + left
            break
    word = _ADJECTIVE.sub("", word)
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def content_stems(text: str, also_stop: Iterable[str] = ()) -> list[str]:
    """Stems of TEXT's words that may carry a topic, each once, in order."""
    return list(_content(text) if not also_stop else _stems(text, STOP.union(also_stop)))


@lru_cache(KEPT)
def _content(text: str) -> tuple[str, ...]:
    return _stems(text, STOP)


def _stems(text: str, stop: frozenset[str]) -> tuple[str, ...]:
    words = (word for word in _tokens(text) if word not in stop and (len(word) > 1 or word.isdigit()))
    return tuple(dict.fromkeys(map(stem, words)))


def rarity(documents: int, containing: Mapping[str, int]) -> dict[str, float]:
    """The inverse document frequency ln(1 + (N − n + ½)/(n + ½)) of each word, as in BM25.

    Robertson & Zaragoza 2009.
    """
    return {word: math.log(1 + (documents - n + 0.5) / (n + 0.5)) for word, n in containing.items()}
