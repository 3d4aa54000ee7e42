"""What the prompt offers after an answer: rating it, looking at its evidence, taking it along."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chorus.interpreter.diagnostics import report
from chorus.interpreter.faces.repl.paging import on_terminal
from chorus.runtime.errors import ChorusError
from chorus.runtime.printer import write
from chorus.runtime.values import Record

if TYPE_CHECKING:
    from chorus.interpreter.faces.repl.loop import Repl

BEST, WORST = 5, 1
OFFER = "Alt-1 … Alt-5 rate the answer; .rate 4 too long, .up, .down, .open 2, .copy"
Command = Callable[[list[str]], None]


def commands(repl: Repl) -> dict[str, tuple[Command, str]]:
    """The dot commands about the latest answer, as `DotCommands` has them."""

    def evaluated(text: str) -> Any:
        """The value of TEXT; the error is told."""
        try:
            return [value for _, value in repl.session.run(text, "<rating>")][-1]
        except ChorusError as error:
            print(report(error), file=sys.stderr)
            return None

    def rated(rating: int, comment: str = "") -> None:
        turn = evaluated(f"(rate! {rating} :comment {write(comment) if comment else '#f'})")
        if turn is not None:
            print(f"turn {turn} rated {rating} of {BEST}")

    def rate(words: list[str]) -> None:
        if words and words[0] in "12345" and len(words[0]) == 1:
            rated(int(words[0]), " ".join(words[1:]))
        else:
            print(".rate wants a number from 1 to 5, then a comment if you like")

    def open_(words: list[str]) -> None:
        if words and words[0].isdecimal():
            value = evaluated(f"(open-evidence! {int(words[0])})")
            if value is not None:
                repl.show_values(iter([(None, value)]))
        else:
            print(".open wants the number of a citation")

    def copy(words: list[str]) -> None:
        text = evaluated("(copy-answer!)")
        if text is not None:
            print(text)
            if on_terminal():
                sys.stdout.write(to_clipboard(str(text)))
                sys.stdout.flush()

    return {
        ".rate": (rate, "1 to 5, and a comment: what the latest answer is worth (or Alt-1 … Alt-5)"),
        ".up": (lambda words: rated(BEST, " ".join(words)), "the latest answer is good"),
        ".down": (lambda words: rated(WORST, " ".join(words)), "the latest answer is bad"),
        ".open": (open_, "the conversation around a citation of the latest answer, by its number"),
        ".copy": (copy, "the latest answer as text, to the terminal's clipboard where it has one"),
    }


def to_clipboard(text: str) -> str:
    """What makes a terminal that knows OSC 52 keep TEXT as if it had been selected; others ignore it."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"


def is_answer(value: Any) -> bool:
    return isinstance(value, Record) and value.type.name == "answer"


def bind_keys(keys: KeyBindings, offered: Callable[[], bool]) -> None:
    """Alt-1 to Alt-5 on an empty line rate the latest answer, while there is one to rate."""
    empty = Condition(lambda: offered() and not get_app().current_buffer.text)

    def bind(digit: str) -> None:
        @keys.add(Keys.Escape, digit, filter=empty)
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(f".rate {digit}")
            event.current_buffer.validate_and_handle()

    for digit in "12345":
        bind(digit)
