"""Slack's exports: a folder for each channel, a file for each day, and lists of people and channels beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from chorus.runtime.connectors.batch import Batch, Unit, optional_text
from chorus.runtime.connectors.fields import compact, identifier, instant, optional_instant, text
from chorus.runtime.connectors.mapping import require_object

PEOPLE = ("users.json", "org_users.json")
CHANNELS = {
    "channels.json": "public_channel",
    "groups.json": "private_channel",
    "dms.json": "im",
    "mpims.json": "mpim",
}
BESIDE = ("integration_logs.json", "canvases.json", "content_flags.json", "huddle_transcripts.json")
_STAMP = re.compile(r"\d{9,11}\.\d{1,6}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json(\.gz|\.zst)?")
# What the channel itself says keeps Slack's name; these are what people write.
_WRITTEN = frozenset((None, "thread_broadcast", "bot_message", "file_share", "me_message", "file_comment"))


class Directory(NamedTuple):
    """Who and where: people's objects by id, and the channel of the file at hand."""

    people: dict[str, dict[str, Any]]
    channel: tuple[Any, ...] | None

    @property
    def channel_id(self) -> str | None:
        return self.channel[0] if self.channel else None


def speaks(samples: Iterable[dict[str, Any]]) -> bool:
    """Whether rows are Slack's messages."""
    return any(
        row.get("type") == "message"
        and isinstance(row.get("ts"), str)
        and _STAMP.fullmatch(row["ts"])
        and not isinstance(row.get("author"), dict)
        for row in samples
    )


def without_lists(files: list[Path]) -> list[Path]:
    """FILES but for the lists that a Slack export lays beside its channels, which are read along with them."""
    roots = {file.parent for file in files if file.name in PEOPLE}
    roots = {root for root in roots if any((root / name).is_file() for name in CHANNELS)}
    lists = {*PEOPLE, *CHANNELS, *BESIDE}
    return [file for file in files if file.parent not in roots or file.name not in lists]


def directory(file: Path) -> Directory:
    """What the lists around FILE say of its channel and of people; a list that cannot be read says nothing."""
    root = next((one for one in list(file.absolute().parents)[:2] if _has_lists(one)), None)
    people: dict[str, dict[str, Any]] = {}
    for name in PEOPLE:
        people.update({str(one["id"]): one for one in _list(root, name) if one.get("id")})
    folder = file.absolute().parent.name
    if root is None:
        named = _DAY.fullmatch(file.name) is not None
        return Directory(people, _channel(folder, folder, None, None) if named else None)
    for name, kind in CHANNELS.items():
        for one in _list(root, name):
            if folder in (one.get("name"), one.get("id")):
                topic = one.get("topic")
                about = topic.get("value") if isinstance(topic, dict) else None
                found = _channel(str(one.get("id") or folder), _called(one, people), kind, about or None)
                return Directory(people, found)
    return Directory(people, _channel(folder, folder, None, None))


def taker(known: Directory) -> Callable[[Batch, Any, str], None]:
    return partial(_take, known)


def _has_lists(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (*PEOPLE, *CHANNELS))


def _list(root: Path | None, name: str) -> Iterator[dict[str, Any]]:
    try:
        rows = json.loads((root / name).read_bytes()) if root is not None else None
    except (OSError, ValueError, RecursionError):
        return
    yield from _objects(rows)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _channel(key: str, name: str, kind: str | None, topic: str | None) -> tuple[Any, ...]:
    return (key, name, kind, None, None, topic, None, None, None)


def _called(channel: dict[str, Any], people: dict[str, dict[str, Any]]) -> str:
    """The channel's name; a conversation of two has none but its members'."""
    members = [_name(people.get(str(one), {}), str(one)) for one in channel.get("members") or ()]
    return optional_text(channel.get("name")) or ", ".join(members) or str(channel.get("id"))


def _name(person: dict[str, Any], otherwise: str) -> str:
    """What PERSON goes by, as Slack shows it."""
    profile = person.get("profile")
    profile = profile if isinstance(profile, dict) else person
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        person.get("real_name"),
        person.get("name"),
    )
    return next((name for name in names if isinstance(name, str) and name), otherwise)


def _take(known: Directory, batch: Batch, row: Any, raw: str) -> None:
    """Add one message to BATCH, or raise BadRow."""
    get = require_object(row).get
    stamp = identifier(get("ts"), "ts")
    at = instant(stamp)
    author = get("user") or get("bot_id") or get("username")
    author_id = identifier(author, "user")
    key = _key(known, stamp)
    parent = get("thread_ts")
    edited = get("edited")
    edited_at = optional_instant(edited.get("ts"), "time of the edit") if isinstance(edited, dict) else None
    subtype = optional_text(get("subtype"))
    written = "Reply" if parent and parent != stamp else "Default"
    said = text(get("text"), "text")
    content = plain(said, known)
    files = _objects(get("files"))
    rest = {name: row[name] for name in ("attachments", "blocks") if row.get(name)} if not content else {}
    message = (
        key,
        author_id,
        known.channel_id,
        at,
        edited_at,
        written if subtype in _WRITTEN else subtype,
        content,
        None,
        _key(known, identifier(parent, "thread_ts")) if written == "Reply" else None,
        bool(get("pinned_to")),
        None,
        None,
        compact(rest) if rest else None,
        raw,
    )
    children = {
        "reactions": [_reaction(key, one) for one in _objects(get("reactions"))],
        "attachments": [_attachment(key, one) for one in files],
        "mentions": [(key, one) for one in dict.fromkeys(_MENTION.findall(said))],
    }
    batch.add(key, Unit(edited_at, [message], children if any(children.values()) else None), len(raw))
    batch.seen(author_id, _described(known, row, author_id), at)
    if known.channel is not None:
        batch.channels[known.channel[0]] = known.channel


def _key(known: Directory, stamp: str) -> str:
    """A time is unique within its channel only."""
    return f"{known.channel_id}:{stamp}" if known.channel_id else stamp


def _described(known: Directory, row: dict[str, Any], author_id: str) -> dict[str, Any]:
    person = known.people.get(author_id)
    if person is None:
        profile = row.get("user_profile") or row.get("bot_profile")
        person = profile if isinstance(profile, dict) else {"name": row.get("username")}
    bot = bool(person.get("is_bot") or row.get("bot_id"))
    return {"name": _name(person, author_id), "nickname": optional_text(person.get("name")), "isBot": bot}


def _reaction(key: str, reaction: dict[str, Any]) -> tuple[Any, ...]:
    users = [str(one) for one in reaction.get("users") or () if isinstance(one, (str, int))]
    count = reaction.get("count")
    name = optional_text(reaction.get("name"))
    return (
        key,
        None,
        name,
        name,
        count if count.__class__ is int and 0 <= count < 2**31 else len(users),
        compact(users),
    )


def _attachment(key: str, file: dict[str, Any]) -> tuple[Any, ...]:
    size = file.get("size")
    return (
        optional_text(file.get("id")),
        key,
        optional_text(file.get("url_private") or file.get("permalink")),
        optional_text(file.get("name") or file.get("title")),
        size if size.__class__ is int and 0 <= size < 2**63 else None,
    )


_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def plain(said: str, known: Directory) -> str:
    """SAID as a reader sees it: names for ids, addresses without brackets, no entities."""

    def shown(match: re.Match[str]) -> str:
        mark, what, label = match.groups()
        if mark == "@":
            return "@" + (label or _name(known.people.get(what, {}), what))
        if mark == "#":
            return "#" + (label or what)
        if mark == "!":
            return label or "@" + what.partition("^")[0]
        return f"{label} ({what})" if label and label != what else what

    return unescape(_MARKED.sub(shown, said)) if "<" in said or "&" in said else said
