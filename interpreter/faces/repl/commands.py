"""The prompt's own commands: `?name` and the few that start with a dot."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

from chorus.interpreter.describe import as_text
from chorus.interpreter.faces.options import FORMATS, near
from chorus.interpreter.faces.repl.paging import on_terminal, page, pager_command
from chorus.interpreter.faces.repl.show import wrapped

if TYPE_CHECKING:
    from chorus.interpreter.faces.repl.loop import Repl

COMMAND = re.compile(r"\.[A-Za-z]+(?=\s|$)")


class DotCommands:
    """A table of commands; each method takes the words after its name."""

    def __init__(self, repl: Repl) -> None:
        self.repl = repl
        self.table = {
            ".help": (self.help, "this list"),
            ".format": (self.format, f"how tables print: {' '.join(FORMATS)}"),
            ".mode": (self.format, "the same as .format"),
            ".last": (self.last, "the last value again, whole (in your $PAGER)"),
            ".pager": (
                self.pager,
                "on, off or a command: where what exceeds the screen goes ($CHORUS_PAGER, $PAGER)",
            ),
            ".timing": (self.timing, "on or off: how long each entry took"),
            ".quit": (self.quit, "leave (or Ctrl-D)"),
        }

    def knows(self, text: str) -> bool:
        """Whether TEXT is meant for this table: `.word`, known or mistyped; `.5` is a number."""
        return COMMAND.match(text) is not None

    def run(self, text: str) -> None:
        name, *words = text.split()
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
        print("  ?name     what a name does")
        for name, (_, text) in self.table.items():
            print(f"  {name:<9} {text}")
        print(
            "  *1 *2 *3  the last results; *e the last error. Ctrl-C stops what runs, and keeps the session."
        )

    def format(self, words: list[str]) -> None:
        if len(words) == 1 and words[0] in FORMATS:
            self.repl.shower.format = words[0]
        else:
            print(f"format is {self.repl.shower.format}; known: {' '.join(FORMATS)}")

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

    def timing(self, words: list[str]) -> None:
        self.repl.timing = words != ["off"]
        print(f"timing is {'on' if self.repl.timing else 'off'}")

    def quit(self, words: list[str]) -> None:
        sys.exit(0)
