"""Keys of the prompt: Enter continues an unbalanced form and runs a balanced one; Alt-keys edit by structure."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chorus.interpreter.faces.formatter import next_indent
from chorus.interpreter.faces.repl import structure
from chorus.interpreter.faces.repl.rating import bind_keys


def bindings(is_balanced: Callable[[str], str], answered: Callable[[], bool]) -> KeyBindings:
    """IS_BALANCED says "complete", "incomplete" or "extra" of a text; ANSWERED, whether there is an answer to rate."""
    keys = KeyBindings()
    bind_keys(keys, answered)
    structure.bind_keys(keys)

    @keys.add(Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if _command(buffer.text) or is_balanced(buffer.text) != "incomplete":
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
