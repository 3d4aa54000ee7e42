"""Whatever a procedure is given, what comes back is a value or a typed error in the language's own words."""

from __future__ import annotations

import os
import random
import re

import pytest

from chorus import Capabilities, ChorusError, Limits, Session
from chorus.interpreter.diagnostics import report
from chorus.interpreter.reader import read_forms
from chorus.runtime.printer import symbol_text, write

ODD = (
    "0 -1 7 1/2 2.5 +nan.0 1+2i (expt 10 30) \"\" \"text\" \"a\\nb\" 'sym '|| :key '() '(1 2 3) '(1 . 2) '((a . 1)) "
    "#(1 2) #() #u8(1 2) #\\a #t #f {} {:a 1} (void) (eof-object) car (lambda (x) x) (lambda () 1) (delay 1) "
    "(make-parameter 1) (open-input-string \"x y\") (open-output-string) (interaction-environment) "
    '(call/cc (lambda (k) k)) (guard (e (#t e)) (car 5)) #inst "2026-01-31T10:00Z" '
    "(let ((x (list 1 2))) (set-cdr! (cdr x) x) x)"
)  # fmt: skip
LEFT_OUT = {
    "exit",
    "emergency-exit",
    "read",
    "read-line",
    "read-char",
    "peek-char",
    "read-u8",
    "peek-u8",
    "char-ready?",
}
HOST = re.compile(
    r"Traceback|\.py\b|NoneType|object at 0x|<class|__\w+__|\bself\b|positional argument|internal error|<locals>"
)
CALLS = 1  # of each procedure; the slow target makes a hundred


GIVEN = [write(form) for form in read_forms(ODD)]


def test_no_procedure_answers_in_the_words_of_the_host() -> None:
    limits = Limits(steps=200_000, seconds=5, bytes=200_000_000, output=1_000_000)
    problems = []
    with Session(limits=limits, allow=Capabilities("clock", "random")) as session:
        names = [n for n in session.names() if n not in LEFT_OUT and _is_procedure(session, n)]
        assert len(names) > 700
        chosen = random.Random(7)
        for name in names:
            for _ in range(CALLS):
                given = [chosen.choice(GIVEN) for _ in range(chosen.randrange(4))]
                call = f"({symbol_text(name)} {' '.join(given)})"
                told = _told(session, call)
                if HOST.search(told):
                    problems.append(f"{call}\n{told}")
    assert not problems, f"{len(problems)} problems\n" + "\n\n".join(problems[:20])


def _is_procedure(session: Session, name: str) -> bool:
    return not name.startswith("%") and (session.describe(name) or {})["kind"] in ("primitive", "procedure")


def _told(session: Session, call: str) -> str:
    try:
        list(session.run(f"(with-output-to-string (lambda () {call}))", "odd"))
    except ChorusError as error:
        return report(error)
    return ""


@pytest.mark.slow
def test_many_more_odd_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CALLS", int(os.environ.get("CHORUS_CASES", "100")))  # ten minutes
    test_no_procedure_answers_in_the_words_of_the_host()
