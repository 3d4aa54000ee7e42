"""Embedding as a tool's author meets it: a session on a workspace, what it may do, what mistakes say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, CapabilityDenied, Keyword, Limits, Session


def test_a_workspace_is_asked_with_what_was_allowed(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities("workspace")) as session:
        assert session.eval("(count (where (messages) (contains? content word)))", word="difficulty") > 0
        assert session.tables("messages").arrow().num_rows == 12 == len(session.tables("messages").df())
        for refused, need in (
            ('(ingest "x.json")', "ingest"),
            ('(read-file "/etc/hostname")', "read"),
            ('(write-file "x" "y")', "write"),
            ("(now)", "clock"),
        ):
            with pytest.raises(CapabilityDenied) as denied:
                session.eval(refused)
            assert denied.value.capability == need and f"'{need}'" in str(denied.value.hint)


def test_answers_come_as_values(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities("workspace", "clock")) as session:
        cited = session.eval(
            """(let ((a (persona-inquiry 'everyone question)))
                 {:refusal (answer-refusal a) :citations (map citation-message-id (answer-citations a))})""",
            question="Which wine goes with a tax return?",
        )
        assert isinstance(cited[Keyword("refusal")], str) and cited[Keyword("citations")] == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [("allow", "workspace"), ("allow", ["workspace"]), ("limits", 5), ("limits", {"steps": 5})],
)
def test_what_is_no_limit_or_capability_is_told_at_once(given: str, wrong: Any) -> None:
    with pytest.raises(TypeError, match=rf"Session: {given} should be (Limits|Capabilities)\(…\), not"):
        Session(**{given: wrong})


def test_an_empty_allowance_is_an_allowance() -> None:
    with Session(allow=Capabilities(), limits=Limits()) as session:
        assert session.eval("(+ 1 2)") == 3
