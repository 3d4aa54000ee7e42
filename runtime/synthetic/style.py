"""How a person writes: capitals, full stops, slang, slips of the finger, emoji."""

from __future__ import annotations

import random
import re

from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import Style

SLANG = {
    "because": ("cause", "bc", "cuz"), "you": ("u",), "your": ("ur",), "people": ("ppl",),
    "really": ("rly",), "please": ("pls", "plz"), "thanks": ("thx", "ty"), "though": ("tho",),
    "tonight": ("tn", "2nite"), "going to": ("gonna",), "want to": ("wanna",),
    "something": ("smth",), "someone": ("sb", "someone"), "everyone": ("every1", "everyone"),
    "right now": ("rn",), "I don't know": ("idk",), "with": ("w/", "with"),
    "without": ("w/o", "without"), "about": ("abt", "about"), "before": ("b4", "before"),
    "are": ("r", "are"), "what": ("wat", "what"), "okay": ("ok", "kk"), "minutes": ("min", "mins"),
    "probably": ("prob", "prolly"), "favorite": ("fav",), "message": ("msg",), "pictures": ("pics",),
}  # fmt: skip
WORDS = 9  # of a usual message: a rate of slips a word becomes one a message
_SLANG = re.compile(r"\b(" + "|".join(sorted(map(re.escape, SLANG), key=len, reverse=True)) + r")\b")
_START = re.compile(r"(?:^|[.!?] |\n)([a-z])")
_ASKS = re.compile(
    r"(?:^|[.!?;] )(?:which|where|when|who|what|how (?:do|does|is|many|long|on)|"
    r"does|do|is|are|can|should|did|has)\b[^.!?,]*$",
    re.IGNORECASE,
)
_LETTER_PLUS = re.compile(r"(\w)\+")


def write(text: str, author: Author, rng: random.Random) -> str:
    """TEXT as AUTHOR would type it."""
    style = author.style
    if rng.random() < style.slang:
        text = _SLANG.sub(lambda found: rng.choice(SLANG[found[1]]) if rng.random() < 0.6 else found[1], text)
    if rng.random() < style.typo * WORDS:
        text = _slip(text, rng)
    if rng.random() < style.slang * 0.7:
        text = text.replace("'", "")
    text = text.lower() if author.lower else _START.sub(lambda found: found[0].upper(), text)
    if rng.random() < style.emoji:
        return f"{text} {rng.choice(author.persona.emoji) * rng.choice((1, 1, 1, 2, 3))}"
    return text + _ending(text, style, rng)


def _ending(text: str, style: Style, rng: random.Random) -> str:
    if not text or text[-1] in "?!.:)":
        return ""
    if _ASKS.search(text) and rng.random() < style.stop + 0.2:
        return "?"
    if rng.random() < style.shout:
        return "!" * rng.choice((1, 1, 2, 3))
    return "." if rng.random() < style.stop else ""


def _slip(text: str, rng: random.Random) -> str:
    """One or two typing errors: neighbours swapped, a letter lost or doubled."""
    for _ in range(rng.choice((1, 1, 2))):
        if len(text) < 6:
            return text
        at = rng.randrange(1, len(text) - 2)
        if not (text[at].isalpha() and text[at + 1].isalpha()):
            continue
        match rng.randrange(3):
            case 0:
                text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            case 1:
                text = text[:at] + text[at + 1 :]
            case _:
                text = text[:at] + text[at] + text[at:]
    return text


def stretch(text: str, rng: random.Random) -> str:
    """`lo+l` → "lool": a letter before a plus is repeated one to four times."""
    return _LETTER_PLUS.sub(lambda found: found[1] * rng.choice((1, 1, 2, 2, 3, 4)), text)
