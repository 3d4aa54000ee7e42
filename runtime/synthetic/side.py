"""What is in an export beside people's talk: the bot's announcements, adverts, empty and forwarded messages."""

from __future__ import annotations

import random

from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.phrase import Node, World, expand, load
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import DAY, Patch

SPAM = 0.014  # of all messages
EMPTY = 0.012
FORWARDED = 0.008


class Sidelines:
    """Writer of everything that no player says; NOTES: patch id → the notes in natural text."""

    def __init__(self, rng: random.Random, world: World, people: list[Author], notes: dict[str, str]) -> None:
        self.rng, self.world, self.notes = rng, world, notes
        self.phrases = load("sidelines")
        self.bot = next(a for a in people if a.kind == "bot")
        self.spammers = [a for a in people if a.kind == "spam"]

    def spam(self, start: float) -> Draft:
        """One advert: a few texts over and over, each time with another address and price."""
        author = self.rng.choices(self.spammers, (5, 3, 1))[0]
        text = self._say(self.phrases["spam"][self.spammers.index(author) :: 3])
        return Draft(start + self.rng.random() * DAY, author, text, "spam", language="en")

    def announce(self, patch: Patch) -> Draft:
        return Draft(
            patch.at + 60, self.bot, f"**Patch {patch.version}** is live.\n{self.notes[patch.id]}", "bot"
        )

    def remind(self, start: float) -> Draft:
        """The bot's small daily news."""
        return Draft(
            start + self.rng.choice((9, 12, 18)) * 3600 + self.rng.random() * 120,
            self.bot,
            self._say(self.phrases["bot"]),
            "bot",
        )

    def empty(self, author: Author, at: float) -> Draft:
        """A picture without a word."""
        return Draft(at, author, "", "empty")

    def forward(self, author: Author, at: float, text: str) -> Draft:
        """Somebody else's words, passed on without any of one's own."""
        draft = Draft(at, author, "", "forwarded")
        draft.forwarded = text
        return draft

    def _say(self, phrases: list[Node]) -> str:
        return expand(
            self.rng.choice(phrases), self.world, self.rng, {"code": f"{self.rng.getrandbits(28):07x}"}
        )
