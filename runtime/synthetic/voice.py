"""How something is said: phrases composed into a message and written in its author's hand.

A message is an opener, one or more phrases of its heading, an aside from the writer's own life, a closer;
then spelling, slang and emoji as `style.py` gives its author. Phrases multiply their choices, so a heading of
ten lines says thousands of different things; a sentence that was already said too often is said anew.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.phrase import Node, World, expand
from chorus.runtime.synthetic.style import stretch, write

MOST_OFTEN = 0.004  # of all messages may hold the same sentence
OPENER, CLOSER = 0.16, 0.07
JOINTS = (". ", ". ", ". ", " - ", "... ", "; ", ", ")
TRIES = 10
_SENTENCE = re.compile(r"[.!?\n]+")


class Voice:
    """Puts phrases into words; counts what has been said so that nothing is worn out."""

    def __init__(
        self, rng: random.Random, world: World, edges: Mapping[str, list[Node]], messages: int
    ) -> None:
        self.rng, self.world, self.edges = rng, world, edges
        self.said: Counter[str] = Counter()
        self.most = max(2, int(MOST_OFTEN * messages))

    def say(
        self,
        author: Author,
        *headings: Sequence[Node],
        lead: str = "",
        plain: bool = False,
        bound: Mapping[str, str] | None = None,
    ) -> str:
        """One phrase of each of HEADINGS in AUTHOR's hand, after LEAD; PLAIN: no opener, no closer."""
        text, sentences = "", []
        for _ in range(TRIES):
            words = self._compose(headings, lead, dict(bound or ()))
            text = write(words if plain else self._dress(words, bool(lead)), author, self.rng)
            sentences = [s for part in _SENTENCE.split(text.lower()) if (s := part.strip())]
            if all(self.said[sentence] < self.most for sentence in sentences):
                break
        self.said.update(sentences)
        return text

    def words(self, phrases: Sequence[Node], bound: dict[str, str] | None = None) -> str:
        """One of PHRASES as it stands, in nobody's hand."""
        return expand(self.rng.choice(phrases), self.world, self.rng, {} if bound is None else bound)

    def _compose(self, headings: Sequence[Sequence[Node]], lead: str, bound: dict[str, str]) -> str:
        used: list[Node] = []
        text = lead
        for phrases in headings:
            fresh = [node for node in phrases if node not in used] if used else phrases
            if fresh:
                node = self.rng.choice(fresh)
                text += self._joint(text) if used else ""
                text += expand(node, self.world, self.rng, bound)
                used.append(node)
        return stretch(text, self.rng) if "+" in text else text

    def _joint(self, text: str) -> str:
        return " " if text[-1] in "?!" else self.rng.choice(JOINTS)

    def _dress(self, text: str, led: bool) -> str:
        if not led and self.rng.random() < OPENER:
            text = self.words(self.edges["opener"]) + " " + text
        if text[-1] not in "?!" and self.rng.random() < CLOSER:
            text += ", " + self.words(self.edges["closer"])
        return text
