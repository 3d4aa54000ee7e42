"""The prompt itself: read a balanced form, evaluate, show; Ctrl-C cancels and keeps the session."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import ThreadedCompleter
from prompt_toolkit.history import FileHistory
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import DynamicStyle

from chorus.interpreter import diagnostics
from chorus.interpreter.changing import let_strings_change
from chorus.interpreter.faces.cli import open_session
from chorus.interpreter.faces.highlight import ChorusLexer
from chorus.interpreter.faces.knowledge import Knowledge
from chorus.interpreter.faces.options import Options
from chorus.interpreter.faces.output import Output
from chorus.interpreter.faces.persistence import Definitions
from chorus.interpreter.faces.repl.brackets import BracketProcessor
from chorus.interpreter.faces.repl.commands import DotCommands
from chorus.interpreter.faces.repl.completion import ChorusCompleter
from chorus.interpreter.faces.repl.confirming import wanted
from chorus.interpreter.faces.repl.cursor import enclosing_calls
from chorus.interpreter.faces.repl.keys import bindings
from chorus.interpreter.faces.repl.outside import shell
from chorus.interpreter.faces.repl.preferences import preferences
from chorus.interpreter.faces.repl.rating import OFFER, is_answer
from chorus.interpreter.faces.repl.show import Shower
from chorus.interpreter.faces.themes import prompt_style
from chorus.interpreter.reader import is_balanced
from chorus.interpreter.session import Session
from chorus.runtime import spent
from chorus.runtime.errors import ChorusError, Interrupted

WORDS = {"help": ".help", "quit": ".quit", "exit": ".quit"}  # alone on a line, they are meant for the prompt
INFIX = re.compile(r"([\w.+-]+)\s+([-+*/<>=]|[<>]=)\s+([\w.+-]+)")
FRAME = 1 / 60  # seconds between two pictures of the input: what is pasted comes in hundreds of pieces
SIGN: Any = [("class:prompt", "chorus>"), ("", " ")]
SAME = re.compile(r"(:(\S+)) \2(?=[\s)])")  # `:limit limit` is said once on the bottom line


def start(options: Options) -> int:
    """Run the prompt until Ctrl-D or (exit)."""
    with open_session(options) as session:
        session.context.arguments = list(options.arguments)
        repl = Repl(session, options)
        try:
            repl.definitions.restore()
        except ChorusError as error:
            print(diagnostics.report(error), file=sys.stderr)
        return repl.run()


class Repl:
    """One interactive session."""

    def __init__(self, session: Session, options: Options) -> None:
        self.session = session
        self.definitions = Definitions(session, keep=options.persist is not False)
        self.knowledge = Knowledge(session)
        self.preferences = preferences(lambda told: print(told, file=sys.stderr))
        self.shower = Shower(self.knowledge, options.format or self.preferences.format)
        self.shower.pager = self.preferences.pager
        self.output = Output(True) if options.json else self.shower
        self.commands = DotCommands(self)
        self.timing = self.preferences.timing
        self.draft = ""  # what the next prompt begins with
        self.count = 0
        self.last: Any = None
        self.results: list[Any] = []
        self._asks: Any = None  # what asks where `step` stops, once it does
        session.on_step = self._step
        self.entry = self.failed_entry = ""  # the last that was evaluated, and the last that failed
        self.failure: Any = None  # what that can be gone on with
        self.latest: Any = None  # the same of the entry under way
        session.context.failed = self._failed

    def run(self) -> int:
        from chorus import __version__

        prompt = self._prompt()
        let_strings_change(self.session.space.foundation)  # a person changes what was made a form ago
        print(
            f"Chorus {__version__}. ?name for help on a name, .help for commands, Ctrl-D to leave.",
            file=sys.stderr,
        )
        while True:
            try:
                draft, self.draft = self.draft, ""
                text = prompt.prompt(SIGN, prompt_continuation="      … ", default=draft)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            try:
                self.handle(text)
            except KeyboardInterrupt:  # between two forms, or while a value was shown
                print("interrupted", file=sys.stderr)
            except Interrupted as why:  # a value that a command shows
                print(why.message, file=sys.stderr)
            except ChorusError as error:
                print(diagnostics.report(error, colour=in_colour()), file=sys.stderr)
            except SystemExit as leave:
                return int(leave.code or 0)

    def _prompt(self) -> PromptSession:
        prompt: PromptSession = PromptSession(
            lexer=PygmentsLexer(ChorusLexer),
            completer=ThreadedCompleter(ChorusCompleter(self.knowledge)),
            complete_while_typing=False,
            multiline=True,
            key_bindings=bindings(is_balanced, self._answered),
            history=FileHistory(str(history_file())),
            enable_history_search=True,
            enable_open_in_editor=True,
            enable_suspend=True,
            input_processors=[BracketProcessor()],
            bottom_toolbar=self._signature,
            output=None if sys.stdout.isatty() else create_output(sys.stderr),  # `chorus | tee log`
            style=DynamicStyle(lambda: prompt_style(self.preferences.theme)),
        )
        prompt.app.min_redraw_interval = FRAME
        return prompt

    def handle(self, text: str) -> None:
        """One submission: a `?name`, a dot command, a `!command`, or forms."""
        stripped = text.strip()
        if stripped.startswith("?"):
            self.commands.describe(stripped[1:].strip())
        elif stripped.startswith("!"):
            shell(stripped[1:].strip())
        elif stripped.startswith((".", ":")) and self.commands.knows(stripped):
            self.commands.run(stripped)
        elif stripped in WORDS and stripped not in self.session.own_names():
            self.commands.run(WORDS[stripped])
        elif stripped and self._wanted(text):
            self.evaluate(text)

    def _wanted(self, text: str) -> bool:
        """Whether to run TEXT; what takes away for good is asked about where somebody can answer."""
        from prompt_toolkit import prompt

        asks = self.preferences.confirm and sys.stdin.isatty()
        if not asks or wanted(text, lambda question: prompt(question)):
            return True
        print("nothing was done", file=sys.stderr)
        return False

    def evaluate(self, text: str) -> None:
        self.count += 1
        self.entry = text
        self.show_values(self.session.run(text, f"<repl {self.count}>"))
        if infix := INFIX.fullmatch(text.strip()):
            left, operator, right = infix.groups()
            print(
                f"(three forms, one after the other; the operator comes first: ({operator} {left} {right}))",
                file=sys.stderr,
            )

    def show_values(self, values: Iterator[tuple[Any, Any]]) -> None:
        """Show VALUES, each with its form, as they come, or the error that they end in and what can then be done."""
        self.latest = None
        started = time.perf_counter()
        if self.timing:
            spent.watch()
        try:
            for form, value in values:
                self._remember_result(value)
                self._show(value, form)
            self.definitions.settle()
        except Interrupted as why:
            print(why.message, file=sys.stderr)  # *1 *2 *3 *e stay as they were
        except ChorusError as error:
            self.failure, self.failed_entry = self.latest, self.entry
            self.knowledge.assign("*e", error)
            if isinstance(self.output, Output):
                self.output.error(error)
                return
            print(diagnostics.report(error, colour=in_colour()), file=sys.stderr)
            if self.failure is not None:
                print(self.commands.restarts(), file=sys.stderr)
        if getattr(sys.stdout, "mid_line", False):  # the prompt starts on a line of its own
            print()
        if self.timing:
            print(timed(time.perf_counter() - started, spent.taken()), file=sys.stderr)

    def _show(self, value: Any, form: Any) -> None:
        if isinstance(self.output, Output):
            self.session.within(partial(self.output.value, value), form)
        else:
            self.output.value(value, form)

    def _remember_result(self, value: Any) -> None:
        from chorus.runtime.values import UNSPECIFIED

        if value is UNSPECIFIED:
            return
        self.results = [value, *self.results][:3]
        for number, result in enumerate(self.results, 1):
            self.knowledge.assign(f"*{number}", result)

    def _failed(self, driver: Any, problem: Exception, chain: Any) -> None:
        from chorus.interpreter.restarts import failure

        self.latest = failure(driver, problem, chain)

    def _step(self, stop: Any) -> str | None:
        from chorus.interpreter.faces.repl.stepping import StepPrompt

        self._asks = self._asks or StepPrompt()
        return self._asks(stop)

    def _answered(self) -> bool:
        """Whether the latest result is an answer, which may be rated."""
        return bool(self.results) and is_answer(self.results[0])

    def _signature(self) -> str:
        """The usage of the call around the cursor, for the bottom line; after an answer what may be done with it."""
        from prompt_toolkit.application import get_app

        if self._answered() and not get_app().current_buffer.text:
            return OFFER
        calls = enclosing_calls(get_app().current_buffer.document.text_before_cursor)
        for call in reversed(calls):
            usage = self.knowledge.usage(call.head)
            if usage:
                return SAME.sub(r"\1", usage)
        return ""


def timed(seconds: float, parts: dict[str, float]) -> str:
    """How long it took: all of it, and of that what each of PARTS did."""
    told = ", ".join(f"{part} {took * 1000:.1f}" for part, took in parts.items())
    return f"{seconds * 1000:.1f} ms" + (f" ({told})" if told else "")


def in_colour() -> bool:
    """Whether errors may be coloured: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def history_file() -> Path:
    """Where lines typed are kept, readable by their owner alone."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "chorus"
    state.mkdir(parents=True, exist_ok=True)
    path = state / "history"
    os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
    os.chmod(path, 0o600)
    return path
