"""Embedding as a tool's author meets it: a session on a workspace, what it may do, what mistakes say."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
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


INTERRUPTED_ALL_THE_TIME = """
import random, signal, time
from chorus import ChorusError, Session

def ring(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, ring)
random.seed(7)
session = Session()
session.eval("(define (spin n) (if (= n 0) 'done (spin (- n 1))))")
ends = set()
until = time.monotonic() + 6
while time.monotonic() < until:
    try:
        signal.setitimer(signal.ITIMER_REAL, random.choice([5e-5, 1e-4, 2e-4, 4e-4]))
        ends.add(str(session.eval("(spin 200)")))
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        ends.add("late")
    except ChorusError as error:
        ends.add(error.code)
signal.setitimer(signal.ITIMER_REAL, 0)
print(session.eval("(spin 9)"), *sorted(ends))
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer signals")
def test_no_interrupt_is_lost_whenever_it_comes() -> None:
    """Ctrl-C before an evaluation has begun, while it ends, and between: it stops or is told, and nothing hangs."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_ALL_THE_TIME],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (
        set(done.stdout.split()) <= {"done", "interrupted", "late"} and done.stdout.count("interrupted") == 1
    )


def test_all_keys_within_a_record_are_plain_names() -> None:
    with Session() as session:
        made = session.eval("""(define-record-type answer (make-answer feeling) answer? (feeling answer-feeling))
                               (make-answer (hash-table :mean 0.5 :parts (list (hash-table :n 3))))""")
        assert made == {"feeling": {"mean": 0.5, "parts": [{"n": 3}]}}


@pytest.mark.parametrize(
    ("name", "function", "error"),
    [
        ("bb", 3, TypeError),
        (7, len, TypeError),
        ("b b", len, ValueError),
        ("", len, ValueError),
        ("12", len, ValueError),
    ],
)
def test_what_cannot_be_called_or_named_is_not_registered(
    name: Any, function: Any, error: type[Exception]
) -> None:
    with Session() as session, pytest.raises(error, match="register"):
        session.register(name, function)


def test_rows_that_the_host_gives_need_no_capability_and_stored_ones_do() -> None:
    import pandas as pd

    frame = pd.DataFrame({"n": [1, 2, 3], "said": ["a", None, "c"]})
    with Session() as session:
        assert session.eval("(where t (> n 1))", t=frame).num_rows == 2
        assert session.eval("(table->rows (aggregate t (most (max n))))", t=frame) == [[3]]
        assert session.eval("(plot t :x n :y n)", t=frame).spec["mark"]["type"] == "line"
        for stored in (
            "(messages)",
            "(count (messages))",
            '(search "x")',
            "(join t (authors) :on (= said id))",
        ):
            with pytest.raises(CapabilityDenied) as denied:
                session.eval(stored, t=frame)
            assert denied.value.capability == "workspace"


class Pool:
    """As threadpoolctl has those of a library."""

    def __init__(self, user_api: str) -> None:
        self.user_api, self.threads = user_api, 2

    def get_num_threads(self) -> int:
        return self.threads

    def set_num_threads(self, threads: int) -> None:
        self.threads = threads


def test_pools_are_as_before_when_all_have_left_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads within it at once, the first leaving first: what it restored would be the other's."""
    from chorus.runtime import pools

    shared = Pool("blas")
    monkeypatch.setattr(pools, "_pools", lambda *loaded: [shared])
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with pools.one_thread():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with pools.one_thread():
        thread.start()
        assert entered.wait(10)
        assert shared.threads == 1
    assert shared.threads == 1, "the other thread is still within"
    leave.set()
    thread.join()
    assert shared.threads == 2


def test_a_workspace_may_be_given_to_read_alone(sample_workspace: Path) -> None:
    asked = '(answer-turn (persona-inquiry \'everyone "Is it fair?"))'
    with Session(sample_workspace, allow=Capabilities("read-workspace", "clock")) as session:
        assert session.eval("(count (messages))") == 12
        assert session.eval(asked) is False and session.eval("(count (turns))") == 0
        for form in ("(checkpoint!)", "(embed!)", "(persist!)", "(discover-personas)"):
            with pytest.raises(CapabilityDenied) as denied:
                session.eval(form)
            assert denied.value.capability == "workspace"
    with Session(sample_workspace, allow=Capabilities("clock")) as session, pytest.raises(CapabilityDenied):
        session.eval("(count (messages))")
    with Session(sample_workspace, allow=Capabilities("workspace", "clock")) as session:
        assert session.eval(asked) == 1
