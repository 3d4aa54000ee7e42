"""What a server answers, apart from how it is carried: one shared session, one evaluation at a time, JSON text."""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from typing import Any

from chorus.interpreter import diagnostics
from chorus.interpreter.faces import lookups
from chorus.interpreter.faces.metrics import Metrics
from chorus.interpreter.faces.output import SCHEMA
from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.limits import Meter
from chorus.runtime.values import UNSPECIFIED

STORED = frozenset({"read-store"})
ROWS = 100  # of a table that `query` gives unless told otherwise: its reader may pay for each


class Service:
    """Methods by name; each takes a dict of parameters, and the account of limits if it evaluates, and returns its
    value as JSON text.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.turn = threading.Lock()  # evaluation is serial: definitions are shared by all clients
        self.metrics = Metrics()
        self.leaving = False  # it is told to end, and takes nothing more
        self._opened = False
        self.asked: list[Meter] = []  # of the evaluations that came and have not ended, the oldest first
        self.evaluating: dict[str, Callable[[dict[str, Any], Meter], str]] = {
            "eval": self.eval,
            "query": self.query,
            "explain": self.explain,
            "schema": self.schema,
            "apropos": self.apropos,
        }
        self.methods: dict[str, Callable[..., str]] = {
            **self.evaluating,
            "interrupt": self.interrupt,
            "complete": self.complete,
            "describe": self.describe,
        }

    def came(self, method: str | None) -> Meter | None:
        """METHOD was asked for and will be called: from here on it can be interrupted."""
        if method not in self.evaluating:
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
            if account is None:
                return handler(parameters), None
            with self.turn:
                return handler(parameters, account), None
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
                context = self.session.context
                if context.folder is not None and context.capabilities.missing(STORED) is None:
                    self.session.eval("(count (limit (channels) 1))")
                self._opened = True
            except ChorusError as error:
                return diagnostics.as_json(error)
            finally:
                self.turn.release()
        return None

    # — what evaluates —

    def eval(self, parameters: dict[str, Any], account: Meter) -> str:
        form, value = self._evaluated(parameters, account)
        return self._json(value, form, account)

    def query(self, parameters: dict[str, Any], account: Meter) -> str:
        """The "result" with what else a reader wants: "output" that was written, "more" where a table goes on."""
        most = parameters.get("rows", ROWS)
        if type(most) is not int or most < 1:
            raise EvalError("'rows' should be a positive whole number", code="request")
        written = io.StringIO()
        with redirect_stdout(written):
            form, value = self._evaluated(parameters, account)
            said: dict[str, str] = {}
            if lookups.is_table(value):
                value, more = self.session.within(lambda: lookups.head(value, most), form, account)
                said["more"] = json.dumps(more)
            said = {"result": self._json(value, form, account)} | said
        if written.getvalue():
            said["output"] = json.dumps(written.getvalue())
        return "{" + ", ".join(f'"{name}": {text}' for name, text in said.items()) + "}"

    def explain(self, parameters: dict[str, Any], account: Meter) -> str:
        """How the table that a form describes would be computed."""
        return self._of_table(parameters, account, partial(lookups.explained, self.session))

    def schema(self, parameters: dict[str, Any], account: Meter) -> str:
        """The columns of the table that a form describes; without one, all stored tables, and the personas."""
        if "form" in parameters:
            return self._of_table(parameters, account, lookups.columns)
        return json.dumps(self.session.within(lambda: lookups.stored(self.session), None, account))

    def _of_table(self, parameters: dict[str, Any], account: Meter, tell: Callable[[Any], Any]) -> str:
        form, value = self._evaluated(parameters, account)
        if not lookups.is_table(value):
            raise EvalError(
                "the value of this form is no table",
                code="type",
                span=getattr(form, "span", None),
                hint="(messages), (where …), (aggregate …) … are tables; (count …) is a number",
            )
        return json.dumps(self.session.within(lambda: tell(value), form, account))

    def apropos(self, parameters: dict[str, Any], account: Meter) -> str:
        word = _text(parameters, "word")
        return json.dumps(self.session.within(lambda: lookups.found(self.session, word), None, account))

    def _evaluated(self, parameters: dict[str, Any], account: Meter) -> tuple[Any, Any]:
        """The last form of what was sent, and its value."""
        text = _text(parameters, "form")
        file = str(parameters.get("file", "<request>"))
        last = deque(self.session.run(text, file, account), maxlen=1)
        return last.pop() if last else (None, UNSPECIFIED)

    def _json(self, value: Any, form: Any, account: Meter) -> str:
        from chorus.runtime.jsonout import json_text

        return (
            "null" if value is UNSPECIFIED else self.session.within(lambda: json_text(value), form, account)
        )

    # — what does not —

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
