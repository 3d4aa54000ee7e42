"""Keys of the prompt: Enter continues an unbalanced form and runs a balanced one; Alt-keys edit by structure."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chorus.interpreter.faces.repl import structure
from chorus.interpreter.faces.repl.rating import bind_keys
from chorus.interpreter.formatter import TOKEN, next_indent

TYPED = 3  # keys that may wait: nobody types more of them while one is looked at


def bindings(is_balanced: Callable[[str], str], answered: Callable[[], bool]) -> KeyBindings:
    """IS_BALANCED says "complete", "incomplete" or "extra" of a text; ANSWERED, whether there is an answer to rate."""
    keys = KeyBindings()
    depth = Depth()
    bind_keys(keys, answered)
    structure.bind_keys(keys)

    @keys.add(Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if len(event.app.key_processor.input_queue) > TYPED and depth.of(buffer.text) > 0:
            buffer.insert_text(
                "\n"
            )  # pasted where the terminal does not say so: its indentation comes with it
        elif _command(buffer.text) or is_balanced(buffer.text) != "incomplete":
            buffer.validate_and_handle()
        else:
            newline(buffer)

    @keys.add(Keys.Escape, Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        newline(event.current_buffer)

    return keys


def _command(text: str) -> bool:
    return text.lstrip()[:1] in ("?", ".", "!")


def newline(buffer: Buffer) -> None:
    """Break the line and indent the new one as the formatter would."""
    buffer.insert_text("\n" + " " * next_indent(buffer.document.text_before_cursor))


class Depth:
    """How many brackets are open at the end of a text that grows: what was counted once is not counted again."""

    def __init__(self) -> None:
        self.text, self.open = "", 0

    def of(self, text: str) -> int:
        """The number; 0 where it cannot be told by brackets alone."""
        start, found = (len(self.text), self.open) if text.startswith(self.text + "\n") else (0, 0)
        for token in TOKEN.finditer(text, start):
            piece = token.group()
            match token.lastgroup:
                case "open":
                    found += 1
                case "close":
                    found -= 1
                case "block":
                    found = -1
                case "string" if len(piece) == 1 or not piece.endswith('"') or piece.endswith('\\"'):
                    found = -1  # it may be open still
            if found < 0:
                self.text, self.open = "", 0
                return 0
        self.text, self.open = text, found
        return found
