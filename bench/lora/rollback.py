"""Going back: is every version of a chain of adapters the same to the bit, and is every change by another hand found?

Versions are made at random: adapters of four frames, new, replaced, moved outward, taken back. The workspace is opened
anew and each is gone back to; its factors, and what they give, are compared with those noted when it held.
Then bits, lines, files and heads of everything that is kept are changed, one thing at a time, and the audit is asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.adapters.value import Adapter

NAMES = ("voice", "vectors")
FRAMES = ("domain", "swarm", "agent", "context")
VERSIONS, TAMPERINGS = 60, 200
APPLIED = "(adapter-apply {} '(1 2 3 4 5 6 7 8 9) :layer 'l :onto 'nothing)"
Row = tuple[str, float, str, bool]
Seen = dict[str, str]


def goals(end: float, full: bool) -> Iterator[Row]:
    more = 4 if full else 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "workspace"
        versions = _live(folder, random.Random(1), VERSIONS * more, end)
        exact, gone_back = _go_back(folder, versions, end)
        found, tampered = _tamper(folder, Path(scratch), random.Random(2), TAMPERINGS * more, end)
    print(f"  {gone_back} times back to one of {len(versions)} versions: {exact} the same to the bit")
    print(f"  {tampered} changes by another hand: {found} found")
    if gone_back < VERSIONS or tampered < TAMPERINGS / 2:
        return  # too few to say anything
    worst = min(exact / gone_back, found / tampered)
    verdict = "every" if worst == 1 else "not every"
    print(f"  verdict: {verdict} version comes back exactly, and {verdict} change by another hand is found")
    yield "rollback-exact", 100 * worst, ">=100%-of-versions-and-tamperings", worst == 1


def _live(folder: Path, draw: random.Random, count: int, end: float) -> dict[int, Seen]:
    """Make about COUNT versions in FOLDER; by number, what each name meant then."""
    seen: dict[int, Seen] = {}
    with Session(folder, allow=Capabilities.all(), persist=True) as session:
        for step in range(count):
            if time.monotonic() > end - 60:
                break
            name = draw.choice(NAMES)
            what = draw.random()
            try:
                if what < 0.7 or step < 4:
                    made = (
                        f"(make-adapter 'a {{:l '(12 9) :m '(7 12)}} :rank {draw.randint(1, 6)} :seed {step})"
                    )
                    full = f"(adapter-merge (list {made} {_filled(draw, step)}))"
                    session.eval(f"(rewrite {name} {full} :in '{draw.choice(FRAMES)})")
                elif what < 0.9:
                    session.eval(f"(approve! (migrate! '{name} :rank {draw.choice(('#f', '3'))}))")
                else:
                    session.eval(f"(rollback! {draw.randint(1, max(1, len(seen)))})")
            except ChorusError as refused:
                if refused.code not in ("migration", "conflict"):
                    raise
            seen[session.versions.history.number] = _meaning(session)
    return seen


def _filled(draw: random.Random, seed: int) -> str:
    """A form for an adapter that changes something."""
    row = lambda count: "(" + " ".join(str(round(draw.gauss(0, 1), 6)) for _ in range(count)) + ")"
    a = f"({row(9)} {row(9)})"
    b = "(" + " ".join(row(2) for _ in range(12)) + ")"
    return f"(make-adapter 'f{seed} {{:l '({a} {b})}})"


def _meaning(session: Session) -> Seen:
    """The factors that each name means, as digests of their bytes, and what applying them gives, to the bit."""
    found = {}
    for name in NAMES:
        value = session.space.get(name) if session.space.holds(name) else None
        if isinstance(value, Adapter):
            told = hashlib.sha256()
            for content in value.contents:
                told.update(json.dumps(content.about, sort_keys=True).encode())
                for layer, array in sorted(content.tensors.items()):
                    told.update(layer.encode() + array.tobytes())
            found[name] = told.hexdigest() + repr(session.eval(APPLIED.format(name)))
    return found


def _go_back(folder: Path, versions: dict[int, Seen], end: float) -> tuple[int, int]:
    """How many times what a version meant came back exactly, of how many tried; the workspace is opened anew often."""
    exact = tried = 0
    numbers = list(versions)
    for start in range(0, len(numbers), 20):
        with Session(folder, allow=Capabilities.all(), persist=True) as session:
            for number in numbers[start : start + 20]:
                if time.monotonic() > end - 40:
                    return exact, tried
                shown = [
                    session.eval(f"(with-environment {number} {APPLIED.format(name)})")
                    for name in versions[number]
                ]
                session.eval(f"(rollback! {number})")
                tried += 1
                same = all(
                    told.endswith(repr(each))
                    for told, each in zip(versions[number].values(), shown, strict=True)
                )
                exact += same and _meaning(session) == versions[number]
        with Session(folder, allow=Capabilities.all(), persist=True) as session:
            tried += 1
            exact += _meaning(session) == versions[numbers[min(start + 19, len(numbers) - 1)]]
    return exact, tried


def _tamper(folder: Path, scratch: Path, draw: random.Random, count: int, end: float) -> tuple[int, int]:
    """How many of COUNT changes to copies of FOLDER the audit, or opening it, found."""
    found = tried = 0
    kinds: dict[str, list[int]] = {}
    copy = scratch / "copy"
    for _ in range(count):
        if time.monotonic() > end - 5:
            break
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        kind = draw.choice(list(HANDS))
        if not HANDS[kind](copy, draw):
            continue
        noticed = _noticed(copy)
        tried += 1
        found += noticed
        kinds.setdefault(kind, [0, 0])
        kinds[kind][0] += noticed
        kinds[kind][1] += 1
    for kind, (n, of) in sorted(kinds.items()):
        print(f"    {kind:28} {n} of {of}")
    return found, tried


def _noticed(copy: Path) -> bool:
    with Session(copy, allow=Capabilities.all()) as session:
        try:
            return session.eval("(get (audit) :ok)") is False
        except ChorusError:
            return True


# — other hands: each changes one thing, and says whether it did —


def _flip(path: Path, draw: random.Random) -> bool:
    data = bytearray(path.read_bytes())
    at = draw.randrange(
        len(data) - path.suffix.startswith(".head")
    )  # its last byte is a line's end, any will do
    data[at] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return True


def _objects(copy: Path) -> list[Path]:
    return sorted((copy / "adapters").glob("*/*.safetensors"))


def _swap(copy: Path, draw: random.Random) -> bool:
    one, other = draw.sample(_objects(copy), 2)
    data = one.read_bytes()
    os.replace(other, one)
    other.write_bytes(data)
    return True


def _line(name: str) -> Callable[[Path, random.Random], bool]:
    def drop(copy: Path, draw: random.Random) -> bool:
        lines = (copy / name).read_bytes().splitlines(keepends=True)
        del lines[draw.randrange(1, len(lines))]
        (copy / name).write_bytes(b"".join(lines))
        return True

    return drop


def _cut(name: str) -> Callable[[Path, random.Random], bool]:
    """The end of a file is taken away, by whole lines: an earlier state of it."""

    def cut(copy: Path, draw: random.Random) -> bool:
        lines = (copy / name).read_bytes().splitlines(keepends=True)
        (copy / name).write_bytes(b"".join(lines[: draw.randrange(1, len(lines))]))
        return True

    return cut


def _cut_with_head(copy: Path, draw: random.Random) -> bool:
    """The log is taken back to an earlier event, and its head made to fit: only the journal can tell."""
    from chorus.runtime.adapters.log import Log

    log = Log(copy)
    keep = draw.randrange(0, len(log.events) - 1)
    lines = (copy / Log.FILE).read_bytes().splitlines(keepends=True)
    (copy / Log.FILE).write_bytes(b"".join(lines[: keep + 1]))
    (copy / Log.HEAD).write_text(f"{keep} {log.events[keep - 1].hash}\n" if keep else "0 \n")
    gone = {event.hash[:16] for event in log.events[keep:]}
    return any(
        each in (copy / "journal.sexp").read_text() for each in gone
    )  # else nothing that happened is hidden


def _gone(name: str) -> Callable[[Path, random.Random], bool]:
    def remove(copy: Path, draw: random.Random) -> bool:
        (copy / name).unlink()
        return True

    return remove


HANDS: dict[str, Callable[[Path, random.Random], bool]] = {
    "bit of an adapter": lambda copy, draw: _flip(draw.choice(_objects(copy)), draw),
    "adapter cut short": lambda copy, draw: (
        os.truncate(draw.choice(_objects(copy)), draw.randrange(200)) is None
    ),
    "adapter removed": lambda copy, draw: draw.choice(_objects(copy)).unlink() is None,
    "adapters exchanged": _swap,
    "bit of a head": lambda copy, draw: _flip(copy / draw.choice(("journal.head", "adapters.head")), draw),
    "bit of the journal": lambda copy, draw: _flip(copy / "journal.sexp", draw),
    "line of the journal": _line("journal.sexp"),
    "end of the journal": _cut("journal.sexp"),
    "journal removed": _gone("journal.sexp"),
    "bit of the log": lambda copy, draw: _flip(copy / "adapters.sexp", draw),
    "line of the log": _line("adapters.sexp"),
    "end of the log": _cut("adapters.sexp"),
    "end of the log and its head": _cut_with_head,
    "log removed": _gone("adapters.sexp"),
}
