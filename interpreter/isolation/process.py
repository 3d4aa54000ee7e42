"""One worker process as its host sees it: what was lent to either side, and how it ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import Any, Final

from chorus.interpreter.convert import Handle
from chorus.interpreter.isolation.channel import Channel
from chorus.interpreter.isolation.wire import WireError
from chorus.runtime.errors import EvalError

PROGRAM: Final = (
    "import sys; from chorus.interpreter.isolation.child import main; main(*map(int, sys.argv[1:]))"
)


class Far(Handle):
    """A procedure, or another value that is no data, in the worker PROCESS."""

    __slots__ = ("number", "process")

    def __init__(self, number: int, shown: str, process: Process) -> None:
        super().__init__(shown)
        self.number, self.process = number, process

    def __repr__(self) -> str:
        return f"<{self.host} in the worker>"

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        raise EvalError(
            f"{self.host} is a value of the language, which Python cannot call by itself",
            code="host",
            hint="session.call(procedure, argument, …) calls a procedure, in the session that it came from",
        )

    def __del__(self) -> None:
        self.process.free.append(self.number)


class Process:
    """One worker process, and what it was lent."""

    def __init__(self, given: dict[str, Any]) -> None:
        ours, theirs = socket.socketpair()
        reading, self.lifeline = os.pipe()
        path = os.pathsep.join(each or os.getcwd() for each in sys.path)
        try:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(theirs.fileno()), str(reading)],
                pass_fds=(theirs.fileno(), reading), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
            )  # fmt: skip
        finally:
            theirs.close()
            os.close(reading)
        self.channel = Channel(ours)
        self.lent: dict[int, Any] = {}  # objects of ours by number
        self.numbers: dict[int, int] = {}  # id → number
        self.free: list[int] = []  # numbers of theirs that nobody here holds any more
        self.channel.send(given)

    def refer(self, value: Any) -> list[Any]:
        if isinstance(value, Far):
            if value.process is not self:
                raise EvalError(f"{value.host} went with the worker that held it", code="worker")
            return ["lent", value.number]
        number = self.numbers.setdefault(id(value), len(self.lent) + 1)
        self.lent[number] = value  # which keeps the id taken
        return ["host", number]

    def follow(self, token: list[Any]) -> Any:
        if token[0] == "host":
            return self.lent[int(token[1])]
        if token[0] == "lent":
            return Far(int(token[1]), str(token[2]), self)
        raise WireError("a message of the worker is broken")

    def kill(self) -> str:
        """End it for good; how it ended."""
        self.popen.kill()
        code = self.popen.wait()
        self.close()
        return _ending(code)

    def ended(self) -> str:
        """How it ended by itself."""
        try:
            code = self.popen.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return self.kill()
        self.close()
        return _ending(code)

    def close(self) -> None:
        self.channel.close()
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


class FarTable:
    """A table that the worker gave, as `Session.tables` gives it."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def arrow(self) -> Any:
        return self.data

    def df(self) -> Any:
        return self.data.to_pandas()
