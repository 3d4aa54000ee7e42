"""What is said: a message's intent, subject and stance drawn from its writer's persona and mood, then put into words.

A message is composed: an opener, one or more phrases of the matching heading, an aside from the writer's own life, a
closer; then written in the author's hand (`style.py`). Phrases multiply their choices, so a heading of ten lines says
some thousands of different things, and a sentence already said too often is said anew.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import PERSONAS, SUBJECTS
from chorus.runtime.synthetic.phrase import World, expand, load
from chorus.runtime.synthetic.style import stretch, write
from chorus.runtime.synthetic.timeline import DAY, DIRECTION, Patch, Timeline

TOPICS = [topic for persona in PERSONAS for topic in persona.concerns]
OWN_TOPIC = 0.9  # of what is said about any persona's concerns, the share that is the writer's own persona's
# What a message that opens a conversation is about.
OPENINGS = {
    "concern": 0.62,
    "stance": 0.2,
    "servers": 0.035,
    "offtopic": 0.05,
    "joke": 0.03,
    "noise": 0.045,
    "question": 0.02,
}
TONES = {"+": 1, "-": -1, "0": 0}
TONE_BASE = {"+": 0.30, "-": 0.25, "0": 0.45}
TONE_GAIN = 1.3  # log odds of a glad message for one unit of mood
STANCE_SPREAD = 0.45  # of single messages about the persona's stance
THERMOSTAT = 0.4  # how far a change of full amount moves the wish for more of it the other way
INTENSITY = {"mild": 0.4, "direct": 0.7, "indirect": 0.7, "strong": 1.0}
MOST_OFTEN = 0.004  # of all messages may hold the same sentence
_SENTENCE = re.compile(r"[.!?\n]+")


@dataclass(slots=True)
class Draft:
    """A message before it has an id."""

    at: float
    author: Author
    text: str
    intent: str
    subject: str | None = None
    stance: float | None = None
    tone: int | None = None
    language: str = "en"
    reply_to: Draft | None = None
    fact: str | None = None
    answers: bool = False
    forwarded: str | None = None
    linked: bool = False  # a reply that says what it answers
    id: str = ""


@dataclass
class Talk:
    """The voice of a whole community."""

    rng: random.Random
    world: World
    timeline: Timeline
    messages: int
    said: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.stances, self.reasons, self.concerns = load("stances"), load("reasons"), load("concerns")
        self.shared, self.replies, self.patches = load("shared"), load("replies"), load("patches")
        self.foreign = load("languages")
        self.most = max(2, int(MOST_OFTEN * self.messages))

    # -- what to say ---------------------------------------------------------------------------------------------

    def open(self, author: Author, at: float) -> Draft:
        """A message that starts a conversation."""
        patch = self.timeline.latest(at)
        heat = math.exp((patch.at - at) / DAY / 3) if patch else 0.0
        if patch and self.rng.random() < 0.35 * heat:
            return self._on_patch(author, at, patch)
        if author.tongue and self.rng.random() < 0.25:
            return Draft(
                at,
                author,
                self.say(author, self.foreign[author.tongue], plain=True),
                "smalltalk",
                language=author.tongue,
            )
        kind = self.rng.choices(list(OPENINGS), list(OPENINGS.values()))[0]
        if kind == "concern":
            return self.concern(author, at)
        if kind == "stance":
            return self.opinion(author, at, self._subject(at))
        return self._shared(author, at, kind)

    def reply(self, author: Author, at: float, to: Draft) -> Draft:
        """An answer to TO."""
        if to.subject in SUBJECTS and to.stance:
            draft = self._on_opinion(author, at, to)
        elif to.subject in TOPICS:
            draft = self._on_concern(author, at, to)
        else:
            draft = self._on_other(author, at, to)
        draft.reply_to = to
        return draft

    def concern(self, author: Author, at: float, topic: str | None = None, tone: str | None = None) -> Draft:
        """Something about what the writer's kind of player cares for (now and then about what others care for)."""
        persona = author.persona
        if topic is None:
            own = self.rng.random() < OWN_TOPIC
            topic = (
                self.rng.choices(*zip(*persona.concerns.items(), strict=True))[0]
                if own
                else self.rng.choice(TOPICS)
            )
        tone = tone or self._tone(persona.key, at)
        phrases = [self.concerns[f"{topic} {tone}"]]
        if self.rng.random() < (author.style.length - 1) * 0.45:
            phrases.append(self.concerns[f"{topic} {self.rng.choice((tone, '0'))}"])
        return Draft(at, author, self.say(author, *phrases), "concern", topic, None, TONES[tone])

    def opinion(self, author: Author, at: float, subject: str, lead: str | None = None) -> Draft:
        """A stance on one of the common subjects, as strong as the writer's persona feels it (and some noise)."""
        value = (
            author.persona.stance[subject] + self.rng.gauss(0, STANCE_SPREAD) + self._thermostat(subject, at)
        )
        sign = "+" if value > 0 else "-"
        manner = self._manner(abs(value))
        phrases = [self.stances[f"{subject} {sign} {manner}"]]
        if self.rng.random() < (author.style.length - 1) * 0.35:
            phrases.append(self.stances[f"{subject} {sign} {self.rng.choice(('direct', 'indirect'))}"])
        if self.rng.random() < 0.3:
            phrases.append(self.reasons[author.persona.key])
        text = self.say(author, *phrases, lead=lead)
        return Draft(at, author, text, "opinion", subject, (1 if value > 0 else -1) * INTENSITY[manner])

    def _manner(self, strength: float) -> str:
        if strength < 0.35:
            return "mild"
        return self.rng.choice(
            ("strong", "direct", "indirect") if strength > 0.75 else ("direct", "indirect", "direct")
        )

    def _tone(self, persona: str, at: float) -> str:
        mood = TONE_GAIN * self.timeline.mood(persona, at)
        weights = (TONE_BASE["+"] * math.exp(mood), TONE_BASE["-"] * math.exp(-mood), TONE_BASE["0"])
        return self.rng.choices("+-0", weights)[0]

    def _subject(self, at: float) -> str:
        """One of the common subjects, more often that of the latest change."""
        weights = [1 + 2 * abs(self._thermostat(subject, at)) / THERMOSTAT for subject in SUBJECTS]
        return self.rng.choices(SUBJECTS, weights)[0]

    def _thermostat(self, subject: str, at: float) -> float:
        """After more of a thing people want a little less of it, and the reverse, while the change is fresh."""
        patch = self.timeline.latest(at)
        moved = (
            sum(DIRECTION[c.action] * c.amount for c in patch.changes if c.feature == subject) if patch else 0
        )
        return -THERMOSTAT * moved * math.exp((patch.at - at) / DAY / 7) if patch and moved else 0.0

    def _on_patch(self, author: Author, at: float, patch: Patch) -> Draft:
        change = patch.changes[0]
        bound = {"version": patch.version, "feature": change.feature.replace("-", " ")}
        if change.feature not in SUBJECTS or self.rng.random() < 0.2:
            return Draft(
                at,
                author,
                self.say(author, self.patches["any plain"], bound=bound),
                "patch",
                change.feature,
                None,
                0,
            )
        moved = DIRECTION[change.action]
        glad = moved * author.persona.stance[change.feature] + self.rng.gauss(0, 0.3) > 0
        heading = f"{change.feature} {'up' if moved > 0 else 'down'} {'glad' if glad else 'cross'}"
        phrases = [self.patches[heading]]
        if self.rng.random() < 0.25:
            phrases.append(self.reasons[author.persona.key])
        text = self.say(author, *phrases, bound=bound)
        return Draft(at, author, text, "patch", change.feature, moved if glad else -moved, 1 if glad else -1)

    def _shared(self, author: Author, at: float, kind: str) -> Draft:
        tone = self._tone(author.persona.key, at) if f"{kind} +" in self.shared else "0"
        text = self.say(author, self.shared[f"{kind} {tone}"], plain=kind in ("noise", "joke"))
        return Draft(at, author, text, kind, kind if kind == "servers" else None, None, TONES[tone])

    def _on_opinion(self, author: Author, at: float, to: Draft) -> Draft:
        own = author.persona.stance[to.subject] + self.rng.gauss(0, STANCE_SPREAD)
        agrees = own * to.stance > 0
        word = "agree" if agrees else "disagree"
        if self.rng.random() < 0.5:
            text = self.say(author, self.replies["short-" + word], plain=True)
            return Draft(at, author, text, word, to.subject, None, 0)
        lead = expand(self.rng.choice(self.replies[word]), self.world, self.rng, {}) + " "
        return self.opinion(author, at, to.subject, lead)

    def _on_concern(self, author: Author, at: float, to: Draft) -> Draft:
        cares = to.subject in author.persona.concerns
        if self.rng.random() < (0.6 if cares else 0.12):
            return self.concern(
                author, at, to.subject, self.rng.choice(("0", "0", "+" if to.tone != -1 else "-"))
            )
        heading = {
            1: ("cheer", "cheer", "laugh"),
            -1: ("console", "console", "shrug"),
            0: ("shrug", "shrug", "chat"),
        }[to.tone or 0]
        return Draft(
            at,
            author,
            self.say(author, self.replies[self.rng.choice(heading)], plain=True),
            "reply",
            None,
            None,
            to.tone,
        )

    def _on_other(self, author: Author, at: float, to: Draft) -> Draft:
        if to.language != "en" and author.tongue == to.language:
            return Draft(
                at,
                author,
                self.say(author, self.foreign[to.language], plain=True),
                "smalltalk",
                language=to.language,
            )
        heading = {
            "joke": "laugh",
            "noise": "laugh",
            "offtopic": "chat",
            "question": "shrug",
            "servers": "console",
        }.get(to.intent, "chat")
        if heading == "chat" and self.rng.random() < 0.35:
            return self.concern(author, at)
        return Draft(at, author, self.say(author, self.replies[heading], plain=True), "reply", None, None, 0)

    # -- how to say it -------------------------------------------------------------------------------------------

    def say(
        self,
        author: Author,
        *phrases: list,
        lead: str | None = None,
        plain: bool = False,
        bound: dict | None = None,
    ) -> str:
        """One phrase of each of PHRASES, joined and written in AUTHOR's hand; a worn-out sentence is tried again."""
        for _ in range(8):
            text = write(self._compose(phrases, lead, plain, dict(bound or ())), author, self.rng)
            sentences = [part.strip().lower() for part in _SENTENCE.split(text)]
            if all(self.said[sentence] < self.most for sentence in sentences if sentence):
                break
        self.said.update(sentences)
        return text

    def _compose(
        self, phrases: tuple[list, ...], lead: str | None, plain: bool, bound: dict[str, str]
    ) -> str:
        rng = self.rng
        text = self._expand(rng.choice(phrases[0]), bound)
        for more in phrases[1:]:
            text += rng.choice((". ", ". ", ", ", " - ", "... ", ", and ")) + self._expand(
                rng.choice(more), bound
            )
        if plain:
            return stretch(text, rng)
        if lead:
            text = lead + text
        elif rng.random() < 0.16:
            text = self._expand(rng.choice(self.replies["opener"]), bound) + " " + text
        if rng.random() < 0.08:
            text += ", " + self._expand(rng.choice(self.replies["closer"]), bound)
        return text

    def _expand(self, node: tuple, bound: dict[str, str]) -> str:
        return expand(node, self.world, self.rng, bound)
