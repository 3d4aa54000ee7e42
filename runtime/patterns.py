"""Regular expressions compiled when they are first used: a start of the language needs few of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class Lazy:
    """Stands for the pattern SOURCE until a method of it is asked for; from then on has that method itself."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        method = getattr(re.compile(self.source, self.flags), name)  # `re` keeps what it has compiled
        setattr(self, name, method)
        return method


if TYPE_CHECKING:
    lazily = re.compile
else:
    lazily = Lazy
