"""Times the evaluator in the language: what its code costs to write and to run, level by level.

    python bench/evaluator/run.py [PROGRAM …]

Programs are those of bench/language. Residual code: each is loaded by the host's front end, by the evaluator of each
level, and by the host's in one more session, the control: what that differs from 1 is of the measuring. Their
procedures `run` are called in turn, in one process, without the collector; the least process time of a call counts, and
ratios are to the host's. Staging: the process time in which a top-level form becomes core code, macros included, before
the core compiler has it. Derived: sizes are such that the plain program takes some milliseconds, for a form costs the
session some tenths of one whatever evaluates it.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chorus import Capabilities, Session
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.stage.front import FILE, Front, Tower, derived_names, tower_of
from chorus.runtime import manifest

HERE = Path(__file__).parent
PROGRAMS = HERE.parent / "language" / "programs"
LEVELS = (1, 2, 3)
CONTROL = "control"
ROUNDS = 40
TURNS = 12
GOALS = {"profile": 5, "step": 10}  # times slower than plain code
SIZES = {
    "fib": 18, "tak": 12, "nqueens": 6, "loop": 40_000, "deriv": 400, "closures": 1_000, "assign": 5_000, "hash": 5_000,
    "strings": 4_000, "mutual": 100, "escape": 1_000, "generator": 7, "sort": 200,
}  # fmt: skip
DERIVED = {"fib": 20, "deriv": 600, "closures": 1_000, "hash": 10_000, "sort": 400}


def main(names: list[str]) -> None:
    medians: dict[Any, list[float]] = {each: [] for each in (CONTROL, *LEVELS)}
    print(f"{'residual':12} {'host ms':>9} {CONTROL:>8} " + " ".join(f"{f'level {n}':>8}" for n in LEVELS))
    for name in names:
        base, ratios = residual(name)
        print(f"{name:12} {base * 1000:9.2f} " + " ".join(f"{ratios[n]:8.3f}" for n in medians), flush=True)
        for each, found in medians.items():
            found.append(ratios[each])
    print(f"{'median':22} " + " ".join(f"{statistics.median(found):8.3f}" for found in medians.values()))
    staged = staging(names)
    host = statistics.median(staged[0])
    print(f"\n{'staging':12} {'median ms':>9} {'90 % ms':>9} {'over host':>9}")
    for level, times in staged.items():
        label = f"level {level}" if level else "host"
        median = statistics.median(times)
        print(f"{label:12} {median * 1000:9.3f} {percentile(times, 0.9) * 1000:9.3f} {median / host:9.2f}")
    loading()
    interpreting()
    costs = deriving()
    text = (Path(manifest.ROOT) / "stdlib" / FILE).read_text(encoding="utf-8").splitlines()
    code = sum(1 for line in text if line.strip() and not line.lstrip().startswith(";"))
    print(f"stdlib/{FILE}: {len(text)} lines, {code} of code\n")
    for level in LEVELS:
        goal(f"residual-level-{level}", statistics.median(medians[level]), 1.05)
    goal("staging-ms", statistics.median(staged[1]) * 1000, 1.0)
    goal("staging-level-3-over-1", statistics.median(staged[3]) / statistics.median(staged[1]), 1.2)
    for evaluator, target in GOALS.items():
        goal(f"{evaluator}-over-plain", costs[evaluator], target)


def goal(name: str, measured: float, target: float) -> None:
    print(f"GOAL {name} {measured:.2f} {target} {'met' if measured <= target else 'short'}")


def percentile(times: list[float], part: float) -> float:
    return sorted(times)[int(part * (len(times) - 1))]


def residual(name: str) -> tuple[float, dict[Any, float]]:
    """The least seconds of a run of the program NAME by the host's code, and the ratios to it of control and levels."""
    text = (PROGRAMS / f"{name}.sexp").read_text(encoding="utf-8")
    levels: dict[Any, Session] = {level: Session(evaluator=f"meta-{level}") for level in LEVELS}
    sessions = {0: Session(), **levels, CONTROL: Session()}
    best = dict.fromkeys(sessions, float("inf"))
    for session in sessions.values():
        session.eval(text)
    size = SIZES.get(name, 100)
    turns = [(each, session, session.lookup("run")) for each, session in sessions.items()]
    gc.collect()
    gc.disable()
    for _ in range(ROUNDS):
        turns = [*turns[1:], turns[0]]  # none always comes first
        for each, session, run in turns:
            best[each] = min(best[each], inside(session, run, size))
    gc.enable()
    for session in sessions.values():
        session.close()
    return best[0], {each: best[each] / best[0] for each in sessions}


def inside(session: Session, run: Any, size: int) -> float:
    """The seconds of a call of RUN on SESSION's thread, without what it takes to get there."""
    return session._inside(lambda: timed(lambda: session.call(run, size)))  # type: ignore[no-any-return]


def staging(names: list[str]) -> dict[int, list[float]]:
    """The least seconds of every top-level form of the programs, by the host (0) and by each level."""
    with Session() as session:
        tower = tower_of(session.space.foundation)

        def job() -> dict[int, list[float]]:
            fronts = {0: None, **{level: Front(tower.level(level)) for level in LEVELS}}
            found: dict[int, list[float]] = {level: [] for level in fronts}
            for name in names:
                path = PROGRAMS / f"{name}.sexp"
                for form, span in read_spanned(path.read_text(encoding="utf-8"), path.name):
                    for level, front in fronts.items():
                        found[level].append(least(lambda: nodes(session, front, form, span)))  # noqa: B023
                    session.evaluate(form, span, path.name)
            return found

        return session._inside(job)  # type: ignore[no-any-return]


def nodes(session: Session, front: Front | None, form: Any, span: Any) -> None:
    evaluator = Evaluator(session.space)
    evaluator.front = front
    list(evaluator.nodes(form, span, span.file))
    session.space.shadowed.clear()


def loading() -> None:
    """What it takes to have the evaluator at all: from the cache, and written anew by the level below."""
    with Session() as session:
        foundation = session.space.foundation
        tower_of(foundation).level(1)  # the cache is there, and the primitives are loaded
        tower = Tower(foundation)
        first = timed(lambda: session._inside(lambda: tower.level(1)))
        second = timed(lambda: session._inside(lambda: tower.level(2)))
    print(f"\nlevel 1 from the cache {first * 1000:.1f} ms, a level by the one below {second * 1000:.0f} ms")


def interpreting() -> None:
    """How many times slower forms are evaluated without compiling them."""
    program = "(define (run n) (if (< n 2) n (+ (run (- n 1)) (run (- n 2)))))"
    times = {}
    for name, size in (("host", 15), ("interpreted", 8), ("interpreted-2", 5)):
        with Session(evaluator=name) as session:
            session.eval(program)
            times[name] = least(lambda: session.eval(f"(run {size})")) / calls(size)  # noqa: B023
    for name in ("interpreted", "interpreted-2"):
        print(f"{name}: {times[name] / times['host']:,.0f} times the compiled code's time on fib")


def deriving() -> dict[str, float]:
    """How many times slower programs are that derived evaluators evaluate, each whole; `step` without a stop. Gives the
    medians.
    """
    print(f"\n{'derived':12} " + " ".join(f"{name:>9}" for name in DERIVED))
    medians = {}
    for evaluator in derived_names():
        ratios = [derived(evaluator, name) for name in DERIVED]
        medians[evaluator] = statistics.median(ratios)
        print(f"{evaluator:12} " + " ".join(f"{ratio:9.1f}" for ratio in ratios), flush=True)
    return medians


def derived(evaluator: str, name: str) -> float:
    """How many times slower the program NAME is by EVALUATOR: the least process times, in turns."""
    best = {}
    for each in ("host", evaluator):
        session = Session(evaluator=each, allow=Capabilities.all())
        session.on_step = lambda stop: "continue"
        session.eval((PROGRAMS / f"{name}.sexp").read_text(encoding="utf-8"))
        session.eval(f"(run {DERIVED[name]})")
        best[session] = float("inf")
    for _ in range(TURNS):
        for session in best:
            best[session] = min(best[session], timed(lambda: session.eval(f"(run {DERIVED[name]})")))  # noqa: B023
    for session in best:
        session.close()
    host, other = best.values()
    return other / host


def calls(n: int) -> int:
    return 1 if n < 2 else 1 + calls(n - 1) + calls(n - 2)


def timed(job: Callable[[], Any]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def least(job: Callable[[], Any]) -> float:
    job()
    return min(timed(job) for _ in range(5))


if __name__ == "__main__":
    main(sys.argv[1:] or list(SIZES))
