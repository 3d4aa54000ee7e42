"""A day of conversations: who opens, who answers and after how long, so that each persona says its share of the day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from chorus.runtime.synthetic.facts import Fact
from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import Persona
from chorus.runtime.synthetic.rhythm import Crowd, moment
from chorus.runtime.synthetic.talk import Draft, Talk
from chorus.runtime.synthetic.timeline import DAY

ANSWERED = 0.4  # of openings that find an answer
GOES_ON = 0.45  # chance of one more message in a conversation
LINKED = 0.65  # of answers that use the reply button; the others just follow


@dataclass
class Day:
    """One day of the community: its first second, who is there, what each persona has still to say."""

    start: float
    crowds: dict[str, Crowd]
    left: dict[str, int]
    personas: dict[str, Persona]

    def draw(self, rng: random.Random, besides: Author | None = None) -> Author | None:
        """Somebody who may speak now, by what is left to say; spends it. None when the day is used up."""
        keys = [key for key, count in self.left.items() if count > 0]
        if not keys:
            return None
        key = rng.choices(keys, [self.left[k] for k in keys])[0]
        for _ in range(6):
            author = self.crowds[key].draw(rng)
            if author is not besides:
                break
        self.left[key] -= 1
        return author


def conversations(day: Day, talk: Talk, facts: list[Fact]) -> Iterator[Draft]:
    """All that is said on DAY by players, in no order; FACTS are asked (and answered) among it."""
    rng = talk.rng
    for fact in facts:
        yield from _asked(day, talk, fact)
    while author := day.draw(rng):
        first = talk.open(author, moment(author.persona, day.start, rng))
        yield first
        if first.intent != "noise" and rng.random() < ANSWERED:
            yield from _answers(day, talk, first)


def _answers(day: Day, talk: Talk, first: Draft) -> Iterator[Draft]:
    """Replies to FIRST and to one another."""
    rng = talk.rng
    thread = [first]
    at = first.at
    while author := day.draw(rng, besides=thread[-1].author):
        at += rng.expovariate(1 / 90) + 4 if rng.random() < 0.85 else rng.expovariate(1 / 4000)
        parent = first if rng.random() < 0.6 else thread[-1]
        if parent.author is author:
            parent = first if parent is not first else thread[-1]
        draft = talk.reply(author, at, parent)
        draft.linked = rng.random() < LINKED
        thread.append(draft)
        yield draft
        if rng.random() > GOES_ON:
            return


def _asked(day: Day, talk: Talk, fact: Fact) -> Iterator[Draft]:
    """FACT is asked and answered; in one case of three it is only talked about."""
    rng = talk.rng
    asker, helper, third = (day.draw(rng) for _ in range(3))
    if asker is None or helper is None:
        return
    at = moment(asker.persona, day.start, rng)
    bound = dict(fact.bound)
    if third is not None:
        yield Draft(
            at - rng.uniform(600, DAY / 3),
            third,
            talk.say(third, fact.mentions, bound=bound),
            "mention",
            fact.key,
            None,
            0,
        )
    text = talk.say(asker, fact.questions, bound=dict(fact.bound))
    question = Draft(at, asker, text, "question", fact.key, None, 0, fact=fact.key)
    yield question
    answer = Draft(
        at + rng.expovariate(1 / 200) + 15,
        helper,
        "",
        "answer",
        fact.key,
        None,
        0,
        fact=fact.key,
        answers=True,
    )
    answer.text = talk.say(helper, fact.answers, bound=dict(fact.bound))
    answer.reply_to, answer.linked = question, rng.random() < 0.85
    yield answer
