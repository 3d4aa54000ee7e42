"""The evaluator in the language writes, at every level of the tower, the very code that the host's front end writes:
node for node, with the same places, or the same error at the same place. So it has the same values, errors and effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from language.test_same import Writer
from trees import dump

from chorus import Capabilities, ChorusError, Session
from chorus.interpreter.compiler.compile import compile_unit
from chorus.interpreter.compiler.nodes import Call, Define, Lambda
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.loader import stdlib_files, stdlib_text
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.stage.front import Front, tower_of

TESTS = Path(__file__).parent.parent
STDLIB = [f"stdlib/{name}" for name in [*stdlib_files(), "evaluator.sexp"]]
PROGRAMS = sorted(
    str(path)
    for folder in ("tests/r7rs", "tests/language/core", "bench/language/programs")
    for path in (TESTS.parent / folder).glob("*.sexp")
)


def nodes(space: Namespace, front: Front | None, form: Any, span: Any, file: str) -> Any:
    evaluator = Evaluator(space)
    evaluator.front = front
    introduced, aliases = (
        dict(space.introduced),
        dict(space.aliases),
    )  # the next one finds them as this one did
    try:
        return [dump(node) for node in evaluator.nodes(form, span, file)]
    except ChorusError as error:
        return error.code, error.message, error.span, error.hint
    except Exception as error:  # as compiled code of a macro raises them, before they are translated
        return type(error).__name__, str(error)
    finally:
        space.shadowed.clear()
        space.introduced, space.aliases = introduced, aliases


def carry_out(space: Namespace, form: Any, span: Any, file: str) -> None:
    """Define what FORM defines, if that is a procedure or a form: forms after it are read by that."""
    try:
        for node in Evaluator(space).nodes(form, span, file):
            if isinstance(node, Define) and isinstance(node.value, (Lambda, Call)):
                rows = isinstance(node.value, Lambda) or "row" in getattr(
                    getattr(node.value.fn, "value", None), "__name__", ""
                )
                if rows:
                    compile_unit(node, space, file, False).run(space)
    except Exception:
        return
    finally:
        space.shadowed.clear()


def compare(session: Session, file: str, text: str, levels: list[int]) -> list[str]:
    """The levels and places at which TEXT's forms come to other code than by the host's front end."""

    def job() -> list[str]:
        foundation = session.space.foundation
        own = not file.startswith("stdlib/") or file.endswith("evaluator.sexp")
        space = session.space if own else foundation
        fronts = [Front(tower_of(foundation).level(level)) for level in levels]
        different: list[str] = []
        forms = read_spanned(text, file)
        for form, span in forms:
            wanted = nodes(space, None, form, span, file)
            different += [
                f"level {front.space.level} at {span}"
                for front in fronts
                if nodes(space, front, form, span, file) != wanted
            ]
            if own:
                carry_out(space, form, span, file)
        assert forms
        return different

    return session._inside(job)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


@pytest.mark.parametrize("file", STDLIB)
def test_the_stdlib(session: Session, file: str) -> None:
    assert compare(session, file, stdlib_text(file.partition("/")[2]), [1]) == []


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: Path(file).stem)
def test_programs(session: Session, file: str) -> None:
    assert compare(session, file, Path(file).read_text(encoding="utf-8"), [1, 2, 3]) == []


def test_the_comparison_can_fail(session: Session) -> None:
    session.eval(
        "(special-form-define! 'if (lambda (l x env at) (evaluate l (cadr x) env at)) (evaluator-environment 2))"
    )
    assert compare(session, "x", "(lambda (a) (if a 1 2))", [1, 2]) == ["level 2 at x:1:1"]
    tower_of(session.space.foundation).forget_above(1)


def generated(session: Session, seed: int) -> None:
    assert compare(session, f"seed {seed}", Writer(seed).program(), [1, 2, 3]) == []


@settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**64))
def test_generated_programs(session: Session, seed: int) -> None:
    generated(session, seed)


@pytest.mark.slow
@settings(
    max_examples=100_000, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 2**64))
def test_many_generated_programs(session: Session, seed: int) -> None:
    generated(session, seed)
