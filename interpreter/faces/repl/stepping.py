"""The prompt of `step`: what is to be done where evaluation stopped, asked on the thread that evaluates."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import HTML
from prompt_toolkit.history import InMemoryHistory

from chorus.interpreter.step_commands import COMMANDS
from chorus.runtime.errors import LimitSignal

if TYPE_CHECKING:
    from chorus.interpreter.stepping import Stop

WORDS = sorted(name for name in COMMANDS if len(name) > 1)


class StepPrompt:
    """Asks for the commands of one session; lines typed are kept as long as it lasts."""

    def __init__(self) -> None:
        self.history = InMemoryHistory()
        self.told = False

    def __call__(self, stop: Stop) -> str | None:
        """A command; none at Ctrl-D, which lets evaluation go on."""
        sign = "<ansired>step!></ansired> " if stop.error is not None else "<ansiyellow>step></ansiyellow> "
        words = [*WORDS, *stop.variables]
        if not self.told:
            print("(Enter goes on to the next form, help tells what else can be done)", file=sys.stderr)
            self.told = True
        prompt: PromptSession[str] = PromptSession(
            history=self.history, completer=WordCompleter(words, sentence=True), complete_while_typing=False
        )
        try:
            return prompt.prompt(HTML(sign), handle_sigint=False)
        except EOFError:
            return None
        except KeyboardInterrupt:
            raise LimitSignal("cancel", reason="interrupted") from None
