"""What is said: intent, subject, stance and tone, drawn from the writer's persona, mood and patches."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.people import Account, Author
from chorus.runtime.synthetic.personas import SUBJECTS, TOPICS
from chorus.runtime.synthetic.phrase import World, load
from chorus.runtime.synthetic.timeline import DIRECTION, Patch, Timeline
from chorus.runtime.synthetic.voice import Voice

# What a message that opens a conversation is about.
OPENINGS = {
    "concern": 0.66, "stance": 0.2, "servers": 0.025, "offtopic": 0.04, "joke": 0.025, "noise": 0.035,
    "question": 0.015,
}  # fmt: skip
TONES = {"+": 1, "-": -1, "0": 0}
TONE_BASE = {"+": 0.30, "-": 0.25, "0": 0.45}
TONE_GAIN = 1.5  # log odds of a glad message for one unit of mood
STANCE_SPREAD = 0.45  # of single messages about the persona's stance
THERMOSTAT = 0.4  # how far a change of full amount moves the wish for more of it the other way
ON_PATCH, PATCH_DAYS = 0.35, 3.0  # share of openings about a patch on its first day, and how fast that fades
IN_OWN_TONGUE = 0.35  # of openings of those who have a second language
ASIDE = 0.25  # of opinions and short answers bring in something of the writer's own life
INTENSITY = {"mild": 0.4, "direct": 0.7, "indirect": 0.7, "strong": 1.0}
BOOKS = ("stances", "reasons", "concerns", "shared", "replies", "patches", "languages")


@dataclass(slots=True, eq=False)
class Draft:
    """A message before it has an id. STANCE: signed as `personas.py` says; TONE: −1 cross, 1 glad."""

    at: float
    author: Account
    text: str
    intent: str
    subject: str | None = None
    stance: float | None = None
    tone: int | None = None
    language: str = "en"
    reply_to: Draft | None = None
    linked: bool = False  # a reply made with the reply button
    fact: str | None = None
    forwarded: str | None = None
    id: str = ""


class Talk:
    """What the players of a community say."""

    def __init__(self, rng: random.Random, world: World, timeline: Timeline, messages: int) -> None:
        self.rng, self.timeline = rng, timeline
        self.books = {name: load(name) for name in BOOKS}
        self.voice = Voice(rng, world, self.books["replies"], messages)

    def open(self, author: Author, at: float) -> Draft:
        """A message that starts a conversation."""
        patch = self.timeline.latest(at)
        if patch and self.rng.random() < ON_PATCH * math.exp((patch.at - at) / DAY / PATCH_DAYS):
            return self._on_patch(author, at, patch)
        if author.tongue and self.rng.random() < IN_OWN_TONGUE:
            return self._foreign(author, at)
        match self.rng.choices(tuple(OPENINGS), tuple(OPENINGS.values()))[0]:
            case "concern":
                return self.concern(author, at)
            case "stance":
                return self.opinion(author, at, self._subject(at))
            case kind:
                return self._shared(author, at, kind)

    def reply(self, author: Author, at: float, to: Draft) -> Draft:
        """An answer to TO."""
        if to.subject in SUBJECTS and to.stance:
            draft = self._on_opinion(author, at, to.subject, to.stance)
        elif to.subject in TOPICS:
            draft = self._on_concern(author, at, to.subject, to.tone or 0)
        elif to.language != "en" and author.tongue == to.language:
            draft = self._foreign(author, at)
        else:
            draft = self._on_other(author, at, to.intent)
        draft.reply_to = to
        return draft

    def concern(self, author: Author, at: float, topic: str | None = None, tone: str | None = None) -> Draft:
        """Something about what the writer cares for."""
        topic = topic or self.rng.choices(author.topics, author.tastes)[0]
        tone = tone or self._tone(author, at)
        book = self.books["concerns"]
        headings = [book[f"{topic} {tone}"]]
        if self.rng.random() < (author.style.length - 1) * 0.45:
            headings.append(book[f"{topic} {self.rng.choice((tone, '0'))}"])
        return Draft(at, author, self.voice.say(author, *headings), "concern", topic, None, TONES[tone])

    def opinion(self, author: Author, at: float, subject: str, lead: str = "") -> Draft:
        """A stance on one of the common subjects, as strong as the writer's persona feels it."""
        value = self._value(author, subject) + self._thermostat(subject, at)
        sign = "+" if value > 0 else "-"
        manner = self._manner(abs(value))
        book = self.books["stances"]
        headings = [book[f"{subject} {sign} {manner}"]]
        if self.rng.random() < (author.style.length - 1) * 0.35:
            headings.append(book[f"{subject} {sign} {self.rng.choice(('direct', 'indirect'))}"])
        if self.rng.random() < ASIDE:
            headings.append(self.books["reasons"][author.persona.key])
        text = self.voice.say(author, *headings, lead=lead)
        return Draft(at, author, text, "opinion", subject, math.copysign(INTENSITY[manner], value))

    # -- what is drawn --------------------------------------------------------------------------------------

    def _value(self, author: Author, subject: str) -> float:
        return author.persona.stance[subject] + self.rng.gauss(0, STANCE_SPREAD)

    def _manner(self, strength: float) -> str:
        if strength < 0.35:
            return "mild"
        return self.rng.choice(
            ("strong", "direct", "indirect") if strength > 0.75 else ("direct", "direct", "indirect")
        )

    def _tone(self, author: Author, at: float) -> str:
        mood = TONE_GAIN * self.timeline.mood(author.persona.key, at)
        weights = (TONE_BASE["+"] * math.exp(mood), TONE_BASE["-"] * math.exp(-mood), TONE_BASE["0"])
        return self.rng.choices("+-0", weights)[0]

    def _subject(self, at: float) -> str:
        """One of the common subjects, more often that of the latest change."""
        weights = [1 + 2 * abs(self._thermostat(subject, at)) / THERMOSTAT for subject in SUBJECTS]
        return self.rng.choices(SUBJECTS, weights)[0]

    def _thermostat(self, subject: str, at: float) -> float:
        """After more of a thing people want a little less of it (and the reverse) for a while."""
        patch = self.timeline.latest(at)
        if patch is None:
            return 0.0
        moved = sum(DIRECTION[c.action] * c.amount for c in patch.changes if c.feature == subject)
        return -THERMOSTAT * moved * math.exp((patch.at - at) / DAY / 7)

    # -- what becomes of it ---------------------------------------------------------------------------------

    def _on_patch(self, author: Author, at: float, patch: Patch) -> Draft:
        """First impressions: of the change if it matters to the writer, else of the download."""
        change = patch.changes[0]
        feature, moved = change.feature, DIRECTION[change.action]
        care = author.persona.stance.get(feature, author.persona.likes.get(feature, 0.0))
        bound = {"number": patch.version, "feature": feature.replace("-", " ")}
        book = self.books["patches"]
        if not care or self.rng.random() < 0.2:
            return Draft(
                at, author, self.voice.say(author, book["any plain"], bound=bound), "patch", feature, None, 0
            )
        glad = moved * care + self.rng.gauss(0, 0.3) > 0 or feature not in SUBJECTS
        headings = [book[f"{feature} {'up' if moved > 0 else 'down'} {'glad' if glad else 'cross'}"]]
        if self.rng.random() < ASIDE:
            headings.append(self.books["reasons"][author.persona.key])
        text = self.voice.say(author, *headings, bound=bound)
        stance = (moved if glad else -moved) if feature in SUBJECTS else None
        return Draft(at, author, text, "patch", feature, stance, 1 if glad else -1)

    def _shared(self, author: Author, at: float, kind: str) -> Draft:
        book = self.books["shared"]
        tone = self._tone(author, at) if f"{kind} +" in book else "0"
        text = self.voice.say(author, book[f"{kind} {tone}"], plain=kind in ("noise", "joke"))
        return Draft(at, author, text, kind, "servers" if kind == "servers" else None, None, TONES[tone])

    def _foreign(self, author: Author, at: float) -> Draft:
        tongue = author.tongue or "de"
        text = self.voice.say(author, self.books["languages"][tongue], plain=True)
        return Draft(at, author, text, "smalltalk", language=tongue)

    def _on_opinion(self, author: Author, at: float, subject: str, stance: float) -> Draft:
        book = self.books["replies"]
        word = "agree" if self._value(author, subject) * stance > 0 else "disagree"
        if self.rng.random() < 0.5:
            return Draft(
                at, author, self.voice.say(author, book["short-" + word], plain=True), word, subject, None, 0
            )
        return self.opinion(author, at, subject, self.voice.words(book[word]) + " ")

    def _on_concern(self, author: Author, at: float, topic: str, tone: int) -> Draft:
        if self.rng.random() < (0.65 if topic in author.topics else 0.12):
            return self.concern(author, at, topic, "0" if self.rng.random() < 0.5 else None)
        headings = {
            1: ("cheer", "cheer", "laugh"),
            -1: ("console", "console", "shrug"),
            0: ("shrug", "shrug", "chat"),
        }
        return self._short(author, at, self.rng.choice(headings[tone]), tone)

    def _on_other(self, author: Author, at: float, intent: str) -> Draft:
        headings = {
            "joke": "laugh",
            "noise": "laugh",
            "offtopic": "chat",
            "question": "shrug",
            "servers": "console",
        }
        if intent not in headings and self.rng.random() < 0.35:
            return self.concern(author, at)
        return self._short(author, at, headings.get(intent, "chat"), 0)

    def _short(self, author: Author, at: float, heading: str, tone: int) -> Draft:
        """A word in passing, now and then with a word about oneself."""
        headings = [self.books["replies"][heading]]
        if self.rng.random() < ASIDE:
            headings.append(self.books["reasons"][author.persona.key])
        return Draft(at, author, self.voice.say(author, *headings, plain=True), "reply", None, None, tone)
