"""What a server answers, apart from how it is carried: one shared session, one request at a time."""

from __future__ import annotations

import threading
from typing import Any

from chorus.interpreter import diagnostics
from chorus.interpreter.faces.output import SCHEMA
from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, EvalError


class Service:
    """Methods by name; each takes a dict of parameters and returns a JSON-able dict."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.turn = threading.Lock()  # evaluation is serial: definitions are shared by all clients
        self.methods = {
            "eval": self.eval,
            "interrupt": self.interrupt,
            "complete": self.complete,
            "describe": self.describe,
        }

    def call(self, method: str, parameters: Any) -> dict[str, Any]:
        """{"value": …} or {"error": …}; nothing else leaves, whatever the request was."""
        handler = self.methods.get(method)
        try:
            if handler is None:
                raise EvalError(
                    f"unknown method {method}", code="method", hint=f"known: {', '.join(self.methods)}"
                )
            if not isinstance(parameters, dict):
                raise EvalError("parameters should be an object", code="request")
            return {"schema": SCHEMA} | handler(parameters)
        except ChorusError as error:
            return {"schema": SCHEMA, "error": diagnostics.as_json(error)}

    def eval(self, parameters: dict[str, Any]) -> dict[str, Any]:
        from chorus.runtime.jsonout import to_json
        from chorus.runtime.values import UNSPECIFIED

        text = _text(parameters, "form")
        with self.turn:
            values = [value for _, value in self.session.run(text, str(parameters.get("file", "<request>")))]
        last = values[-1] if values else UNSPECIFIED
        return {"value": None if last is UNSPECIFIED else to_json(last)}

    def interrupt(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.session.cancel(str(parameters.get("reason", "interrupted by a client")))
        return {"value": True}

    def complete(self, parameters: dict[str, Any]) -> dict[str, Any]:
        prefix = _text(parameters, "prefix")
        return {"value": sorted(name for name in self.session.names() if name.startswith(prefix))}

    def describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"value": self.session.describe(_text(parameters, "name"))}


def _text(parameters: dict[str, Any], key: str) -> str:
    value = parameters.get(key)
    if not isinstance(value, str):
        raise EvalError(f"'{key}' should be a string", code="request", hint=f'send {{"{key}": "…"}}')
    return value
