"""Messages over a socket: a JSON object and the blocks of bytes that belong to it, with a deadline for the reader."""

from __future__ import annotations

import json
import selectors
import socket
import struct
import threading
import time
from typing import Any, Final

from chorus.interpreter.isolation.wire import WireError

HEAD: Final = struct.Struct(">IQ")  # bytes of the JSON text, bytes of all blocks
LONGEST: Final = 1 << 30  # bytes of one message
PORTION: Final = 1 << 18
# A worker that is gone is an error of ours, also in a host that lets SIGPIPE end it.
QUIET: Final = getattr(socket, "MSG_NOSIGNAL", 0)


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """One end."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.sending = threading.Lock()
        self.got = bytearray()
        self.waiting = selectors.DefaultSelector()  # unlike select(), for any number of open files
        self.waiting.register(end, selectors.EVENT_READ)

    def send(self, fields: dict[str, Any], blocks: list[bytes] | None = None) -> None:
        """One message. Any thread may send."""
        blocks = blocks or []
        text = json.dumps({**fields, "blocks": [len(block) for block in blocks]}, allow_nan=False).encode()
        head = HEAD.pack(len(text), sum(map(len, blocks)))
        with self.sending:
            try:
                self.end.sendall(head + text, QUIET)
                for block in blocks:
                    self.end.sendall(block, QUIET)
            except OSError:
                raise Closed from None

    def receive(self, until: float | None = None) -> tuple[dict[str, Any], list[bytes]] | None:
        """The next message; None if it is not here by the instant UNTIL (of time.monotonic)."""
        while True:
            size = self._size()
            if size is not None and len(self.got) >= size:
                return self._message(size)
            try:
                if until is not None and not self.waiting.select(max(0.0, until - time.monotonic())):
                    return None
                portion = self.end.recv(PORTION)
            except (OSError, ValueError):  # ValueError: closed by another thread
                raise Closed from None
            if not portion:
                raise Closed
            self.got += portion

    def _size(self) -> int | None:
        if len(self.got) < HEAD.size:
            return None
        text, blocks = HEAD.unpack_from(self.got)
        if text + blocks > LONGEST:
            raise WireError("a message of the worker is too large", code="size")
        return HEAD.size + text + blocks

    def _message(self, size: int) -> tuple[dict[str, Any], list[bytes]]:
        length, _ = HEAD.unpack_from(self.got)
        whole = bytes(self.got[:size])
        del self.got[:size]
        at = HEAD.size + length
        try:
            fields = json.loads(whole[HEAD.size : at])
            sizes = [int(each) for each in fields["blocks"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise WireError("a message of the worker is broken") from None
        blocks = []
        for each in sizes:
            blocks.append(whole[at : at + each])
            at += each
        return fields, blocks

    def close(self) -> None:
        self.waiting.close()
        self.end.close()
