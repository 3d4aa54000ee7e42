"""What a server answers, apart from how it is carried: one shared session, one evaluation at a time, JSON text."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from chorus.interpreter import diagnostics
from chorus.interpreter.faces.metrics import Metrics
from chorus.interpreter.faces.output import SCHEMA
from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.limits import Meter


class Service:
    """Methods by name; each takes a dict of parameters and returns its value as JSON text."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.turn = threading.Lock()  # evaluation is serial: definitions are shared by all clients
        self.metrics = Metrics()
        self.leaving = False  # it is told to end, and takes nothing more
        self._opened = False
        self.asked: list[Meter] = []  # of the evaluations that came and have not ended, the oldest first
        self.methods: dict[str, Callable[..., str]] = {
            "eval": self.eval,
            "interrupt": self.interrupt,
            "complete": self.complete,
            "describe": self.describe,
        }

    def came(self, method: str | None) -> Meter | None:
        """METHOD was asked for and will be called: from here on it can be interrupted."""
        if method != "eval":
            return None
        self.asked.append(Meter(self.session.limits))
        return self.asked[-1]

    def call(
        self, method: str, parameters: Any, account: Meter | None = None
    ) -> tuple[str | None, dict[str, Any] | None]:
        """(value as JSON text, None) or (None, error); nothing else leaves, whatever the request was. ACCOUNT: what
        `came` returned.
        """
        with self.metrics.timed(method if method in self.methods else "unknown") as failed:
            value, error = self._called(method, parameters, account or self.came(method))
            if error is not None:
                failed.append(str(error["code"]))
            return value, error

    def _called(
        self, method: str, parameters: Any, account: Meter | None
    ) -> tuple[str | None, dict[str, Any] | None]:
        handler = self.methods.get(method)
        try:
            if handler is None:
                raise EvalError(
                    f"unknown method {method}", code="method", hint=f"known: {', '.join(self.methods)}"
                )
            if not isinstance(parameters, dict):
                raise EvalError("parameters should be an object", code="request")
            if account is not None:
                return self.eval(parameters, account), None
            return handler(parameters), None
        except ChorusError as error:
            return None, diagnostics.as_json(error)
        except SystemExit:
            return None, diagnostics.as_json(EvalError("a program may not end the server", code="exit"))
        finally:
            if account is not None:
                self.asked.remove(account)

    def ready(self) -> dict[str, Any] | None:
        """None if requests can be answered, else the error: it is leaving, or the workspace does not open."""
        if self.leaving:
            return {"code": "leaving", "message": "the server is ending"}
        if not self._opened and self.turn.acquire(blocking=False):  # else somebody is being answered
            try:
                self.session.eval("(procedure? car)")
                if (
                    self.session.context.folder is not None
                    and "workspace" in self.session.context.capabilities
                ):
                    self.session.eval("(count (limit (channels) 1))")
                self._opened = True
            except ChorusError as error:
                return diagnostics.as_json(error)
            finally:
                self.turn.release()
        return None

    def eval(self, parameters: dict[str, Any], account: Meter | None = None) -> str:
        from chorus.runtime.jsonout import json_text
        from chorus.runtime.values import UNSPECIFIED

        text = _text(parameters, "form")
        with self.turn:
            file = str(parameters.get("file", "<request>"))
            form, last = None, UNSPECIFIED
            for form, last in self.session.run(text, file, account):  # noqa: B007 (the last pair is wanted)
                pass
            if last is UNSPECIFIED:
                return "null"
            written: str = self.session.printing(form, partial(json_text, last), account)
            return written

    def interrupt(self, parameters: dict[str, Any]) -> str:
        for account in self.asked[:1]:
            self.session.cancel(str(parameters.get("reason", "interrupted by a client")), account)
        return "true"

    def complete(self, parameters: dict[str, Any]) -> str:
        prefix = _text(parameters, "prefix")
        return json.dumps(sorted(name for name in self.session.names() if name.startswith(prefix)))

    def describe(self, parameters: dict[str, Any]) -> str:
        return json.dumps(self.session.describe(_text(parameters, "name")))


def answer_text(value: str | None, error: dict[str, Any] | None) -> str:
    """The JSON object that carries VALUE or ERROR."""
    body = f'"value": {value}' if error is None else f'"error": {json.dumps(error)}'
    return f'{{{body}, "schema": "{SCHEMA}"}}'


def _text(parameters: dict[str, Any], key: str) -> str:
    value = parameters.get(key)
    if not isinstance(value, str):
        raise EvalError(f"'{key}' should be a string", code="request", hint=f'send {{"{key}": "…"}}')
    return value
