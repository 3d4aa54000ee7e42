"""What is said of an adapter about the messages that it learnt on: words that the store and the kernels share."""

from __future__ import annotations

from typing import Any

MARKS = "marks"  # said of an adapter that learnt on messages: a mark of each,
DIGITS = 16  # hexadecimal digits long
HEARD = "heard"  # and which of the workspace's lists of marks hold others


def listed(heard: Any) -> list[str]:
    """The digests of the lists of marks that HEARD names: none, one, or several."""
    return [heard] if isinstance(heard, str) else list(heard or ())
