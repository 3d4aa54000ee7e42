"""The worker process: a session of its own that does what its parent asks, and dies with it.

Started by `parent.Process`. Nothing is trusted to it: all that leaves it is data (`wire`).
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any, Final

from chorus.interpreter.convert import Handle, to_host
from chorus.interpreter.isolation.channel import Channel, Closed
from chorus.interpreter.isolation.errors import error_of, spelled
from chorus.interpreter.isolation.wire import Message, value_of
from chorus.interpreter.session import Session
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.limits import Limits
from chorus.runtime.printer import brief

OWN: Final = 160 << 20  # bytes that the process may take for itself: modules loaded late, threads, arenas
WITH_STORE: Final = 1 << 30  # more, where a workspace with its engine and its models may be opened


class HostObject:
    """An object that stayed with the parent."""

    __slots__ = ("__weakref__", "number")

    def __init__(self, number: int) -> None:
        self.number = number


class Out:
    """Standard output as messages."""

    encoding = "utf-8"
    mid_line = False

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def write(self, text: str) -> int:
        if text:
            self.channel.send({"kind": "out", "text": text})
        return len(text)

    def flush(self) -> None:
        return

    def isatty(self) -> bool:
        return False


class Child:
    """The parent's counterpart. `inbox` has what the parent asks, and its replies to what we ask."""

    def __init__(self, channel: Channel, given: dict[str, Any]) -> None:
        self.channel = channel
        self.inbox: queue.SimpleQueue[tuple[dict[str, Any], list[bytes]]] = queue.SimpleQueue()
        self.lent: dict[int, Any] = {}  # values that the parent holds by number
        self.hosts: weakref.WeakValueDictionary[int, HostObject] = weakref.WeakValueDictionary()
        self.session = Session(
            given["workspace"], Limits(**given["limits"]), Capabilities(*given["allow"]), given["evaluator"],
            persist=given["persist"], developer=given["developer"], memory=given["memory"],
        )  # fmt: skip
        self.operations: dict[str, Callable[..., Any]] = {
            "eval": self.session.eval, "show": self._show, "run": self._run, "call": self._call,
            "names": self.session.names,
            "own_names": self.session.own_names, "describe": self.session.describe, "usage": self.session.usage,
            "keywords": self.session.keywords, "effects": self.session.effects, "check": self._check,
            "lookup": lambda name: to_host(self.session.lookup(name)), "register": self._register,
            "settle": self.session.settle, "environment_version": lambda: self.session.environment_version,
        }  # fmt: skip

    def serve(self) -> None:
        """Do what is asked, for ever."""
        while True:
            self.answer(*self.inbox.get())

    def answer(self, asked: dict[str, Any], blocks: list[bytes]) -> None:
        for number in asked.get("free", ()):
            self.lent.pop(number, None)
        try:
            arguments, named = value_of(asked["value"], blocks, self.follow)
            value = self.operations[asked["do"]](*arguments, **named)
            self._send("done", value)
        except SystemExit as leave:
            self._failed(ValueError(f"the program asked to exit ({leave.code})"))
        except Closed:
            os._exit(1)
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        irritants = []
        for each in getattr(error, "irritants", ()):
            try:
                irritants.append(to_host(each))
            except Exception:
                irritants.append(brief(each))
        told = spelled(error)
        try:
            self._send("error", tuple(irritants), told)
        except Exception:
            self._send("error", (), told)

    def _send(self, kind: str, value: Any, error: dict[str, Any] | None = None) -> None:
        message = Message(self.refer)
        tokens = message.value(value)
        self.channel.send({"kind": kind, "value": tokens, "error": error}, message.blocks)

    # — references —

    def refer(self, value: Any) -> list[Any]:
        if isinstance(value, HostObject):
            return ["host", value.number]
        inner = value.host if isinstance(value, Handle) else value
        number = len(self.lent) + 1
        while number in self.lent:
            number += 1
        self.lent[number] = inner
        return ["lent", number, brief(inner)]

    def follow(self, token: list[Any]) -> Any:
        if token[0] == "host":  # one object is one here, too: programs compare them
            return self.hosts.get(token[1]) or self.hosts.setdefault(token[1], HostObject(token[1]))
        return Handle(self.lent[token[1]])

    # — operations that the session has in another form —

    def _show(self, form: Any, **variables: Any) -> dict[str, Any]:
        return self.session.show(form, **variables).bundle

    def _run(self, text: str, file: str) -> None:
        from chorus.runtime.printer import write

        for form, value in self.session.run(text, file):
            self._send("item", (write(form), to_host(value)))

    def _call(self, procedure: Any, *arguments: Any) -> Any:
        from chorus.interpreter.convert import to_lisp

        return to_host(self.session.call(procedure, *map(to_lisp, arguments)))

    def _check(self, text: str, file: str, allow: list[str] | None) -> list[Any]:
        granted = None if allow is None else Capabilities(*allow)
        return [json.dumps(spelled(error)) for error in self.session.check(text, file, granted)]

    def _register(self, name: str, effects: list[str]) -> None:
        def host(*arguments: Any, **named: Any) -> Any:
            self._send("host", (name, arguments, named))
            while True:
                asked, blocks = self.inbox.get()
                if asked["do"] == "reply":
                    break
                self.answer(asked, blocks)  # the function asked something of its session
            succeeded, value = value_of(asked["value"], blocks, self.follow)
            if not succeeded:
                raise error_of(json.loads(value))
            return value

        self.session.register(name, host, effects)


def main(end: int, lifeline: int) -> None:
    """Serve the socket END until it closes, or until nobody holds the other end of the pipe LIFELINE."""
    _die_with(lifeline)
    channel = Channel(socket.socket(fileno=end))
    try:
        first = channel.receive()
        assert first is not None
        given = first[0]
        sys.stdout = Out(channel)
        try:
            child = Child(channel, given)
            child.session.eval(
                "0"
            )  # the evaluation's thread and its stack are there before memory is limited
        except Exception as error:
            channel.send({"kind": "error", "value": [["tuple", 0]], "error": spelled(error)})
            return
        _limit_memory(given["limits"]["bytes"], "workspace" in given["allow"])
        channel.send({"kind": "done", "value": [None], "error": None})
        threading.Thread(target=child.serve, name="chorus-requests", daemon=True).start()
        while True:
            message = channel.receive()
            assert message is not None
            if message[0]["do"] == "cancel":
                child.session.cancel(message[0]["reason"])
            else:
                child.inbox.put(message)
    except Closed:
        os._exit(0)


def _die_with(lifeline: int) -> None:
    """Have the system kill this process when the parent's end of the pipe closes, whatever we are doing then: a long
    primitive of the host's leaves no thread of ours a turn.
    """
    try:
        import fcntl

        signal.signal(signal.SIGIO, signal.SIG_DFL)  # which is to die
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    except (ImportError, AttributeError, OSError):
        return  # then the closed socket ends us, a little later


def _limit_memory(most: int | None, with_store: bool) -> None:
    """Have the system refuse this process more than MOST bytes above what it takes now."""
    if most is None:
        return
    try:
        import resource
    except ImportError:
        return
    held = _held()
    limit = held + most + OWN + (WITH_STORE if with_store else 0)
    for kind in ("RLIMIT_DATA", "RLIMIT_CORE"):
        value = 0 if kind == "RLIMIT_CORE" else limit
        _, hard = resource.getrlimit(getattr(resource, kind))
        if hard == resource.RLIM_INFINITY or value <= hard:
            resource.setrlimit(getattr(resource, kind), (value, value))


def _held() -> int:
    """Bytes of the process's own data, as the system counts them against the limit."""
    try:
        with open("/proc/self/status", "rb") as told:
            return next(int(line.split()[1]) << 10 for line in told if line.startswith(b"VmData:"))
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
