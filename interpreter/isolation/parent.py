"""The session as its host sees it, when programs run in a process of their own: the same calls, and a worker that can
be killed.

The worker's end is one typed error; the next call starts another, with the functions that were registered but without
the definitions (those of a workspace with `persist` come back).
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from chorus.interpreter.convert import to_host, to_lisp
from chorus.interpreter.isolation.channel import Closed
from chorus.interpreter.isolation.errors import error_of, spelled
from chorus.interpreter.isolation.process import FarTable, Process
from chorus.interpreter.isolation.wire import Message, WireError, value_of
from chorus.interpreter.registering import registration
from chorus.interpreter.session import Session, _checked
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import (
    ChorusError,
    EvalError,
    Interrupted,
    LimitExceeded,
    WorkerDied,
)
from chorus.runtime.limits import Limits, Meter, bounded
from chorus.runtime.values import NIL, Keyword, Pair, Symbol

STARTING: Final = 60.0  # seconds that a worker has to be ready
GRACE: Final = 0.1  # seconds beyond a deadline in which the worker may say itself where it was
PATIENCE: Final = 0.5  # seconds that a cancelled worker has
LOOK: Final = 0.1  # seconds between two looks at what other threads want


class IsolatedSession(Session):
    """`Session(isolation="process", …)`."""

    def __init__(
        self,
        workspace: Any = None,
        limits: Limits | None = None,
        allow: Capabilities | None = None,
        evaluator: str = "host",
        *,
        base: Any = None,
        persist: bool = False,
        isolation: str | None = "process",
        developer: str | None = None,
        memory: int | None = None,
    ) -> None:
        self.closed = True  # until it is open
        if base is not None:
            raise TypeError("Session: definitions of a base are code, which does not go into another process")
        if evaluator != "host":
            from chorus.interpreter.stage.front import check_name

            check_name(evaluator)
        self.evaluator = evaluator
        self.limits = _checked("limits", limits, Limits)
        self.allow = _checked("allow", allow, Capabilities)
        self.given = {
            "workspace": None if workspace is None else os.path.abspath(workspace),
            "limits": self.limits._asdict(), "allow": sorted(self.allow.names), "evaluator": evaluator,
            "persist": persist, "developer": developer, "memory": None if memory is None else bounded(memory),
        }  # fmt: skip
        self.functions: dict[str, tuple[Callable[..., Any], list[str]]] = {}
        self.process: Process | None = None
        self.turn = threading.RLock()  # one evaluation at a time
        self.cancelled: tuple[str, float] | None = None
        self.account: Meter | None = None  # of the request under way, if it can be cancelled by that
        self.failed: BaseException | None = None  # what a function of the host's raised: for the host alone
        self.depth = 0  # requests under way: a function of the host's may ask something itself
        self.closed = False
        if persist:
            self._started()

    # — asking —

    def _started(self) -> Process:
        if self.closed:
            raise EvalError("this session is closed", code="closed")
        if self.process is None:
            self.process = Process(self.given)
            self._answer(self.process, time.monotonic() + STARTING)
            for name, (_, effects) in self.functions.items():
                self._asked(self.process, "register", ((name, effects), {}), lambda item: None)
        return self.process

    def _do(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """What the worker's OPERATION gives."""
        return self._ask(operation, arguments, named, lambda item: None)

    def _ask(
        self,
        operation: str,
        arguments: Any,
        named: Any,
        take: Callable[[Any], None],
        account: Meter | None = None,
    ) -> Any:
        with self.turn:
            if self.depth == 0:
                self.cancelled, self.account = None, account
            if account is not None and account.cancelled is not None:  # while it waited for its turn
                raise Interrupted(f"the evaluation was cancelled: {account.cancelled}")
            self.depth += 1
            try:
                return self._asked(self._started(), operation, (arguments, named), take)
            finally:
                self.depth -= 1

    def _asked(self, process: Process, operation: str, given: Any, take: Callable[[Any], None]) -> Any:
        message = Message(process.refer)
        asked: dict[str, Any] = {"do": operation, "value": message.value(given)}
        asked["free"], process.free = process.free, []
        if self.cancelled is not None and self.depth == 1:  # while the worker started
            raise Interrupted(f"the evaluation was cancelled: {self.cancelled[0]}")
        seconds = self.limits.seconds
        try:
            process.channel.send(asked, message.blocks)
        except Closed:
            raise self._died(process) from None
        return self._answer(process, None if seconds is None else time.monotonic() + seconds + GRACE, take)

    def _answer(
        self, process: Process, deadline: float | None, take: Callable[[Any], None] = lambda item: None
    ) -> Any:
        """Wait for the worker, doing what it asks meanwhile."""
        while True:
            try:
                message = self._waited(process, deadline)
                if message is None:
                    raise self._overdue(process)
                told, blocks = message
                if told["kind"] == "out":
                    sys.stdout.write(str(told["text"]))
                    continue
                value = value_of(told["value"], blocks, process.follow)
            except Closed:
                raise self._died(process) from None
            except (WireError, KeyError, TypeError) as error:
                self._kill(process)
                raise WireError(f"the worker was stopped: {error}") from None
            if told["kind"] == "done":
                return value
            if told["kind"] == "error":
                problem = error_of(told["error"], tuple(value))
                cause, self.failed = self.failed, None
                raise problem from (cause if getattr(problem, "code", "") == "host" else None)
            if told["kind"] == "host":
                self._host(process, *value)
            else:
                take(value)

    def _waited(self, process: Process, deadline: float | None) -> Any:
        """The next message; None when the time is up, or somebody cancelled and the worker does not heed it."""
        while True:
            until = time.monotonic() + LOOK
            try:
                message = process.channel.receive(until if deadline is None else min(until, deadline))
            except KeyboardInterrupt:
                self.cancel("interrupted")
                continue
            if message is not None:
                return message
            now = time.monotonic()
            if deadline is not None and now >= deadline:
                return None
            if self.cancelled is not None and now > self.cancelled[1] + PATIENCE:
                return None

    def _overdue(self, process: Process) -> ChorusError:
        self._kill(process)
        if self.cancelled is not None:
            return Interrupted(f"the evaluation was cancelled: {self.cancelled[0]}")
        seconds = self.limits.seconds or STARTING
        return LimitExceeded(
            "seconds",
            seconds + GRACE,
            seconds,
            hint="the worker process was killed; its definitions are gone",
        )

    def _died(self, process: Process) -> ChorusError:
        how = process.ended()
        self.process = None
        if self.cancelled is not None:
            return Interrupted(f"the evaluation was cancelled: {self.cancelled[0]}")
        return WorkerDied(
            f"the worker process ended ({how}) while it evaluated",
            hint="the next evaluation starts another; what was defined in this one is gone",
        )

    def _kill(self, process: Process) -> None:
        process.kill()
        self.process = None

    def _host(self, process: Process, name: str, arguments: Any, named: Any) -> None:
        """Call the function registered as NAME for the worker."""
        procedure, _ = self.functions[name]
        options = [part for key, value in named.items() for part in (Keyword(key), to_lisp(value))]
        try:
            outcome = (True, to_host(procedure(*map(to_lisp, arguments), *options)))
        except ChorusError as error:
            self.failed = error.__cause__
            outcome = (False, json.dumps(spelled(error)))
        message = Message(process.refer)
        process.channel.send({"do": "reply", "value": message.value(outcome)}, message.blocks)

    # — the session's calls —

    def eval(self, form_or_text: Any, **variables: Any) -> Any:
        return self._eval(form_or_text, variables)

    def _eval(self, form_or_text: Any, variables: dict[str, Any], meter: Meter | None = None) -> Any:
        return self._ask("eval", (form_or_text,), variables, lambda item: None, meter)

    def show(self, form_or_text: Any, **variables: Any) -> Any:
        from chorus.interpreter.faces.notebook import Shown

        return Shown(self._do("show", form_or_text, **variables))

    def run(self, text: str, file: str = "<text>", meter: Meter | None = None) -> Iterator[tuple[Any, Any]]:
        """(form, value) for each form of TEXT. All are evaluated before the first is given."""
        from chorus.interpreter.reader import read_one

        items: list[tuple[str, Any]] = []
        failed: ChorusError | None = None
        try:
            self._ask("run", (text, file), {}, items.append, meter)
        except ChorusError as error:
            failed = error
        for form, value in items:
            yield read_one(form, file), to_lisp(value)
        if failed is not None:
            raise failed

    def evaluate(self, form: Any, span: Any = None, file: str = "<form>") -> Any:
        return to_lisp(self._do("eval", form))

    def call(self, procedure: Any, *args: Any) -> Any:
        return to_lisp(self._do("call", procedure, *map(to_host, args)))

    def check(self, text: str, file: str = "<text>", allow: Capabilities | None = None) -> list[ChorusError]:
        told = self._do("check", text, file, None if allow is None else sorted(allow.names))
        return [error for each in told if isinstance(error := error_of(json.loads(each)), ChorusError)]

    def effects(self, text: str, file: str = "<text>") -> list[str]:
        return self._do("effects", text, file)

    def lookup(self, name: str) -> Any:
        return to_lisp(self._do("lookup", name))

    def names(self) -> list[str]:
        return self._do("names")

    def own_names(self) -> list[str]:
        return self._do("own_names")

    def describe(self, name: str) -> dict[str, Any] | None:
        return self._do("describe", name)

    def usage(self, name: str) -> str:
        return self._do("usage", name)

    def settle(self) -> None:
        self._do("settle")

    @property
    def environment_version(self) -> str:
        return self._do("environment_version")

    def register(
        self, name: str, function: Callable[..., Any], effects: str | Iterable[str] = "pure"
    ) -> None:
        procedure, declared = registration(name, function, effects, self.allow)
        self.functions[name] = procedure, sorted(declared)
        if self.process is not None:
            self._do("register", name, sorted(declared))

    def tables(self, name: str) -> Any:
        found = self._do("eval", Pair(Symbol(name), NIL))
        if not hasattr(found, "__arrow_c_stream__"):
            raise EvalError(f"({name}) is not a table", code="type")
        return FarTable(found)

    def freeze(self) -> Any:
        raise EvalError(
            "the definitions of a session in another process are code, which stays there",
            code="isolation",
            hint="freeze a session of this process",
        )

    def keep(self, saved: bool = True) -> Any:
        raise EvalError("definitions are kept with Session(persist=True)", code="isolation")

    def cancel(self, reason: str = "cancelled", meter: Meter | None = None) -> None:
        if meter is not None:
            meter.cancelled = reason
        if self.depth == 0 or meter not in (None, self.account):
            return
        self.cancelled = reason, time.monotonic()
        process = self.process
        if process is not None:
            with suppress(Closed):
                process.channel.send({"do": "cancel", "reason": reason})

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            process, self.process = self.process, None
            if process is not None:
                process.close()

    def __del__(self) -> None:
        if not getattr(self, "closed", True):
            self.close()

    def _inside(self, job: Callable[[], Any], meter: Any = None) -> Any:
        raise EvalError("this is not there for a session in another process", code="isolation")
