"""DiscordChatExporter's JSON as a stream: keys in its order, ids as strings, times with offsets."""

from __future__ import annotations

import json
import random
from collections import deque
from json.encoder import encode_basestring as quote
from typing import IO

from chorus.runtime.synthetic.clock import DAY, ZONES, local
from chorus.runtime.synthetic.people import Account, Author, snowflake
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import Timeline

REACTIONS = {
    "👍": "thumbsup", "😂": "joy", "❤️": "heart", "🔥": "fire", "💯": "100", "😭": "sob",
    "👀": "eyes", "🎉": "tada", "🤔": "thinking", "💀": "skull", "👎": "thumbsdown", "🙏": "pray",
}  # fmt: skip
PINNED, EDITED, PICTURE, MENTION = 0.0015, 0.025, 0.018, 0.12
REACTED, USUAL = 0.13, 0.25  # share of messages with reactions for a persona that brings USUAL
RECENT = 60  # of those who wrote last may react


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class Export:
    """Writes one channel's file. Messages must come in the order of their times."""

    def __init__(self, file: IO[str], rng: random.Random, game: str, timeline: Timeline) -> None:
        self.file, self.rng = file, rng
        self.hours = rng.choice(tuple(ZONES.values()))
        self.count = 0
        self.last_ms = 0
        self.low = rng.getrandbits(10) << 12  # worker and process of a snowflake
        self.faces: dict[str, tuple[str, str]] = {}
        self.recent: deque[str] = deque(maxlen=RECENT)
        self.emoji = {e: dump(_emoji(e)) for e in REACTIONS}
        made = int((timeline.start - rng.uniform(200, 900) * DAY) * 1000)
        self.guild, self.category, self.channel = (
            snowflake(made + i * 90_000, rng.getrandbits(22)) for i in range(3)
        )
        self._head(game, timeline)

    def _head(self, game: str, timeline: Timeline) -> None:
        icon = f"https://cdn.discordapp.com/icons/{self.guild}/icon.png"
        guild = {"id": self.guild, "name": f"{game} Community", "iconUrl": icon}
        channel = {
            "id": self.channel, "type": "GuildTextChat", "categoryId": self.category, "category": "Community",
            "name": "general", "topic": f"Everything about {game}. Be kind.", "iconUrl": None,
        }  # fmt: skip
        dates = {"after": None, "before": None}
        self.file.write(
            f'{{\n"guild": {dump(guild)},\n"channel": {dump(channel)},\n"dateRange": {dump(dates)},\n'
        )
        self.file.write(f'"exportedAt": "{local(timeline.end + 20 * DAY, self.hours)}",\n"messages": [')

    def write(self, draft: Draft) -> None:
        """One message; gives DRAFT its id."""
        ms = max(int(draft.at * 1000), self.last_ms + 1)
        self.last_ms, draft.at = ms, ms / 1000
        draft.id = snowflake(ms, self.low | self.count & 0xFFF)
        self.file.write((",\n" if self.count else "\n") + self._message(draft))
        if self.rng.random() < self._brings(draft):
            self.recent.append(self._face(draft.author)[1])
        self.count += 1

    def close(self) -> None:
        self.file.write(f'\n],\n"messageCount": {self.count}\n}}\n')

    # -- parts of a message ---------------------------------------------------------------------------------

    def _message(self, d: Draft) -> str:
        rng = self.rng
        parent = d.reply_to if d.linked else None
        mentions, content = self._mentions(d)
        pinned = rng.random() < PINNED or d.intent == "patch-notes"
        edited = (
            f'"{local(d.at + rng.expovariate(1 / 120) + 2, self.hours)}"' if rng.random() < EDITED else "null"
        )
        picture = self._picture(d) if d.intent == "picture" or rng.random() < PICTURE else ""
        return (
            f'{{"id": "{d.id}", "type": "{"Reply" if parent else "Default"}", '
            f'"timestamp": "{local(d.at, self.hours)}", "timestampEdited": {edited}, '
            f'"callEndedTimestamp": null, '
            f'"isPinned": {"true" if pinned else "false"}, "content": {quote(content)}, '
            f'"author": {self._face(d.author)[0]}, "attachments": [{picture}], '
            f'"embeds": [{_advert(d) if d.intent == "spam" else ""}], "stickers": [], '
            f'"reactions": [{self._reactions(d)}], "mentions": [{mentions}]'
            f'{self._reference(parent)}{self._forwarded(d)}, "inlineEmojis": []}}'
        )

    def _face(self, account: Account) -> tuple[str, str]:
        """ACCOUNT as JSON, with roles and without."""
        known = self.faces.get(account.id)
        if known is None:
            short = {
                "id": account.id, "name": account.name, "discriminator": "0000", "nickname": account.nickname,
                "color": account.color, "isBot": account.kind == "bot",
            }  # fmt: skip
            roles = [
                {
                    "id": str(int(self.guild) + 4096 * (len(name) + 7)),
                    "name": name,
                    "color": color,
                    "position": 20 - len(name),
                }
                for name, color in account.roles
            ]
            avatar = f"https://cdn.discordapp.com/embed/avatars/{int(account.id) % 6}.png"
            known = dump(short | {"roles": roles, "avatarUrl": avatar}), dump(short | {"avatarUrl": avatar})
            self.faces[account.id] = known
        return known

    def _mentions(self, d: Draft) -> tuple[str, str]:
        """A reply may name whom it answers, as Discord shows it."""
        if d.reply_to is None or not d.text or self.rng.random() > MENTION:
            return "", d.text
        return self._face(d.reply_to.author)[1], f"@{d.reply_to.author.nickname} {d.text}"

    def _reference(self, parent: Draft | None) -> str:
        if parent is None:
            return ""
        return (
            f', "reference": {{"type": "Default", "messageId": "{parent.id}", '
            f'"channelId": "{self.channel}", "guildId": "{self.guild}"}}'
        )

    def _forwarded(self, d: Draft) -> str:
        if d.forwarded is None:
            return ""
        stamp = local(d.at - self.rng.expovariate(1 / (2 * DAY)), self.hours)
        return (
            f', "forwardedMessage": {{"timestamp": "{stamp}", "timestampEdited": null, '
            f'"content": {quote(d.forwarded)}, "attachments": [], "embeds": [], "stickers": []}}'
        )

    def _picture(self, d: Draft) -> str:
        kind = self.rng.choice(("image", "clip", "screenshot", "IMG"))
        suffix = "mp4" if kind == "clip" else self.rng.choice(("png", "jpg"))
        name = f"{kind}_{self.rng.randrange(10, 9999)}.{suffix}"
        number = snowflake(int(d.at * 1000) - 900, self.low)
        url = f"https://cdn.discordapp.com/attachments/{self.channel}/{number}/{name}"
        size = self.rng.randrange(20_000, 6_000_000)
        return dump({"id": number, "url": url, "fileName": name, "fileSizeBytes": size})

    def _brings(self, d: Draft) -> float:
        """How much the writer's kind takes part in reactions, given and received."""
        return d.author.persona.reacts if isinstance(d.author, Author) else USUAL / 2

    def _reactions(self, d: Draft) -> str:
        rng = self.rng
        if not self.recent or rng.random() > REACTED * self._brings(d) / USUAL:
            return ""
        people = sorted(set(self.recent))
        parts = []
        for emoji in rng.sample(list(REACTIONS), rng.choice((1, 1, 1, 2, 3))):
            users = rng.sample(people, min(len(people), rng.choice((1, 1, 2, 2, 3, 5))))
            parts.append(
                f'{{"emoji": {self.emoji[emoji]}, "count": {len(users)}, "users": [{", ".join(users)}]}}'
            )
        return ", ".join(parts)


def _emoji(text: str) -> dict[str, object]:
    picture = "-".join(f"{ord(c):x}" for c in text if c != "\ufe0f")
    url = f"https://cdn.jsdelivr.net/gh/twitter/twemoji@latest/assets/svg/{picture}.svg"
    return {"id": "", "name": text, "code": REACTIONS[text], "isAnimated": False, "imageUrl": url}


def _advert(d: Draft) -> str:
    return dump(
        {"title": "Limited offer", "url": None, "timestamp": None, "description": d.text[:40], "images": [],
         "fields": [], "inlineEmojis": []}
    )  # fmt: skip
