"""Reads the annotated logs of Kummerfeld et al. (ACL 2019): a line a message, links by line numbers."""

from __future__ import annotations

import os
import re
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from chorus.kernels.threads.log import Log, Message

DATA = Path(os.environ.get("CHORUS_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
ARCHIVE = DATA / "irc-disentanglement" / "irc.tar.gz"
START = 1000  # links are given from this line on
SPOKEN = re.compile(r"\[(\d\d):(\d\d)\] (?:<([^>]*)>|\* (\S+)) ?(.*)")
RENAMED = re.compile(r"=== (\S+) is now known as (\S+)")
BOTS = {"ubottu", "ubotu"}
MIDNIGHT = 120  # minutes back in time that mean the next day


class Marked(NamedTuple):
    """A log, named by its file, and the links marked in it: message → what it answers; itself: it begins."""

    name: str
    log: Log
    links: dict[int, list[int]]


def there() -> bool:
    return ARCHIVE.is_file()


def marked(split: str) -> list[Marked]:
    """The logs of SPLIT (train, dev, or what else the archive or a folder of that name beside it has)."""
    texts = _texts(split)
    names = sorted({name.rsplit(".", 2)[0] for name in texts})
    return [
        Marked(name, *_read(texts[f"{name}.ascii.txt"], texts[f"{name}.annotation.txt"])) for name in names
    ]


def _texts(split: str) -> dict[str, str]:
    folder = ARCHIVE.parent / split
    if folder.is_dir():
        return {path.name: path.read_text("utf-8", "replace") for path in folder.glob("*.txt")}
    found = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            parent, name = os.path.split(member.name)
            file = (
                archive.extractfile(member) if Path(parent).name == split and name.endswith(".txt") else None
            )
            if file is not None:
                found[name] = file.read().decode("utf-8", "replace")
    return found


def _read(text: str, annotation: str) -> tuple[Log, dict[int, list[int]]]:
    links: dict[int, list[int]] = defaultdict(list)
    for line in annotation.splitlines():
        numbers = sorted(int(part) for part in line.split() if part != "-")
        if numbers:
            links[numbers[-1]].append(numbers[0])
    return _log(text.rstrip("\n").split("\n")), dict(links)


def _log(lines: list[str]) -> Log:
    """A person who takes another name stays the same person."""
    people: dict[str, str] = {}
    messages, day, last = [], 0, 0
    for line in lines:
        spoken = SPOKEN.match(line)
        if spoken is None:
            renamed = RENAMED.match(line)
            if renamed:
                people[renamed[2]] = people.setdefault(renamed[1], renamed[1])
            messages.append(Message("===", 60.0 * (1440 * day + last), line, system=True))
            continue
        hour, minute, nick, actor, said = spoken.groups()
        now = 60 * int(hour) + int(minute)
        day += now < last - MIDNIGHT
        last = now
        nick = (nick or actor or "?").strip()
        author = people.setdefault(nick, nick)
        messages.append(Message(author, 60.0 * (1440 * day + now), said, bot=nick.lower() in BOTS))
    return Log(messages, people)
