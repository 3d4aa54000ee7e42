"""A bench's work in pieces: two processes take one after another, each within its subject's time.

A subject is a module with `pieces()`, names of what can be done apart from the rest; `piece(name)`, which does it and
gives data; and `goals(done)`, rows of what all that was done comes to. What is done can be kept in a folder, and the
next run goes on from there.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
Piece = tuple[str, str]  # subject, name


@dataclass
class Subject:
    """What is left to do of a subject, what is done, and the seconds it has and has taken."""

    name: str
    budget: float
    left: list[str]
    done: dict[str, Any] = field(default_factory=dict)
    taken: float = 0.0
    longest: float = 0.0
    whole: int = 0

    def __post_init__(self) -> None:
        self.whole = len(self.left)


class Plan:
    """Which piece is next: subjects in their order, each as long as its budget allows; then what has not been done."""

    def __init__(self, budgets: Mapping[str, float], end: float, keep: Path | None) -> None:
        self.end, self.keep, self.lock = end, keep, threading.Lock()
        self.subjects = {
            name: Subject(name, budget, [str(each) for each in importlib.import_module(name).pieces()])
            for name, budget in budgets.items()
        }
        for subject in self.subjects.values():
            self._resume(subject)

    def _resume(self, subject: Subject) -> None:
        for name in list(subject.left) if self.keep else ():
            if (file := self._file((subject.name, name))).exists():
                subject.done[name] = json.loads(file.read_text(encoding="utf-8"))
                subject.left.remove(name)

    def _file(self, piece: Piece) -> Path:
        assert self.keep is not None
        return self.keep / f"{'-'.join(piece)}.json"

    def next(self) -> Piece | None:
        """A piece that is taken with this; None where nothing is left, or no time for it."""
        with self.lock:
            waiting = [each for each in self.subjects.values() if each.left]
            fits = [each for each in waiting if time.monotonic() + each.longest <= self.end]
            first = next((each for each in fits if each.taken + each.longest <= each.budget), None)
            chosen = first or next(iter(fits), None)
            return (chosen.name, chosen.left.pop(0)) if chosen else None

    def told(self, piece: Piece, result: Any, seconds: float) -> None:
        """PIECE gave RESULT (None: nothing) after SECONDS."""
        with self.lock:
            subject = self.subjects[piece[0]]
            subject.taken += seconds
            subject.longest = max(subject.longest, seconds)
            if result is None:
                return
            subject.done[piece[1]] = result
            if self.keep:
                self.keep.mkdir(parents=True, exist_ok=True)
                made = self._file(piece).with_suffix(f".{os.getpid()}")
                made.write_text(json.dumps(result), encoding="utf-8")
                made.replace(self._file(piece))


def work(plan: Plan, at_once: int) -> None:
    """Do what PLAN says in so many processes AT ONCE; who is not done at its end is stopped."""
    threads = [threading.Thread(target=_drive, args=(plan,)) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drive(plan: Plan) -> None:
    """Give one process piece after piece; one that dies is followed by another."""
    process = None
    while piece := plan.next():
        if process is None or process.poll() is not None:
            process = _worker()
        began = time.monotonic()
        stop = threading.Timer(max(1.0, plan.end - began), process.kill)
        stop.start()
        result = _asked(process, piece)
        stop.cancel()
        plan.told(piece, result, time.monotonic() - began)
    if process is not None and process.stdin is not None:
        process.stdin.close()
        process.wait()


def _worker() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", "import pieces; pieces.serve()"],
        cwd=HERE,
        env=os.environ | dict.fromkeys(POOLS, "1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _asked(process: subprocess.Popen[str], piece: Piece) -> Any:
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write("\t".join(piece) + "\n")
        process.stdin.flush()
    line = process.stdout.readline()
    return json.loads(line) if line else None


def serve() -> None:
    """A worker: a line names a piece, a line of JSON is what it gave. What a piece prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        subject, name = line.rstrip("\n").split("\t")
        print(json.dumps(importlib.import_module(subject).piece(name)), file=answers, flush=True)
