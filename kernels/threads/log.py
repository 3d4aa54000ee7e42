"""A channel's log as arrays: who spoke, when, naming whom, in what words; what the features of pairs are read from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
EDGES = ".,:;!?()[]{}<>\"'`*@~|/\\=+-"  # taken off a token before it is held against names
SHORTEST_NAME = 3  # letters; shorter names are words too often, unless they stand first and end in a colon
LONG_NUMBER = 15  # digits: an account, as in <@123456789012345678>
LONGEST_NAME = 3  # tokens of a name such as "Iron Jane"

# Kinds of message that tell where a conversation stands. Each is a question to a message's words.
GREETING = frozenset("hi hello hey hiya yo greetings morning evening howdy sup heya hallo everyone".split())
THANKS = frozenset("thanks thx ty thank cheers thankyou tks tnx thnx".split())
ASSENT = frozenset(
    "yes yeah yep yup no nope nah ok okay k sure right true exactly indeed ah oh hmm hm lol haha".split()
)
ASKING = frozenset(
    "how what why where when who which anyone anybody someone can could does do is are has have should".split()
)
ADVICE = frozenset("try you your you're use type run check install then maybe should need".split())
OWN = frozenset("i i'm my i've im me it it's that still but".split())
FREQUENT = frozenset(
    "the and for not all any new old one two out get got just like some with from there this good work here now".split()
)
COMMON = (
    GREETING | THANKS | ASSENT | ASKING | ADVICE | OWN | FREQUENT
)  # words, though somebody may be called so
KINDS: dict[str, frozenset[str]] = {"greets": GREETING, "thanks": THANKS}
OPENERS: dict[str, frozenset[str]] = {"assents": ASSENT, "asks-first": ASKING, "advises": ADVICE, "own": OWN}


class Message(NamedTuple):
    """One line of a log: its AUTHOR, the moment AT (seconds), its TEXT; SYSTEM lines are the channel's own. TO are
    persons that it is known to be for.
    """

    author: str
    at: float
    text: str
    system: bool = False
    bot: bool = False
    to: tuple[str, ...] = ()


class Log:
    """Messages in the order of their channel, and what each says of persons. n messages, u persons."""

    def __init__(self, messages: Sequence[Message], names: dict[str, str] | None = None) -> None:
        """NAMES: other names that a person is called by → the author that has them."""
        self.messages = list(messages)
        self.people = sorted({message.author for message in self.messages})
        number = self.number = {person: at for at, person in enumerate(self.people)}
        self.author = np.array([number[m.author] for m in self.messages], np.int64)  # [n]
        self.at = np.array([m.at for m in self.messages], float)  # [n]
        self.system = np.array([m.system for m in self.messages], bool)  # [n]
        self.bot = np.array([m.bot for m in self.messages], bool)  # [n]
        called = {name: number[author] for name, author in (names or {}).items() if author in number}
        self._called = _spellings(called | {m.author: number[m.author] for m in self.messages})
        self.words = [WORD.findall(m.text.lower()) for m in self.messages]

    def __len__(self) -> int:
        return len(self.messages)

    @cached_property
    def addressed(self) -> tuple[np.ndarray, np.ndarray]:
        """(bool[n,u] whether the message names the person; i64[n] whom it begins with, -1 for nobody)."""
        named = np.zeros((len(self), len(self.people)), bool)
        first = np.full(len(self), -1, np.int64)
        for at, message in enumerate(self.messages):
            if message.system:
                continue
            known = [(1, self.number[person]) for person in message.to if person in self.number]
            for place, person in self._names_in(message.text) + known:
                if person == self.author[at]:
                    continue
                named[at, person] = True
                if place == 0:
                    first[at] = person
        return named, first

    def _names_in(self, text: str) -> list[tuple[int, int]]:
        """(place, person) of each name in TEXT, the longest where several begin."""
        tokens = _apart(text.lower()).split()
        bare = [token.strip(EDGES) for token in tokens]
        found, place = [], 0
        while place < len(tokens):
            here = self._name_at(tokens, bare, place)
            if here is None:
                place += 1
                continue
            person, length = here
            found.append((place, person))
            place += length
        return found

    def _name_at(self, tokens: list[str], bare: list[str], place: int) -> tuple[int, int] | None:
        for length in range(min(LONGEST_NAME, len(bare) - place), 0, -1):
            for spelt in ((tokens[place],) if length == 1 else ()) + (
                " ".join(bare[place : place + length]),
            ):
                person = self._called.get(spelt.rstrip(":,"))
                marked = tokens[place][0] == "@" or (place == 0 and tokens[0][-1] in ":,")
                clear = marked or (len(spelt) >= SHORTEST_NAME and spelt not in COMMON)
                if person is not None and clear:
                    return person, length
        return None

    @cached_property
    def turns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """i64[n] each: the same author's message before, the one after (-1, n where there is none), and which
        of the author's messages this is.
        """
        n = len(self)
        before, after, place = np.full(n, -1), np.full(n, n), np.zeros(n, np.int64)
        last: dict[int, int] = {}
        for at, author in enumerate(self.author.tolist()):
            if self.system[at]:
                continue
            if author in last:
                before[at], after[last[author]] = last[author], at
                place[at] = place[last[author]] + 1
            last[author] = at
        return before, after, place

    @cached_property
    def kinds(self) -> dict[str, np.ndarray]:
        """Name → f64[n]: what sort of message each is."""
        texts = [message.text for message in self.messages]
        named = np.array([len(t.split()) > 0 and t.split()[0][-1] in ":," for t in texts], bool)
        start = lambda words, at: words[1:2] if named[at] else words[:1]
        found = {name: [bool(among.intersection(w)) for w in self.words] for name, among in KINDS.items()}
        for name, among in OPENERS.items():
            found[name] = [bool(among.intersection(start(w, at))) for at, w in enumerate(self.words)]
        found["question"] = ["?" in text for text in texts]
        found["trails"] = [text.rstrip().endswith(("...", ",", "…")) for text in texts]
        found["link"] = ["://" in text or "www." in text for text in texts]
        found["command"] = [text.startswith("!") for text in texts]
        made = {name: np.array(values, float) for name, values in found.items()}
        made["length"] = np.log1p([len(words) for words in self.words])
        return made


def _apart(text: str) -> str:
    """TEXT with a name it begins with set apart from what follows: `jo:try this`."""
    head, colon, rest = text.partition(":")
    return f"{head}: {rest}" if colon and rest[:1] not in ("", " ", "/") and " " not in head else text


def _spellings(called: dict[str, int]) -> dict[str, int]:
    """Lower-case spelling → person: names as they are, and without the signs about them (|jo| is called jo)."""
    made: dict[str, int] = {}
    for name, person in called.items():
        for spelt in (" ".join(name.lower().split()), name.lower().strip(EDGES + "_^0123456789")):
            if spelt and not (spelt.isdigit() and len(spelt) < LONG_NUMBER):
                made.setdefault(spelt, person)
    return made
