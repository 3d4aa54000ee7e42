"""The Jupyter kernel: a session behind the messages of a notebook, with completion, help and interruption."""

from __future__ import annotations

import re
import sys
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from chorus import __version__
from chorus.interpreter.changing import let_strings_change
from chorus.interpreter.faces.cli import open_session
from chorus.interpreter.faces.notebook import TEXT, bundle_of, error_bundle
from chorus.interpreter.faces.options import Options
from chorus.interpreter.reader import is_balanced
from chorus.runtime.errors import ChorusError

MOST_HELD = 1_000  # pieces of a line
WORD = re.compile(r"""[^\s()\[\]{}";'`,]*""")


class Out:
    """Standard output of a cell. Programs run on a thread of their own, of which Jupyter does not know what cell it
    works for: that is told here.
    """

    encoding = "utf-8"
    mid_line = False

    def __init__(self, kernel: ChorusKernel) -> None:
        self.kernel = kernel
        self.cell: Any = None
        self.held: list[str] = []

    def write(self, text: str) -> int:
        self.held.append(text)
        if "\n" in text or len(self.held) > MOST_HELD:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self.held = "".join(self.held), []
        if text:
            kernel = self.kernel
            content = {"name": "stdout", "text": text}
            sender: Any = kernel.session
            sender.send(
                kernel.iopub_socket, "stream", content, parent=self.cell, ident=kernel._topic("stream")
            )

    def isatty(self) -> bool:
        return False


class ChorusKernel(Kernel):
    """One session for one notebook, on the workspace of the folder that the notebook is in."""

    implementation = "chorus"
    implementation_version = __version__
    banner = f"Chorus {__version__}"
    language_info = {  # noqa: RUF012 — as Jupyter has it
        "name": "chorus", "version": __version__, "mimetype": "text/x-chorus", "file_extension": ".sexp",
        "pygments_lexer": "chorus", "codemirror_mode": "scheme",
    }  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.session_of_chorus = open_session(Options())
        let_strings_change(self.session_of_chorus.space.foundation)
        self.out = sys.stdout = Out(self)

    async def do_execute(
        self, code: str, silent: bool, store_history: bool = True, user_expressions: Any = None,
        allow_stdin: bool = False, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Evaluate CODE; each value is displayed, the last is the cell's result."""
        session = self.session_of_chorus
        self.out.cell = self.get_parent("shell")
        try:
            bundles = [
                bundle_of(session, value) for _, value in session.run(code, f"<cell {self.execution_count}>")
            ]
        except ChorusError as error:
            return self._failed(error, silent)
        except SystemExit:
            await self.do_shutdown(False)
            bundles = []
        self.out.flush()
        shown = [bundle for bundle in bundles if bundle]
        if not silent:
            for bundle in shown[:-1]:
                self._send("display_data", {"data": bundle, "metadata": {}})
            if shown:
                self._send(
                    "execute_result",
                    {"data": shown[-1], "metadata": {}, "execution_count": self.execution_count},
                )
        return {
            "status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {},
        }  # fmt: skip

    def _failed(self, error: ChorusError, silent: bool) -> dict[str, Any]:
        told = {"ename": error.code, "evalue": error.message, "traceback": [error_bundle(error)[TEXT]]}
        if not silent:
            self._send("error", told)
        return {"status": "error", "execution_count": self.execution_count, **told}

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        self.out.flush()
        self.send_response(self.iopub_socket, kind, content)

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        found = is_balanced(code)
        return {"status": found, "indent": "  "} if found == "incomplete" else {"status": "complete"}

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        from chorus.interpreter.faces.knowledge import Knowledge
        from chorus.interpreter.faces.repl.completion import fuzzy_rank

        begin = cursor_pos - len(_before(code, cursor_pos))
        word = code[begin:cursor_pos]
        ranked = [(rank, name) for name in Knowledge(self.session_of_chorus).names()
                  if word and (rank := fuzzy_rank(word, name)) is not None]  # fmt: skip
        return {
            "status": "ok", "matches": [name for _, name in sorted(ranked)[:60]], "cursor_start": begin,
            "cursor_end": cursor_pos, "metadata": {},
        }  # fmt: skip

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        from chorus.interpreter.describe import as_text

        after = WORD.match(code, cursor_pos)
        name = _before(code, cursor_pos) + (after[0] if after else "")
        described = self.session_of_chorus.describe(name) if name else None
        data = {} if described is None else {TEXT: as_text(described)}
        return {"status": "ok", "found": bool(data), "data": data, "metadata": {}}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        self.session_of_chorus.close()
        return {"status": "ok", "restart": restart}


def _before(code: str, at: int) -> str:
    """The name that ends where the cursor is."""
    found = re.search(WORD.pattern + r"\Z", code[:at])
    return found[0] if found else ""


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=ChorusKernel)
