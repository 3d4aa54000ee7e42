"""What a turn's logging adds to its answer: the same questions with turns written down, and without, in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping

from community import community

from chorus import Session

MESSAGES, SEED = 300, 42
ROUNDS = 60
MOST = 5.0  # ms
QUESTIONS = ("What do they think of the price?", "How would they react to increased difficulty?")
# The same inquiry without a turn around it and without a record; the definitions are put back afterwards.
SWITCHES = """
(define %as-turn as-turn)
(define %record-answer record-answer)
(define (logging! on?)
  (set! as-turn (if on? %as-turn (lambda (kind target thunk) (thunk))))
  (set! record-answer (if on? %record-answer (lambda (answer form) answer))))
"""
ASK = (
    "(with-choices '((answer-length . 4) (other-side . 1)) (lambda () (persona-inquiry 'everyone question)))"
)
Goal = tuple[str, float, str, bool]


def pieces() -> list[str]:
    return ["turns"]


def piece(name: str) -> float:
    """Milliseconds of processor time that logging adds to a turn."""
    with community(MESSAGES, SEED) as (session, _):
        session.eval(SWITCHES)
        for clock, name in ((time.process_time, "processor"), (time.perf_counter, "wall")):
            extra = _extra(session, clock)
            print(f"logging a turn adds {extra:.2f} ms of {name} time (median of {ROUNDS} pairs)")
            if name == "processor":
                measured = extra
    return measured


def goals(done: Mapping[str, float]) -> Iterator[Goal]:
    yield "turn-overhead", done["turns"], "≤5ms", done["turns"] <= MOST


def _extra(session: Session, clock: Callable[[], float]) -> float:
    """Milliseconds that logging adds: the median of differences of turns that follow one another."""
    found = []
    for number in range(ROUNDS):
        question = QUESTIONS[number % len(QUESTIONS)]
        took = {}
        for on in (number % 4 < 2, number % 4 >= 2):
            session.eval("(logging! on?)", **{"on?": on})
            session.eval(ASK, question=question)  # what a switch makes anew is made
            began = clock()
            session.eval(ASK, question=question)
            took[on] = clock() - began
        found.append(1000 * (took[True] - took[False]))
    return statistics.median(found)


if __name__ == "__main__":
    print(piece("turns"))
