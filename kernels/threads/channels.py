"""A channel of any length, piece by piece: each piece with as much before and after it as the features look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from chorus.kernels.threads.log import Log, Message
from chorus.kernels.threads.model import Link, Model, link
from chorus.kernels.threads.training import Labelled

PIECE = 1_000  # messages linked at a time: tables of messages by persons stay small
BEFORE, AFTER = 500, 50  # messages around a piece: who was named by whom before, and who will be


class Channel(NamedTuple):
    """Its MESSAGES in order, other NAMES of their authors, and the KNOWN links: message → what it answers."""

    messages: list[Message]
    names: dict[str, str]
    known: Mapping[int, int]


def pieces(channel: Channel, rows: np.ndarray) -> Iterator[tuple[int, Log, np.ndarray]]:
    """(where the log begins, the log, ROWS in it) for the messages ROWS i64[q], ascending, of CHANNEL."""
    for start in range(0, len(rows), PIECE):
        block = rows[start : start + PIECE]
        low, high = max(0, int(block[0]) - BEFORE), int(block[-1]) + 1 + AFTER
        yield low, Log(channel.messages[low:high], channel.names), block - low


def linked(model: Model, channel: Channel, rows: np.ndarray, device: str = "cpu") -> list[Link]:
    """What each of the messages ROWS i64[q] of CHANNEL answers: as known, or else as MODEL has it on DEVICE."""
    unknown = np.array([row for row in rows.tolist() if row not in channel.known], np.int64)
    found = {row: Link(row, channel.known[row], 1.0) for row in rows.tolist() if row in channel.known}
    for low, log, here in pieces(channel, unknown):
        for made in link(model, log, here, device):
            found[made.message + low] = Link(made.message + low, made.answered + low, made.score)
    return [found[row] for row in rows.tolist()]


def labelled(channel: Channel) -> list[Labelled]:
    """The pieces of CHANNEL that its known links label."""
    made: list[Labelled] = []
    for low, log, rows in pieces(channel, np.array(sorted(channel.known), np.int64)):
        made.append((log, {row: [channel.known[row + low] - low] for row in rows.tolist()}))
    return made
