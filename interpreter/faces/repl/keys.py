"""Keys of the prompt: Enter continues an unbalanced form and runs a balanced one; Alt-keys edit by structure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from chorus.interpreter.faces.repl import structure
from chorus.interpreter.faces.repl.rating import bind_keys
from chorus.interpreter.formatter import TOKEN, next_indent

TOGETHER = 4_000  # letters of pasted forms that run as one entry
TYPED = 3  # keys that may wait: nobody types more of them while one is looked at


def bindings(is_balanced: Callable[[str], str], answered: Callable[[], bool]) -> KeyBindings:
    """IS_BALANCED says "complete", "incomplete" or "extra" of a text; ANSWERED, whether there is an answer to rate."""
    keys = KeyBindings()
    depth = Depth()
    bind_keys(keys, answered)
    structure.bind_keys(keys)

    @keys.add(Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        buffer, waiting = event.current_buffer, event.app.key_processor.input_queue
        if _pasted() and (depth.of(buffer.text) > 0 or _goes_on(buffer.text, waiting[0].data, is_balanced)):
            buffer.insert_text("\n")  # what is pasted brings its indentation along
        elif _command(buffer.text) or is_balanced(buffer.text) != "incomplete":
            buffer.validate_and_handle()
        else:
            newline(buffer)

    @keys.add(Keys.Any, filter=Condition(_pasted))
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(event.data + _letters(event.app.key_processor.input_queue))

    @keys.add(Keys.Escape, Keys.Enter)
    def _(event: KeyPressEvent) -> None:
        newline(event.current_buffer)

    return keys


def _pasted() -> bool:
    """Whether keys wait that nobody can have typed: a paste, where the terminal does not say so."""
    return len(get_app().key_processor.input_queue) > TYPED


def _letters(waiting: deque[KeyPress]) -> str:
    """What waits up to the end of the line, taken off at once: each key for itself takes half a millisecond."""
    taken = []
    while waiting and len(waiting[0].key) == 1 and waiting[0].key.isprintable():
        taken.append(waiting.popleft().data)
    return "".join(taken)


def _goes_on(text: str, following: str, is_balanced: Callable[[str], str]) -> bool:
    """Whether what is pasted behind TEXT, forms that are whole, runs with them: a prompt for each line takes long."""
    commands = _command(text) or _command(following)
    return len(text) < TOGETHER and bool(text.strip()) and not commands and is_balanced(text) == "complete"


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
