"""Completion from what the session knows: names, keywords of the call at hand, columns, personas, files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chorus.interpreter.faces.repl.cursor import enclosing_calls, word_before


class Knows(Protocol):
    """What completion asks; `knowledge.Knowledge` answers it."""

    def names(self) -> Iterable[str]: ...
    def usage(self, name: str) -> str: ...
    def keywords(self, name: str) -> list[str]: ...
    def personas(self) -> list[str]: ...
    def columns(self) -> list[str]: ...


def fuzzy_rank(pattern: str, name: str) -> tuple[int, int] | None:
    """How well PATTERN's letters appear in NAME in order: lower sorts first; None if they do not."""
    if name.startswith(pattern):
        return (0, len(name))
    found = name.find(pattern)
    if found >= 0:
        return (1, found)
    at = -1
    start = None
    for letter in pattern:
        at = name.find(letter, at + 1)
        if at < 0:
            return None
        start = at if start is None else start
    return (2, at - (start or 0))


class ChorusCompleter(Completer):
    """Completes the word before the cursor."""

    def __init__(self, knowledge: Knows) -> None:
        self.knowledge = knowledge

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        if before.startswith("?"):
            before = before[1:]
        path = _open_string(before)
        if path is not None:
            yield from _files(path)
            return
        word = word_before(before)
        if not word:
            return
        yield from self._ranked(word, self._candidates(before, word))

    def _candidates(self, before: str, word: str) -> dict[str, str]:
        """Name to the note shown beside it."""
        calls = enclosing_calls(before[: len(before) - len(word)])
        if word.startswith(":"):
            return {f":{key}": "keyword" for call in calls[-1:] for key in self.knowledge.keywords(call.head)}
        found = dict.fromkeys(self.knowledge.names(), "")
        found |= dict.fromkeys(self.knowledge.personas(), "persona")
        if any(call.head in TABLE_FORMS for call in calls):
            found |= dict.fromkeys(self.knowledge.columns(), "column")
        return found

    def _ranked(self, word: str, candidates: dict[str, str]) -> Iterable[Completion]:
        ranked = [(rank, name) for name in candidates if (rank := fuzzy_rank(word, name)) is not None]
        for _, name in sorted(ranked)[:60]:
            yield Completion(name, -len(word), display_meta=candidates[name] or self.knowledge.usage(name))


TABLE_FORMS = frozenset(
    "where select with-columns rename group-by aggregate order-by distinct join -> ->> column".split()
)


def _open_string(text: str) -> str | None:
    """The contents of a string that is still open at the end of TEXT."""
    quotes = [at for at, letter in enumerate(text) if letter == '"' and text[at - 1 : at] != "\\"]
    return text[quotes[-1] + 1 :] if len(quotes) % 2 else None


def _files(path: str) -> Iterable[Completion]:
    folder, start = os.path.split(path)
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
            yield Completion(entry.name + ("/" if entry.is_dir() else ""), -len(start))
