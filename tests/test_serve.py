"""The JSON-RPC face: errors carry the codes that its standard gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chorus import Session
from chorus.interpreter.faces.cli import usage
from chorus.interpreter.faces.commands import serve
from chorus.interpreter.faces.service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Session() as session:
        yield Service(session)


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    [("no", {}, -32601), ("eval", {}, -32602), ("eval", [1], -32602), ("eval", {"form": "(car 5)"}, -32000)],
)
def test_a_failure_has_the_code_of_its_kind(
    service: Service, method: str, parameters: object, code: int
) -> None:
    line = serve._answer(service, {"id": 1, "method": method, "params": parameters})
    assert line is not None and json.loads(line)["error"]["code"] == code


def test_help_says_what_a_request_needs_and_offers_nothing_that_is_missing() -> None:
    assert "Content-Type: application/json" in serve.USAGE
    assert "--evaluator" in usage() and "--workspace" in usage()


def test_an_evaluation_that_has_not_begun_is_interrupted(service: Service) -> None:
    """It came, and waits for its turn: a client cannot know that it has not begun."""
    first, second = service.came("eval"), service.came("eval")
    assert service.call("interrupt", {}) == ("true", None)
    value, error = service.call("eval", {"form": "(let loop () (loop))"}, first)
    assert value is None and error is not None and error["code"] == "interrupted"
    assert service.call("eval", {"form": "(+ 1 2)"}, second) == ("3", None)
    assert service.call("interrupt", {}) == ("true", None) and service.call("eval", {"form": "4"}) == (
        "4",
        None,
    )
