"""A day of conversations: who opens, who answers and when, so that each persona says its share of the day."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chorus.runtime.synthetic.facts import Fact
from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.rhythm import Crowd, moment
from chorus.runtime.synthetic.side import FORWARDED, WORDLESS, Sidelines
from chorus.runtime.synthetic.talk import Draft, Talk

ANSWERED = 0.36  # of openings that find an answer
GOES_ON = 0.45  # chance of one more message in a conversation
LINKED = 0.65  # of answers made with the reply button; the others just follow
TO_FIRST = 0.6  # of answers that answer the opening, the others what was said last
PROMPT, PROMPT_GAP, LATE_GAP = 0.85, 90, 4000  # share of quick answers; mean seconds of quick and late ones


@dataclass
class Day:
    """One day of the community: its first second, who is there, how much each persona has still to say."""

    start: float
    crowds: dict[str, Crowd]
    left: dict[str, int]

    def draw(self, rng: random.Random, besides: Author | None = None) -> Author | None:
        """Somebody who may speak now, by what is left to say; spends it. None when the day is used up."""
        keys = [key for key, count in self.left.items() if count > 0]
        if not keys:
            return None
        key = keys[0] if len(keys) == 1 else rng.choices(keys, [self.left[k] for k in keys])[0]
        self.left[key] -= 1
        author = self.crowds[key].draw(rng)
        for _ in range(5):
            if author is not besides:
                break
            author = self.crowds[key].draw(rng)
        return author


def conversations(day: Day, talk: Talk, aside: Sidelines, facts: Sequence[Fact]) -> Iterator[Draft]:
    """All that players send on DAY, in no order; FACTS are asked (and answered) among it."""
    for fact in facts:
        yield from _asked(day, talk, fact)
    yield from _wordless(day, talk, aside)
    while author := day.draw(talk.rng):
        first = talk.open(author, moment(author.persona, day.start, talk.rng))
        yield first
        if first.intent != "noise" and talk.rng.random() < ANSWERED:
            yield from _answers(day, talk, first)


def _wordless(day: Day, talk: Talk, aside: Sidelines) -> Iterator[Draft]:
    """Pictures without words and forwarded messages."""
    rng = talk.rng
    for _ in range(sum(day.left.values())):
        chance = rng.random()
        if chance < WORDLESS + FORWARDED and (author := day.draw(rng)):
            at = moment(author.persona, day.start, rng)
            if chance < WORDLESS:
                yield aside.picture(author, at)
            else:
                yield aside.forward(author, at, talk.concern(author, at).text)


def _answers(day: Day, talk: Talk, first: Draft) -> Iterator[Draft]:
    """Replies to FIRST and to one another."""
    rng = talk.rng
    parent, at, goes_on = first, first.at, True
    last = first
    while goes_on and (author := day.draw(rng, last.author if isinstance(last.author, Author) else None)):
        at += rng.expovariate(1 / PROMPT_GAP) + 4 if rng.random() < PROMPT else rng.expovariate(1 / LATE_GAP)
        parent = first if rng.random() < TO_FIRST and author is not first.author else last
        last = talk.reply(author, at, parent)
        last.linked = rng.random() < LINKED
        yield last
        goes_on = rng.random() < GOES_ON


def _asked(day: Day, talk: Talk, fact: Fact) -> Iterator[Draft]:
    """FACT is asked and answered; somebody else only talks about the same thing."""
    rng = talk.rng
    if sum(day.left.values()) < 3:
        return
    asker, helper, other = day.draw(rng), day.draw(rng), day.draw(rng)
    if other:
        at = moment(other.persona, day.start, rng)
        yield Draft(
            at, other, talk.voice.say(other, fact.mentions, bound=fact.bound), "mention", fact.key, tone=0
        )
    if asker and helper:
        at = moment(asker.persona, day.start, rng)
        text = talk.voice.say(asker, fact.questions, bound=fact.bound)
        question = Draft(at, asker, text, "fact-question", fact.key, tone=0, fact=fact.key)
        yield question
        at += rng.expovariate(1 / 200) + 15
        text = talk.voice.say(helper, fact.answers, bound=fact.bound, plain=True)
        linked = rng.random() < 0.85
        yield Draft(
            at, helper, text, "fact-answer", fact.key, tone=0, fact=fact.key, reply_to=question, linked=linked
        )
