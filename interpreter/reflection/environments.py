"""Reading forms and evaluating them: read, eval, environments, load (R7RS 6.12, 6.13.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chorus.interpreter import libraries, reader_fast
from chorus.interpreter.changing import expect_changes
from chorus.interpreter.compiler.syntax import Row, namespace_of
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reader import UNFINISHED, read_spanned
from chorus.interpreter.stage.scopes import Frame
from chorus.runtime.calling import returns_pending
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError, LimitSignal, ReadError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.ports import InputPort
from chorus.runtime.primitives.ports_reading import text_port
from chorus.runtime.values import EOF, UNSPECIFIED, Pair

MOST_LOADING = 1_000  # files within files: one that loads itself never ends


@primitive("read", effects="mutate")
def read_(ctx: Context, port: InputPort | None = None) -> Any:
    """The next datum of PORT, standard input if none is given; the end-of-file object at the end.

    > (read (open-input-string "(a . b) c"))
    => (a . b)
    """
    source = text_port(ctx, port, "read")
    while True:
        try:
            found = reader_fast.read_first(
                source.text, source.name, source.position, source.line, source.fold
            )
        except ReadError as fault:
            if fault.code in UNFINISHED and source.more():
                continue
            source.advance(len(source.text))
            raise _misread(fault, source.name) from None
        if found is not None:
            datum, end, source.fold = found
            source.advance(end)
            return datum
        if not source.more():
            source.advance(len(source.text))
            return EOF


def _misread(fault: ReadError, name: str) -> ReadError:
    """FAULT as an error of the program's call of `read`, which is where the program is at fault."""
    where = f" (line {fault.span.line}, column {fault.span.column} of {name})" if fault.span else ""
    return ReadError(f"read: {fault.message}{where}", code=fault.code, hint=fault.hint)


def space_of(ctx: Context, environment: Any, caller: str) -> Namespace:
    if environment is None:
        return ctx.session.space
    if not isinstance(environment, Namespace | Frame):
        raise wrong_type(caller, "environment", "an environment", environment)
    return namespace_of(environment)


def evaluator_in(ctx: Context, environment: Any, caller: str) -> Evaluator:
    """What evaluates in ENVIRONMENT; within a procedure only the evaluator in the language can."""
    space = space_of(ctx, environment, caller)
    scope = environment if isinstance(environment, Frame) else None
    evaluator = Evaluator(space, ctx.session.limits.metered, ctx.check, scope=scope)
    if scope is not None and evaluator.front is None:
        from chorus.interpreter.stage.front import front_of

        evaluator.front = front_of("meta", space.foundation)
    return evaluator


@primitive("eval", effects="pure")
@returns_pending
def eval_(ctx: Context, form: Any, environment: Any = None) -> Any:
    """The value of FORM, evaluated in ENVIRONMENT, the session's own if none is given.

    > (eval '(+ 1 2))
    => 3
    > (eval '(* 7 3) (environment '(scheme base)))
    => 21
    """
    if ctx.limits.stride is not None:
        ctx.meter.check_depth()  # each eval within an eval takes many frames of the host
    evaluator = evaluator_in(ctx, environment, "eval")
    span = form.span if isinstance(form, Pair) else None
    return ctx.session.recorder.evaluate(evaluator, form, span, span.file if span else "<eval>", tail=True)


@primitive("environment", effects="pure")
def environment(ctx: Context, *sets: Any) -> Any:
    """An environment for `eval` with the names that import SETS stand for; nothing can be defined in it.

    > (eval '(first '(1 2)) (environment '(rename (scheme base) (car first))))
    => 1
    """
    made = libraries.Environment(("environment",), ctx.session.space.foundation)
    libraries.bring(made, list(sets), None)
    return made


@primitive("environment?", effects="pure", checked=False)
def is_environment(value: Any) -> bool:
    """Whether VALUE is what `environment` and `interaction-environment` return.

    > (environment? (interaction-environment))
    => #t
    """
    return isinstance(value, Namespace | Frame)


@primitive("interaction-environment", effects="pure", aliases=("system-global-environment",))
def interaction_environment(ctx: Context) -> Any:
    """The session's own environment.

    > (eval '(* 2 3) (interaction-environment))
    => 6
    """
    return ctx.session.space


def _report(version: int, caller: str) -> None:
    if version not in (5, 7):
        raise EvalError(f"{caller}: there is no report {version}", code="range", hint="5 or 7")


@primitive("scheme-report-environment", effects="pure")
def scheme_report_environment(ctx: Context, version: int = 5) -> Any:
    """The environment of the Scheme report of that VERSION.

    > (eval '(* 7 3) (scheme-report-environment 5))
    => 21
    """
    _report(version, "scheme-report-environment")
    made = libraries.Environment(("scheme", "r5rs"), ctx.session.space.foundation)
    made.imported.update(libraries.find(("scheme", "r5rs"), made).targets())
    return made


@primitive("null-environment", effects="pure")
def null_environment(ctx: Context, version: int = 5) -> Any:
    """The forms of the Scheme report of that VERSION, without its procedures.

    > (eval '(let ((x 1)) (if x 2 3)) (null-environment 5))
    => 2
    """
    made = scheme_report_environment(ctx, version)
    made.imported = {
        name: (home, inside)
        for name, (home, inside) in made.imported.items()
        if isinstance(home.get(inside), Row)
    }
    return made


@primitive("load", effects="read-file")
def load(ctx: Context, path: str, environment: Any = None) -> Any:
    """Run the forms of the file PATH in ENVIRONMENT, the session's own if none is given; the value of the last.

    > (procedure? load)
    => #t
    """
    evaluator = evaluator_in(ctx, environment, "load")
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise ChorusError(f"cannot load {path}: {why}", code="file") from None
    value: Any = UNSPECIFIED
    under_way = ctx.__dict__.get("loading", 0) + 1
    if under_way > MOST_LOADING:
        raise LimitSignal("nested loads", under_way, MOST_LOADING)
    expect_changes(text, ctx.session.space.foundation)
    forms = read_spanned(text, path)
    ctx.__dict__["loading"] = under_way
    try:
        for form, span in forms:
            value = ctx.session.recorder.evaluate(evaluator, form, span, path)
    finally:
        ctx.__dict__["loading"] = under_way - 1
    return value
