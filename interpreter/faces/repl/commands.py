"""The prompt's own commands: `?name` and the few that start with a dot."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from chorus.interpreter.describe import as_text
from chorus.interpreter.diagnostics import report
from chorus.interpreter.faces.options import near
from chorus.interpreter.faces.repl.outside import edited
from chorus.interpreter.faces.repl.paging import on_terminal, page, pager_command
from chorus.interpreter.faces.repl.preferences import SHOWN, config_file
from chorus.interpreter.faces.repl.rating import commands as rating_commands
from chorus.interpreter.faces.repl.show import wrapped
from chorus.interpreter.faces.themes import THEMES
from chorus.runtime.errors import ChorusError
from chorus.runtime.values import UNSPECIFIED

if TYPE_CHECKING:
    from chorus.interpreter.faces.repl.loop import Repl
    from chorus.interpreter.restarts import Failure

WIDEST = 50  # letters of a call that are shown
KEYS = (
    ("!command", "a command of the shell"),
    ("*1 *2 *3", "the last results; *e the last error"),
    ("Tab", "completes; Up recalls what begins like this; Ctrl-R searches what was typed"),
    ("Alt-Enter", "breaks the line; Ctrl-X Ctrl-E opens $EDITOR"),
    ("Ctrl-C", "stops what runs, and keeps the session; Ctrl-Z suspends, Ctrl-D leaves"),
    ("Alt-→", "takes the next form into the brackets, Alt-← lets the last one out"),
    ("Alt-R", "puts the form at the cursor in place of what is around it, Alt-S takes brackets away"),
)
COMMAND = re.compile(r"\.[A-Za-z]+(?=\s|$)")


class DotCommands:
    """A table of commands; each method takes the words after its name."""

    def __init__(self, repl: Repl) -> None:
        self.repl = repl
        self.table = {
            ".help": (self.help, "this list"),
            ".format": (self.format, f"how tables print: {' '.join(SHOWN)}"),
            ".mode": (self.format, "the same as .format"),
            ".last": (self.last, "the last value again, whole (in your $PAGER)"),
            ".pager": (
                self.pager,
                "on, off or a command: where what exceeds the screen goes ($CHORUS_PAGER, $PAGER)",
            ),
            ".persist": (
                self.persist,
                "keep definitions in the workspace: those made so far, and what follows",
            ),
            ".timing": (
                self.timing,
                "on or off: how long each entry took; reading, planning, SQL and models of it",
            ),
            ".theme": (self.theme, f"colours: {' '.join(THEMES)}"),
            ".edit": (self.edit, "the last entry in $EDITOR; what comes of it waits at the next prompt"),
            ".retry": (self.retry, "after an error: the entry that failed again"),
            ".use": (self.use, "after an error: go on, with a FORM's value for that of the call that failed"),
            ".skip": (self.skip, "after an error in a row: go on with the next one"),
            ".abort": (self.abort, "after an error: let what was under way be"),
            **rating_commands(repl),
            ".quit": (self.quit, "leave (or Ctrl-D)"),
        }

    def knows(self, text: str) -> bool:
        """Whether TEXT is meant for this table: `.word`, known or mistyped, or `:word` if known; `.5` is a number."""
        return COMMAND.match(text) is not None or (text[:1] == ":" and "." + text[1:] in self.table)

    def run(self, text: str) -> None:
        name, *words = text.split()
        name = "." + name[1:]
        if name in self.table:
            self.table[name][0](words)
        else:
            print(f"there is no command {name}{near(name, self.table) or '; .help lists them'}")

    def describe(self, name: str) -> None:
        described = self.repl.session.describe(name) if name else None
        if described is not None:
            print(wrapped(as_text(described), shutil.get_terminal_size().columns))
            return
        meant = near(name, self.repl.session.names()) if name else ""
        hint = meant or '; (apropos "word") searches names and docs'
        print((f"nothing is called {name}" if name else "?name describes a name") + hint)

    def help(self, words: list[str]) -> None:
        rows = [
            ("?name", "what a name does"),
            *((name, text) for name, (_, text) in self.table.items()),
            *KEYS,
        ]
        width = shutil.get_terminal_size().columns
        for name, text in rows:
            print(textwrap.fill(f"  {name:<9} {text}", width - 1, subsequent_indent=" " * 12))

    def format(self, words: list[str]) -> None:
        if len(words) == 1 and words[0] in SHOWN:
            self.repl.shower.format = words[0]
            return
        if words == ["arrow"]:
            print("arrow is bytes, which a terminal cannot show: chorus --format arrow -e … > rows.arrow")
            return
        told = f"there is no format {' '.join(words)}{near(words[0], SHOWN)}; " if words else ""
        print(f"{told}format is {self.repl.shower.format}; known: {' '.join(SHOWN)}")

    def last(self, words: list[str]) -> None:
        if self.repl.results:
            whole = self.repl.shower.whole(self.repl.results[0])
            command = self.repl.shower.pager
            if not (command and on_terminal() and page(whole, command)):
                print(whole.rstrip("\n"))

    def pager(self, words: list[str]) -> None:
        """`.pager off`, `on`, or a command line; alone it says what is set."""
        if words:
            given = " ".join(words)
            self.repl.shower.pager = {"off": None, "on": pager_command() or "less"}.get(given, given)
        print(f"pager is {self.repl.shower.pager or 'off'}")

    def persist(self, words: list[str]) -> None:
        definitions, session = self.repl.definitions, self.repl.session
        try:
            version = session.eval("(persist!)")
        except ChorusError as error:
            print(report(error), file=sys.stderr)
            return
        definitions.keep = True
        definitions.settle()
        print(f"definitions are kept in {session.context.workspace} ({version})")

    def timing(self, words: list[str]) -> None:
        self.repl.timing = words != ["off"]
        print(f"timing is {'on' if self.repl.timing else 'off'}")

    def theme(self, words: list[str]) -> None:
        chosen = self.repl.preferences
        if len(words) == 1 and words[0] in THEMES:
            chosen.theme = words[0]
            return
        told = f"there is no theme {' '.join(words)}{near(words[0], THEMES)}; " if words else ""
        print(f"{told}theme is {chosen.theme}; known: {' '.join(THEMES)} (to keep one: {config_file()})")

    def edit(self, words: list[str]) -> None:
        text = edited(self.repl.entry)
        if text is not None:
            self.repl.draft = text

    # — after an error —

    def restarts(self) -> str:
        """What can be done about the last error, on one line."""
        failure = self.repl.failure
        call = failure.call if len(failure.call) <= WIDEST else failure.call[: WIDEST - 1] + "…"
        skip = "   .skip the row" if failure.rows() is not None else ""
        return f"  .use FORM for {call}{skip}   .retry   .abort"

    def retry(self, words: list[str]) -> None:
        if self.repl.failed_entry:
            self.repl.evaluate(self.repl.failed_entry)
        else:
            print("nothing has failed")

    def use(self, words: list[str]) -> None:
        failure, session = self._failure(), self.repl.session
        if failure is None:
            return
        if not words:
            print(".use wants a form, whose value is taken")
            return
        try:
            value = [UNSPECIFIED, *(value for _, value in session.run(" ".join(words), "<use>"))][-1]
        except ChorusError as error:
            print(report(error), file=sys.stderr)
            return
        self._go_on(partial(failure.use, value))

    def skip(self, words: list[str]) -> None:
        failure = self._failure()
        if failure is not None and failure.rows() is None:
            print("the last error was not met in a row of map-rows")
        elif failure is not None:
            self._go_on(failure.skip)

    def abort(self, words: list[str]) -> None:
        self.repl.failure, self.repl.failed_entry = None, ""

    def _failure(self) -> Failure | None:
        if self.repl.failure is None:
            print("there is nothing to go on with")
        return self.repl.failure

    def _go_on(self, job: Callable[[], Any]) -> None:
        self.repl.show_values((None, self.repl.session.call(each)) for each in (job,))

    def quit(self, words: list[str]) -> None:
        sys.exit(0)
