"""Times versions of the environment: rewriting, going back, looking things up, among several hundred definitions.

    python bench/frames/run.py

Each figure is the median of ROUNDS, of processor time, with that by the clock beside it, which other work makes longer.
A rewrite is timed with and without a journal, a rollback in the session that made the versions and in one that has only
opened the workspace. Ratios of speed compare code after rewrites with the same
definitions in a session that never saw another.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from chorus import Session

COUNT = 500
ROUNDS = 15
FIRST = 2  # rounds that warm up
TURNS = 300  # of two sessions whose speed is compared


def definitions(k: int, count: int = COUNT) -> str:
    """COUNT procedures, of which each fifth is called in a loop by another, and some data."""
    lines = []
    for i in range(count // 2):
        lines.append(f"(define (step{i} x) (if (> x 1000000) (- x {k}) (+ x {i + k})))")
        loop = f"(let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (step{i} i)))))"
        lines.append(f"(define (run{i} n) {loop})" if i % 5 else f'(define data{i} \'({k} {i} "text"))')
    return "\n".join(lines)


class Times(NamedTuple):
    """Seconds, of the processor and by the clock."""

    process: float
    clock: float


def once(job: Callable[[], object]) -> Times:
    process, clock = time.process_time(), time.perf_counter()
    job()
    return Times(time.process_time() - process, time.perf_counter() - clock)


def median(times: list[Times]) -> Times:
    return Times(*map(statistics.median, zip(*times, strict=True)))


def timed(job: Callable[[int], object], rounds: int = ROUNDS) -> Times:
    """Median seconds of JOB(round)."""
    return median([once(partial(job, number)) for number in range(rounds + FIRST)][FIRST:])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(f"{COUNT} definitions, median of {ROUNDS}")
        plain = rewriting(None, "in memory")
        kept = rewriting(Path(folder) / "w", "with a journal")
        going(Path(folder) / "back")
        speed()
        goal("rewrite-ms", plain.process * 1000, 10)
        goal("rewrite-with-journal-ms", kept.process * 1000, 50)


def rewriting(workspace: Path | None, name: str) -> Times:
    with Session(workspace, persist=workspace is not None) as session:
        session.eval(definitions(1))
        session.eval("(run3 10)")
        before = session.space.lowered

        def rewrite(number: int) -> None:
            session.eval(f'(rewrite step3 (define (step3 x) (* x {number})) :reason "faster")')

        seconds = timed(rewrite)
        lowered = session.space.lowered - before
        rounds = ROUNDS + FIRST
        row(f"rewrite, {name}", seconds)
        print(f"  units invalidated in {rounds} rewrites: {lowered}, of {session.space.flags}")
        lookup = timed(lambda _: session.eval("(environment-history 'step3)"))
        row(f"history of a name, {name}", lookup)
        row(f"difference of two versions, {name}", timed(lambda _: session.eval("(environment-diff 'v500)")))
        if workspace is None:
            goal("history-ms", lookup.process * 1000, 100)
    return seconds


def going(workspace: Path) -> None:
    with Session(workspace, persist=True) as session:
        for k in (1, 2):
            session.eval('(%import-frame text "all")', text=definitions(k))
        live = timed(lambda number: session.eval(f"(rollback! 'v{1 + number % 2})"))
        row("rollback of all, procedures at hand", live)
    sizes: list[Times] = []
    opened: list[Times] = []
    for number in range(ROUNDS):
        with Session(workspace) as session:
            session.eval("1")
            opened.append(once(partial(session.keep, True)))
            gc.collect()  # of the sessions closed before this one, whose remains are not what is timed
            sizes.append(once(partial(session.eval, f"(rollback! 'v{1 + number % 2})")))
    row("opening the workspace", median(opened))
    row("rollback of all, from the journal", median(sizes))
    slowest = max(size.clock for size in sizes)
    print(f"  the slowest of {ROUNDS}, by the clock: {slowest * 1000:.1f} ms")
    goal("rollback-s", slowest, 1.0)


CALLERS = """
(define (chosen f x) (if (pair? x) (chosen f (cdr x)) (f x)))
(define (tails n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (chosen step3 i))))))
"""


def speed() -> None:
    """Code whose callees were rewritten, or rewritten and taken back, beside code that never was."""
    asked = ("(run3 20000)", "(tails 20000)")
    with Session() as session, Session() as fresh:
        for each in (session, fresh):
            each.eval(definitions(1, 20) + CALLERS)
            each.eval(" ".join(asked))
        number = session.versions.history.number
        session.eval("(rewrite step3 (define (step3 x) (if (> x 1000000) (- x 2) (+ x 5))))")
        session.eval("(rewrite chosen (define (chosen f x) (if (pair? x) (chosen f (cddr x)) (f x))))")
        changed = max(beside(session, fresh, ask) for ask in asked)
        session.eval(f"(rollback! 'v{number})")
        back = max(beside(session, fresh, ask) for ask in asked)
    print(f"callers of rewritten procedures, beside some that never were, the slower: {changed:.2f}")
    print(f"the same after going back: {back:.2f}")
    goal("speed-after-a-rewrite", changed, 1.5)
    goal("speed-after-a-rollback", back, 1.1)


def beside(session: Session, fresh: Session, ask: str) -> float:
    """How much longer ASK takes in SESSION than in FRESH: the least process time of many turns, as the machine has
    moods that last longer than one.
    """
    best = {session: float("inf"), fresh: float("inf")}
    for _ in range(TURNS):
        for each in best:
            began = time.process_time()
            each.eval(ask)
            best[each] = min(best[each], time.process_time() - began)
    return best[session] / best[fresh]


def row(name: str, times: Times) -> None:
    print(f"{name:45} {times.process * 1000:9.2f} ms {times.clock * 1000:9.2f} by the clock", flush=True)


def goal(name: str, measured: float, target: float) -> None:
    print(f"GOAL {name} {measured:.2f} {target} {'met' if measured <= target else 'short'}")


if __name__ == "__main__":
    main()
