"""What became of a workspace's adapters, a hash chain of readable lines: trained, proposed to move, moved, returned."""

from __future__ import annotations

from chorus.runtime.gate.chain import Chain


class Log(Chain):
    """The log in a workspace's folder; None: one in memory."""

    FILE, HEAD = "adapters.sexp", "adapters.head"
    TITLE = b";; What became of adapters; made by chorus, each line covered by the hash of the next.\n"
    CALLED = "the log of adapters"
