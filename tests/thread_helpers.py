"""Conversations that cross, made by chance: who answers whom is known, and told by names, words and turns."""

from __future__ import annotations

import random
from collections.abc import Callable

from chorus.kernels.threads.log import Log, Message

SUBJECTS = 60  # words of their own that a conversation may be about, five each


def planted(seed: int, count: int = 400, alive: int = 4) -> tuple[Log, dict[int, list[int]]]:
    """A log of COUNT messages in which ALIVE conversations of two or three persons cross, and its links."""
    rng = random.Random(seed)
    messages: list[Message] = []
    links: dict[int, list[int]] = {}
    talks: list[dict] = []
    now, people = 0.0, 0
    while len(messages) < count:
        if len(talks) < alive:
            who = [f"person{people + k}" for k in range(rng.choice((2, 2, 3)))]
            people += len(who)
            words = [f"subject{rng.randrange(SUBJECTS)}x{k}" for k in range(5)]
            talks.append({"who": who, "words": words, "last": None, "left": rng.randrange(4, 14), "turn": 0})
        talk = rng.choice(talks)
        now += rng.expovariate(1 / 20)
        at, who = len(messages), talk["who"]
        speaker = who[talk["turn"] % len(who)]
        last = talk["last"]
        said = [rng.choice(("so", "the", "then", "now", "well", "but")), *rng.sample(talk["words"], 2)]
        if last is not None and rng.random() < 0.6:
            said.insert(0, f"{messages[last].author}:")
        messages.append(Message(speaker, now, " ".join(said) + ("?" if last is None else "")))
        links[at] = [at if last is None else last]
        talk["last"], talk["turn"], talk["left"] = at, talk["turn"] + 1, talk["left"] - 1
        if not talk["left"]:
            talks.remove(talk)
    return Log(messages), links


def shuffled(log: Log, seed: int) -> Log:
    """The same authors and texts, dealt to other moments: nothing tells who answers whom."""
    order = list(range(len(log)))
    random.Random(seed).shuffle(order)
    moments = [message.at for message in log.messages]
    return Log([log.messages[at]._replace(at=moment) for at, moment in zip(order, moments, strict=True)])


def as_sets(
    links: dict[int, list[int]], keep: Callable[[int], bool] = lambda _: True
) -> set[tuple[int, int]]:
    return {(message, answered) for message, all in links.items() for answered in all if keep(message)}
