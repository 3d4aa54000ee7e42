"""What is in an export beside people's talk: the bot's news, adverts, pictures and forwarded messages."""

from __future__ import annotations

import random
from collections.abc import Mapping

from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.people import Account, Author
from chorus.runtime.synthetic.phrase import Node, World, expand, load
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import Patch

SPAM = 0.014  # of all messages
WORDLESS = 0.012  # of players' messages: a picture without a word
FORWARDED = 0.008
BOT_EVERY = 120  # messages, but no more than once a day


class Sidelines:
    """Writer of everything that no player says; NOTES: patch id → its notes in natural text."""

    def __init__(
        self, rng: random.Random, world: World, others: list[Account], notes: Mapping[str, str]
    ) -> None:
        self.rng, self.world, self.notes = rng, world, notes
        self.phrases = load("sidelines")
        self.bot = next(a for a in others if a.kind == "bot")
        self.spammers = [a for a in others if a.kind == "spam"]

    def spam(self, start: float) -> Draft:
        """One advert: each spammer has its few texts, sent over and over with another address and price."""
        author = self.rng.choices(self.spammers, (5, 3, 1))[0]
        texts = self.phrases["spam"][self.spammers.index(author) :: len(self.spammers)]
        return Draft(start + self.rng.random() * DAY, author, self._say(texts), "spam")

    def announce(self, patch: Patch) -> Draft:
        word = self.rng.choice(("Patch", "Update", "Release", "Version"))
        text = f"**{word} {patch.version}** is live.\n{self.notes[patch.id]}"
        return Draft(patch.at + 60, self.bot, text, "patch-notes")

    def remind(self, start: float) -> Draft:
        """The bot's small daily news."""
        at = start + self.rng.choice((9, 12, 18)) * 3600 + self.rng.random() * 120
        return Draft(at, self.bot, self._say(self.phrases["bot"]), "bot")

    def picture(self, author: Author, at: float) -> Draft:
        return Draft(at, author, "", "picture")

    def forward(self, author: Author, at: float, text: str) -> Draft:
        """Somebody else's words, passed on without any of one's own."""
        return Draft(at, author, "", "forwarded", forwarded=text)

    def _say(self, phrases: list[Node]) -> str:
        return expand(
            self.rng.choice(phrases), self.world, self.rng, {"code": f"{self.rng.getrandbits(28):07x}"}
        )
