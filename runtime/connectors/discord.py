"""DiscordChatExporter's JSON, old and new versions: one channel or thread a file, read as a stream."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from chorus.runtime.connectors.batch import Batch, Unit, optional_text, read_elements
from chorus.runtime.connectors.fields import (
    BadRow,
    compact,
    identifier,
    instant,
    optional_id,
    optional_instant,
    parse_element,
    text,
)
from chorus.runtime.connectors.jsonsplit import Malformed, Splitter

# Some versions write the number where others write the name.
MESSAGE_TYPES = {
    0: "Default",
    1: "RecipientAdd",
    2: "RecipientRemove",
    3: "Call",
    4: "ChannelNameChange",
    5: "ChannelIconChange",
    6: "ChannelPinnedMessage",
    7: "GuildMemberJoin",
    18: "ThreadCreated",
    19: "Reply",
    20: "ChatInputCommand",
    21: "ThreadStarterMessage",
    23: "ContextMenuCommand",
}
CHANNEL_TYPES = {
    0: "GuildTextChat",
    1: "DirectTextChat",
    2: "GuildVoiceChat",
    3: "DirectGroupTextChat",
    4: "GuildCategory",
    5: "GuildNews",
    10: "GuildNewsThread",
    11: "GuildPublicThread",
    12: "GuildPrivateThread",
    13: "GuildStageVoice",
    14: "GuildDirectory",
    15: "GuildForum",
}
_NO_REPLY = frozenset(("ChannelPinnedMessage", "ThreadCreated", "GuildMemberJoin"))


def type_name(value: Any, names: dict[int, str]) -> str | None:
    if value.__class__ is str:
        return names.get(int(value), value) if value.isdecimal() and len(value) < 4 else value
    return names.get(value, str(value)) if value.__class__ is int else None


class Header:
    """What stands around the messages: guild, channel, when it was exported."""

    def __init__(self) -> None:
        self.channel: tuple[Any, ...] | None = None
        self.channel_id: str | None = None
        self.exported_at: dt.datetime | None = None
        self.count: int | None = None
        self._guild: dict[str, Any] = {}
        self._channel: dict[str, Any] = {}

    def take(self, key: str, value: Any) -> None:
        if key == "guild" and isinstance(value, dict):
            self._guild = value
        elif key == "channel" and isinstance(value, dict):
            self._channel = value
        elif key == "exportedAt":
            try:
                self.exported_at = optional_instant(value, key)
            except BadRow:
                self.exported_at = None
        elif key == "messageCount" and value.__class__ is int:
            self.count = value
        if self._channel:
            self._describe()

    def _describe(self) -> None:
        """Make the channel's row of the header as far as it was read; none of one whose numbers are no numbers."""
        channel, guild = self._channel, self._guild
        try:
            self.channel_id = optional_id(channel.get("id"))
            kind = type_name(channel.get("type"), CHANNEL_TYPES)
            parent = optional_id(channel.get("categoryId"))
            guild_id = optional_id(guild.get("id"))
        except BadRow:
            return
        if self.channel_id is not None:
            self.channel = (
                self.channel_id,
                optional_text(channel.get("name")),
                kind,
                parent,
                optional_text(channel.get("category")),
                optional_text(channel.get("topic")),
                guild_id,
                optional_text(guild.get("name")),
                parent
                if kind and kind.endswith("Thread")
                else None,  # a thread's "category" is its parent channel
            )


def read_header(splitter: Splitter) -> Header:
    """Everything but the messages, whatever the order of the keys; reads the whole document."""
    header = Header()
    for key in _members(splitter):
        if key == "messages" and splitter.take(b"["):
            for _ in splitter.elements():
                pass
        else:
            _take(header, key, splitter)
    return header


def read_messages(open_splitter: Callable[[], Splitter], start: int = 0) -> Iterator[tuple[Batch, Header]]:
    """Batches of the messages behind the first START, each with what is known of the file so far."""
    splitter = open_splitter()
    header = Header()
    found = False
    for key in _members(splitter):
        if key != "messages" or not splitter.take(b"["):
            _take(header, key, splitter)
            continue
        found = True
        if header.channel_id is None:  # the keys stand in another order: look ahead
            header = read_header(open_splitter())
        for batch in read_elements(splitter.elements(), start, partial(take_message, header)):
            yield batch, header
    if not found:
        raise Malformed("there is no array of messages", splitter.offset)
    if splitter.peek():
        raise Malformed("something follows the export (one export a file)", splitter.offset)


def _members(splitter: Splitter) -> Iterator[str]:
    if not splitter.take(b"{"):
        raise Malformed("expected an object", splitter.offset)
    return splitter.members()


def _take(header: Header, key: str, splitter: Splitter) -> None:
    try:
        value, _ = parse_element(splitter.value())
    except BadRow:
        return
    header.take(key, value)


def take_message(header: Header, batch: Batch, message: Any, raw: str) -> None:
    """Add one message object to BATCH, or raise BadRow."""
    if message.__class__ is not dict:
        raise BadRow("the row is not an object")
    get = message.get
    message_id = identifier(get("id"))
    at = instant(get("timestamp"))
    author = get("author")
    if author.__class__ is not dict:
        raise BadRow("the author is missing" if author is None else "the author is not an object")
    author_id = identifier(author.get("id"), "author's id")
    kind = type_name(get("type"), MESSAGE_TYPES)
    edited = get("timestampEdited")
    if edited is not None:
        edited = optional_instant(edited, "time of the edit")
    reference, forwarded = get("reference"), get("forwardedMessage")
    reply_to = _reply_target(reference, kind, forwarded) if reference else None
    row = (
        message_id,
        author_id,
        header.channel_id,
        at,
        edited,
        kind,
        text(get("content")),
        text(forwarded.get("content"), "forwarded content") if forwarded.__class__ is dict else None,
        reply_to,
        bool(get("isPinned")),
        None,
        None,
        None,
        raw,
    )
    children = None
    if get("reactions") or get("attachments") or get("mentions") or forwarded:
        children = _children(message_id, message, forwarded)
    batch.add(message_id, Unit(edited, [row], children), len(raw))
    batch.seen(author_id, author, at)
    if header.channel is not None:
        batch.channels[header.channel[0]] = header.channel


def _reply_target(reference: Any, kind: str | None, forwarded: Any) -> str | None:
    """The message answered: a forward and a notice refer to messages too, and are no replies."""
    if reference.__class__ is not dict or kind in _NO_REPLY or forwarded:
        return None
    if type_name(reference.get("type"), {0: "Default", 1: "Forward"}) == "Forward":
        return None
    return optional_id(reference.get("messageId"))


def _children(message_id: str, message: dict[str, Any], forwarded: Any) -> dict[str, list[tuple[Any, ...]]]:
    outer = _objects(message.get("attachments"))
    inner = _objects(forwarded.get("attachments")) if isinstance(forwarded, dict) else []
    return {
        "reactions": [_reaction(message_id, each) for each in _objects(message.get("reactions"))],
        "attachments": [
            (
                optional_text(each.get("id")),
                message_id,
                optional_text(each.get("url")),
                optional_text(each.get("fileName")),
                _size(each),
            )
            for each in outer + inner
        ],
        "mentions": [
            (message_id, str(each["id"])) for each in _objects(message.get("mentions")) if each.get("id")
        ],
    }


def _reaction(message_id: str, reaction: dict[str, Any]) -> tuple[Any, ...]:
    emoji = reaction.get("emoji")
    emoji = emoji if isinstance(emoji, dict) else {"name": emoji}
    users = [str(user["id"]) for user in _objects(reaction.get("users")) if user.get("id")]
    count = reaction.get("count")
    return (
        message_id,
        optional_text(emoji.get("id")) or None,
        optional_text(emoji.get("name")),
        optional_text(emoji.get("code")),
        count if count.__class__ is int and abs(count) < 2**31 else len(users),
        compact(users),
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _size(attachment: dict[str, Any]) -> int | None:
    size = attachment.get("fileSizeBytes")
    return size if size.__class__ is int and abs(size) < 2**63 else None
