"""`chorus check`: what reading and compiling tell of a text without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.reader import read_spanned
from chorus.runtime.errors import ChorusError, ReadError

if TYPE_CHECKING:
    from chorus.interpreter.session import Session


def check(session: Session, text: str, file: str) -> list[ChorusError]:
    """Every form that does not compile, each with its place. Macros that the text defines are defined."""
    try:
        forms: list[Any] = read_spanned(text, file)
    except ReadError as error:
        return [error]
    problems: list[ChorusError] = []
    evaluator = Evaluator(session.space, session.limits.metered, session.context.check)
    for form, span in forms:
        try:
            evaluator.check_only(form, span, file)
        except ChorusError as error:
            problems.append(session.translate(error))
    return problems
