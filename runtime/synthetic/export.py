"""DiscordChatExporter's JSON, written as a stream: keys in its order, ids as strings, times with the exporter's offset."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import IO

from chorus.runtime.synthetic.people import Author, snowflake
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import DAY, Timeline

ZONES = {"Lisbon": 0, "Berlin": 1, "Helsinki": 2}  # standard offsets; all three keep European summer time
REACTIONS = ("👍", "😂", "❤️", "🔥", "💯", "😭", "👀", "🎉", "🤔", "💀", "👎", "🙏")
PINNED, EDITED, REACTED, PICTURE, MENTION, EMBED = 0.0015, 0.025, 0.13, 0.018, 0.12, 0.01


def quote(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)


def summer_time(at: float) -> bool:
    """Whether AT falls into European summer time: last Sunday of March to last Sunday of October, 01:00 UTC."""
    year = dt.datetime.fromtimestamp(at, dt.UTC).year
    turns = []
    for month in (3, 10):
        last = dt.datetime(year, month, 31, 1, tzinfo=dt.UTC)
        turns.append((last - dt.timedelta(days=(last.weekday() + 1) % 7)).timestamp())
    return turns[0] <= at < turns[1]


class Export:
    """Writes one channel's file. Messages must come in the order of their times."""

    def __init__(self, file: IO[str], rng: random.Random, game: str, timeline: Timeline) -> None:
        self.file, self.rng = file, rng
        self.hours = rng.choice(list(ZONES.values()))
        self.count = 0
        self.last_ms = 0
        self.low = rng.getrandbits(10) << 12  # worker and process
        self.faces: dict[str, tuple[str, str]] = {}
        made = int((timeline.start - rng.uniform(200, 900) * DAY) * 1000)
        self.guild, self.category, self.channel = (
            snowflake(made + i * 90_000, rng.getrandbits(22)) for i in range(3)
        )
        self._head(game, timeline)

    def _head(self, game: str, timeline: Timeline) -> None:
        channel = {
            "id": self.channel, "type": "GuildTextChat", "categoryId": self.category, "category": "Community",
            "name": "general", "topic": f"Everything about {game}. Be kind.", "iconUrl": None,
        }  # fmt: skip
        guild = {
            "id": self.guild,
            "name": f"{game} Community",
            "iconUrl": f"https://cdn.discordapp.com/icons/{self.guild}/icon.png",
        }
        dates = {"after": None, "before": None}
        self.file.write(
            f'{{\n"guild": {quote_all(guild)},\n"channel": {quote_all(channel)},\n"dateRange": {quote_all(dates)},\n'
        )
        self.file.write(f'"exportedAt": "{self.stamp(timeline.end + 2 * DAY + 3600)}",\n"messages": [')

    def stamp(self, at: float) -> str:
        """ISO 8601 with milliseconds and the offset in force at AT."""
        hours = self.hours + summer_time(at)
        local = dt.datetime.fromtimestamp(round(at, 3) + hours * 3600, dt.UTC)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}+{hours:02d}:00"

    def write(self, draft: Draft) -> None:
        """One message; gives DRAFT its id."""
        ms = max(int(draft.at * 1000), self.last_ms + 1)
        self.last_ms, draft.at = ms, ms / 1000
        draft.id = snowflake(ms, self.low | self.count & 0xFFF)
        self.file.write(("," if self.count else "") + "\n" + self._message(draft))
        self.count += 1

    def close(self) -> None:
        self.file.write(f'\n],\n"messageCount": {self.count}\n}}\n')

    # -- parts of a message --------------------------------------------------------------------------------------

    def _message(self, d: Draft) -> str:
        rng = self.rng
        linked = d.linked and d.reply_to is not None
        edited = quote(self.stamp(d.at + rng.expovariate(1 / 120) + 2)) if rng.random() < EDITED else "null"
        picture = d.intent == "empty" or rng.random() < PICTURE
        mentions, content = self._mentions(d)
        tail = ""
        if linked:
            tail = f', "reference": {{"type": "Default", "messageId": "{d.reply_to.id}", "channelId": "{self.channel}", "guildId": "{self.guild}"}}'
        if d.forwarded is not None:
            tail = self._forwarded(d)
        return (
            f'{{"id": "{d.id}", "type": "{"Reply" if linked else "Default"}", "timestamp": "{self.stamp(d.at)}", '
            f'"timestampEdited": {edited}, "callEndedTimestamp": null, '
            f'"isPinned": {"true" if rng.random() < PINNED or (d.intent == "bot" and "Patch" in content) else "false"}, '
            f'"content": {quote(content)}, "author": {self._face(d.author)[0]}, '
            f'"attachments": [{self._picture(d) if picture else ""}], "embeds": [{self._embed(d) if d.intent == "spam" else ""}], '
            f'"stickers": [], "reactions": [{self._reactions(d)}], "mentions": [{mentions}]{tail}, "inlineEmojis": []}}'
        )

    def _face(self, author: Author) -> tuple[str, str]:
        """AUTHOR as JSON, with roles and without."""
        known = self.faces.get(author.id)
        if known:
            return known
        short = {
            "id": author.id, "name": author.name, "discriminator": "0000", "nickname": author.nickname,
            "color": author.color, "isBot": author.kind == "bot",
        }  # fmt: skip
        roles = [
            {
                "id": str(int(self.guild) + 4096 * (len(name) + 7)),
                "name": name,
                "color": color,
                "position": 20 - len(name),
            }
            for name, color in author.roles
        ]
        avatar = f"https://cdn.discordapp.com/embed/avatars/{int(author.id) % 6}.png"
        self.faces[author.id] = (
            quote_all(short | {"roles": roles, "avatarUrl": avatar}),
            quote_all(short | {"avatarUrl": avatar}),
        )
        return self.faces[author.id]

    def _mentions(self, d: Draft) -> tuple[str, str]:
        """A reply may name whom it answers, as Discord shows it."""
        if d.reply_to is None or d.text == "" or self.rng.random() > MENTION:
            return "", d.text
        return self._face(d.reply_to.author)[0], f"@{d.reply_to.author.nickname} {d.text}"

    def _picture(self, d: Draft) -> str:
        name = f"{self.rng.choice(('image', 'clip', 'screenshot', 'IMG'))}_{self.rng.randrange(10, 9999)}.{self.rng.choice(('png', 'jpg', 'png', 'mp4'))}"
        number = snowflake(int(d.at * 1000) - 900, self.low)
        url = f"https://cdn.discordapp.com/attachments/{self.channel}/{number}/{name}"
        return quote_all(
            {
                "id": number,
                "url": url,
                "fileName": name,
                "fileSizeBytes": self.rng.randrange(20_000, 6_000_000),
            }
        )

    def _embed(self, d: Draft) -> str:
        return quote_all({"title": "Limited offer", "url": None, "timestamp": None, "description": d.text[:40], "images": [], "fields": [], "inlineEmojis": []})  # fmt: skip

    def _reactions(self, d: Draft) -> str:
        rng = self.rng
        rate = d.author.persona.reacts if d.author.persona else 0.1
        if not self.faces or rng.random() > REACTED * rate / 0.25:
            return ""
        people = list(self.faces.values())[-200:]
        parts = []
        for emoji in rng.sample(REACTIONS, rng.choice((1, 1, 1, 2, 3))):
            users = rng.sample(people, min(len(people), rng.choice((1, 1, 2, 2, 3, 5))))
            code = quote_all(
                {
                    "id": "",
                    "name": emoji,
                    "code": "".join(f"u{ord(c):x}" for c in emoji),
                    "isAnimated": False,
                    "imageUrl": "",
                }
            )
            parts.append(
                f'{{"emoji": {code}, "count": {len(users)}, "users": [{", ".join(short for _, short in users)}]}}'
            )
        return ", ".join(parts)

    def _forwarded(self, d: Draft) -> str:
        stamp = self.stamp(d.at - self.rng.expovariate(1 / (2 * DAY)))
        return f', "forwardedMessage": {{"timestamp": "{stamp}", "timestampEdited": null, "content": {quote(d.forwarded)}, "attachments": [], "embeds": [], "stickers": []}}'


def quote_all(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
