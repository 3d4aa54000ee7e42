"""A session: a namespace of one's own over a fresh foundation, with limits, capabilities and a workspace.

    with Session(limits=Limits(seconds=2)) as s:
        s.eval("(+ 1 2)")  # 3

A text is read whole before its first form runs, so a text that cannot be read has no effects; of forms that
run, those before an error stand. Evaluations of one session run one at a time, on the session's own thread;
each has the whole of the limits, and `run` counts a whole text as one.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from chorus.interpreter import reader
from chorus.interpreter.changing import expect_changes
from chorus.interpreter.compiler.syntax_forms import redefined_forms
from chorus.interpreter.continuations import CURRENT, Driver, in_order
from chorus.interpreter.convert import Handle, to_host, to_lisp
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.loader import foundation
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.rebase import Base
from chorus.interpreter.recorder import Recorder
from chorus.interpreter.supervisor import Supervisor
from chorus.interpreter.worker import Worker
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.errors import (
    ChorusError,
    EvalError,
    LimitSignal,
    Span,
)
from chorus.runtime.limits import Limits, Meter, bounded
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, Symbol

if TYPE_CHECKING:
    from pathlib import Path

    from chorus.interpreter.frames.keeper import Keeper


OPEN: WeakSet[Session] = WeakSet()


@atexit.register
def _close_the_rest() -> None:
    """Close what a program left open: the engine complains on stderr of connections that outlive it."""
    for session in list(OPEN):
        if not session.worker.running:  # else it would have to be waited for
            with suppress(Exception):  # nobody is left to be told
                session.close()


class Session:
    """WORKSPACE: the folder of the store, made at the first write; None: no store. LIMITS, ALLOW: nothing
    else goes.

    EVALUATOR: "host", the front end in Python; "meta", stdlib/evaluator.sexp; "interpreted", the same without
    compiling what it is given. BASE: a frozen session's definitions to start from. PERSIST: definitions are those of
    the workspace, and what is defined is kept there. ISOLATION: "process" runs programs in a process of their own,
    which can be killed (`isolation.parent`). DEVELOPER: who asks, as turns and ratings have it. MEMORY: bytes
    that queries may hold at once; what exceeds them waits on the workspace's disk. None: four fifths of the machine's.
    """

    def __new__(cls, *given: Any, isolation: str | None = None, **options: Any) -> Session:
        if isolation not in (None, "process"):
            raise ValueError(f'Session: isolation should be None or "process", not {isolation!r}')
        if isolation is None:
            return super().__new__(cls)
        from chorus.interpreter.isolation.parent import IsolatedSession

        return super().__new__(IsolatedSession)

    def __init__(
        self,
        workspace: str | Path | None = None,
        limits: Limits | None = None,
        allow: Capabilities | None = None,
        evaluator: str = "host",
        *,
        base: Base | None = None,
        persist: bool = False,
        isolation: str | None = None,
        developer: str | None = None,
        memory: int | None = None,
    ) -> None:
        self.evaluator = evaluator
        if evaluator != "host":
            from chorus.interpreter.stage.front import check_name

            check_name(evaluator)
        self.limits = _checked("limits", limits, Limits)
        self.allow = _checked("allow", allow, Capabilities)
        self.context = Context(workspace, self.allow, self.limits)
        self.context.session = self
        if developer is not None:
            self.context.options["developer"] = _checked("developer", developer, str)
        if memory is not None:
            self.context.options |= {"memory": bounded(memory), "index-memory": memory // 4}
        self.supervisor = Supervisor(self.context)
        OPEN.add(self)
        self.on_step: Callable[[Any], str | None] | None = None  # tells `step` what to do at each `Stop`
        self.closed = False
        self._space: Namespace | None = None
        self._base = base
        self.recorder = Recorder(self, base)
        if persist:
            try:
                self.keep()
            except ChorusError:
                self.close()
                raise

    # — the environment —

    @property
    def space(self) -> Namespace:
        """The session's own namespace, built when first needed."""
        if self._space is None:
            self._inside(lambda: None)
        assert self._space is not None
        return self._space

    @property
    def built(self) -> Namespace | None:
        """The session's own namespace if it has been built."""
        return self._space

    def _build(self) -> None:
        if self._space is None:
            base = foundation(self.context, self.allow, self.limits.metered)
            self.supervisor.fuel(base)
            space = Namespace(base)
            if self._base is not None:
                self._base.copy_into(space)
            self._space = space
            if self.evaluator != "host":
                from chorus.interpreter.stage.front import front_of

                base.front = front_of(self.evaluator, base)

    def lookup(self, name: str) -> Any:
        """The value of the global NAME; KeyError if unbound."""
        found = self.space.get(name, _UNBOUND)
        if found is _UNBOUND:
            raise KeyError(name)
        return found

    def names(self) -> list[str]:
        """All bound names, sorted."""
        return sorted(self.space.names())

    def own_names(self) -> list[str]:
        """What this session itself defined, in order."""
        return list(self.space.own_names())

    def describe(self, name: str) -> dict[str, Any] | None:
        """name, usage, doc, examples, effects, shapes, source of what NAME is bound to; None if unbound."""
        from chorus.interpreter.describe import describe
        from chorus.interpreter.effects import Effects

        found = describe(self.space, name)
        if found is not None and found["kind"] == "procedure" and found["effects"] is None:
            effects = Effects(self.space).of(name)
            found["effects"] = sorted(effects - {"pure"} or effects)
        return found

    def usage(self, name: str) -> str:
        """How NAME is called; "" when that is unknown."""
        from chorus.interpreter.describe import describe

        return (describe(self.space, name) or {}).get("usage", "")

    def keywords(self, name: str) -> list[str]:
        """The keyword parameters of NAME, with their colons."""
        return [
            word for word in self.usage(name).replace("(", " ").replace(")", " ").split() if word[:1] == ":"
        ]

    # — evaluation —

    def eval(self, form_or_text: Any, **variables: Any) -> Any:
        """The last value of a text, or the value of a form, as a Python value. VARIABLES are defined
        first.
        """

        return self._eval(form_or_text, variables)

    def _eval(self, form_or_text: Any, variables: dict[str, Any], meter: Meter | None = None) -> Any:
        def job() -> Any:
            value = self._last(form_or_text, variables, "<eval>")
            self.settle()
            return to_host(value)

        try:
            return self._inside(job, meter)
        except SystemExit as leave:
            raise EvalError(f"the program asked to exit ({leave.code})", code="exit") from None

    def show(self, form_or_text: Any, **variables: Any) -> Any:
        """The last value as a notebook displays it: an object with `_repr_mimebundle_`."""
        from chorus.interpreter.faces.notebook import Shown, bundle_of

        def job() -> Any:
            return bundle_of(self, self._last(form_or_text, variables, "<show>"))

        return Shown(self._inside(job))

    def _last(self, form_or_text: Any, variables: dict[str, Any], file: str) -> Any:
        """The last value of a text or form, with VARIABLES defined first."""
        self._define(variables)
        value: Any = UNSPECIFIED
        for form, span, name, driver in in_order(self.context, list(self._forms(form_or_text, file))):
            value = self._one(form, span, name, driver)
        return value

    async def eval_async(self, form_or_text: Any, **variables: Any) -> Any:
        """`eval` without blocking the event loop; cancelling the task cancels the evaluation."""
        import asyncio

        meter = Meter(self.limits)
        running = asyncio.get_running_loop().run_in_executor(
            None, lambda: self._eval(form_or_text, variables, meter)
        )
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(
                lambda ended: ended.cancelled() or ended.exception()
            )  # nobody else looks
            self.cancel("the task was cancelled", meter)
            raise

    def run(self, text: str, file: str = "<text>", meter: Meter | None = None) -> Iterator[tuple[Any, Any]]:
        """(form, value) for each form of TEXT, values of the language; the whole text shares one account of
        limits, METER.
        """
        forms = list(self._inside(lambda: list(self._forms(text, file))))
        meter = meter or Meter(self.limits)
        for form, span, _, driver in in_order(self.context, forms):
            yield form, self._inside(partial(self._one, form, span, file, driver), meter)

    def printing(self, form: Any, job: Callable[[], Any], meter: Meter | None = None) -> Any:
        """JOB, which prints the value of FORM: on the session's thread and METER's account, as what a table holds is
        computed only now, and is stopped as what made it is.
        """
        span = form.span if isinstance(form, Pair) else None

        def placed() -> Any:
            try:
                return job()
            except Exception as problem:
                problem.form_span = span  # type: ignore[attr-defined]
                raise

        return self._inside(placed, meter)

    def evaluate(self, form: Any, span: Span | None = None, file: str = "<form>") -> Any:
        """The value of FORM, a value of the language."""
        return self._inside(lambda: self._one(form, span, file, Driver(self.context)))

    def check(self, text: str, file: str = "<text>", allow: Capabilities | None = None) -> list[ChorusError]:
        """What is wrong with TEXT as far as can be told without running it; only definitions are carried out.

        What is sure to be wrong is an error; what goes wrong when it is run, a `warning` (`ChorusError.severity`).
        With ALLOW, using what needs more than that is one as well.
        """
        from chorus.interpreter.checking import check

        return check(self, self._inside, text, file, allow).problems

    def effects(self, text: str, file: str = "<text>") -> list[str]:
        """The effects that running TEXT may have, as far as the names it uses tell."""
        from chorus.interpreter.checking import check

        return check(self, self._inside, text, file).effects

    def call(self, procedure: Any, *args: Any) -> Any:
        """Call a procedure of the language with values of the language."""
        target = procedure.host if isinstance(procedure, Handle) else procedure
        taken = [self._table_of(each) if hasattr(each, "__arrow_c_stream__") else each for each in args]
        return self._inside(lambda: Driver(self.context).run(partial(target, *taken)))

    def _forms(self, form_or_text: Any, file: str) -> Iterator[tuple[Any, Span | None, str]]:
        if isinstance(form_or_text, str):
            forms = reader.read_spanned(form_or_text, file)
            self._build()
            assert self._space is not None
            expect_changes(form_or_text, self._space.foundation)
            self._space.expected = redefined_forms((form for form, _ in forms), self._space)
            for form, span in forms:
                yield form, span, file
            return
        form = to_lisp(form_or_text)
        place: Span | None = form.span if isinstance(form, Pair) else None
        yield form, place, place.file if place else file

    def _one(self, form: Any, span: Span | None, file: str, driver: Driver) -> Any:
        self._build()
        assert self._space is not None
        if self.context.winds is None and self.recorder.kept is not None:
            self.recorder.kept.leave_all()
        if self._space.stale and self.context.winds is None and not _is_definition(form):
            from chorus.interpreter.frames.refreshing import refresh

            refresh(self.versions)
        evaluator = Evaluator(self._space, self.limits.metered, self.context.check, driver.run)
        return self.recorder.evaluate(evaluator, form, span, file)

    @property
    def versions(self) -> Keeper:
        """The versions of this session's environment."""
        return self.recorder.versions

    @property
    def environment_version(self) -> str:
        """The name of the definitions this session runs under: the same for the same definitions."""
        return self.recorder.environment

    def keep(self, saved: bool = True) -> list[tuple[str, ChorusError]]:
        """Take over the definitions of the workspace; SAVED: this session's are added to its journal. What no longer
        works is told: its text, and why."""
        from chorus.interpreter.frames.workspace import restore

        return self._inside(lambda: restore(self.versions, saved))

    def settle(self) -> None:
        """Write down what has changed inside kept data, if definitions are kept."""
        self.recorder.settle(self._inside)

    def _define(self, variables: dict[str, Any]) -> None:
        self._build()
        assert self._space is not None
        for name, value in variables.items():
            self._space.provide(name.replace("_", "-"), self._received(value))

    def _received(self, value: Any) -> Any:
        """A host value as the language sees it; Arrow tables and data frames are tables, not copied, in lists too."""
        return to_lisp(value, table=self._table_of)

    def _table_of(self, value: Any) -> Any:
        from chorus.runtime.table_given import arrow_of, given_table

        found = arrow_of(value)
        return to_lisp(found) if isinstance(found, list) else given_table(found, self._running_context())

    def _running_context(self) -> Context:
        """Of the session on whose thread this is: one that started from this one's definitions may be."""
        return getattr(CURRENT, "home", None) or self.context

    # — under limits —

    @property
    def worker(self) -> Worker:
        return self.supervisor.worker

    def _inside(self, job: Callable[[], Any], meter: Meter | None = None) -> Any:
        """JOB on the session's thread, under the limits; its exceptions as typed errors."""
        if self.supervisor.worker.is_current():
            return job()
        if self.closed:
            raise EvalError("this session is closed", code="closed")
        if self._space is None:
            self._deliver(self.supervisor.unlimited(self._build))
        return self._deliver(self.supervisor.run(job, meter))

    def _deliver(self, outcome: tuple[bool, Any]) -> Any:
        """The value, or the exception as the caller sees it: made on the caller's thread, where none is thrown in."""
        succeeded, value = outcome
        if succeeded:
            return value
        from chorus.interpreter.traces import limit_error

        if isinstance(value, (LimitSignal, RecursionError, MemoryError)):
            error = limit_error(value, self.context.meter)
            value.with_traceback(None)  # the frames hold what the program held
            Symbol.forget()
            raise error from None
        if isinstance(value, Exception):
            error = self.translate(value).with_traceback(None)
            raise error from error.__cause__  # which only a function of the host's own has
        raise value.with_traceback(None)

    @cached_property
    def _traces(self) -> Any:
        from chorus.interpreter import traces  # where something failed, not at every start

        return traces

    def translate(self, problem: Exception) -> ChorusError:
        """The typed error for a host exception that passed through the program."""
        names = self._space.names if self._space is not None else list
        error = self._traces.translate(problem, names)
        error.advise(partial(_explain, error, names))
        return error

    def locate(self, error: ChorusError) -> None:
        """Tell ERROR, which is being raised, where that is."""
        self._traces.locate(error)

    def cancel(self, reason: str = "cancelled", meter: Meter | None = None) -> None:
        """Stop the evaluation that is running, from any thread; it ends with Interrupted. Nothing happens if
        none runs. With METER, which was given to `run`, that one is stopped, even before it begins.
        """
        self.supervisor.cancel(reason, meter)

    # — the host's side —

    def register(
        self, name: str, function: Callable[..., Any], effects: str | Iterable[str] = "pure"
    ) -> None:
        """Make a Python FUNCTION callable as NAME. Its declared EFFECTS need the session's capabilities.

        Arguments come as Python values (keyword arguments of the call as such), the result is converted
        back; what has no counterpart is opaque. An exception becomes an EvalError.
        """
        from chorus.interpreter.registering import registration

        procedure, _ = registration(name, function, effects, self.allow, self._received)
        self.space.provide(name, procedure)

    def tables(self, name: str) -> Any:
        """The table NAME (messages, authors …): an object with .arrow() and .df()."""
        table = self.evaluate(Pair(Symbol(name), NIL))
        if not hasattr(table, "arrow"):
            raise EvalError(f"({name}) is not a table", code="type")
        return table

    def freeze(self) -> Base:
        """This session's definitions, as a base that many sessions can start from: Session(base=…) or
        base.session(…).
        """
        if self.recorder.notes is None:
            return Base(self.space)
        self._inside(self.versions.load_all)
        made = Base(self.space)
        made.contents = self.versions.contents
        return made

    def close(self) -> None:
        """End the session: what runs is cancelled, its store is closed, its thread ends."""
        if not self.closed:
            self.supervisor.close()
            self.closed = True
            self.recorder.close()
            self.context.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "closed", True):
            self.supervisor.worker.close()


def _checked(name: str, given: Any, kind: type[Any]) -> Any:
    """GIVEN, or the default KIND(); TypeError for what is no KIND, before anything runs under it."""
    if given is not None and not isinstance(given, kind):
        raise TypeError(f"Session: {name} should be {kind.__name__}(…), not {given!r}")
    return kind() if given is None else given


def _explain(error: ChorusError, names: Callable[[], Iterable[str]]) -> None:
    """Give ERROR the hint that its message and the text around its place suggest."""
    from chorus.interpreter.diagnostics import SOURCES
    from chorus.interpreter.habits import explain

    explain(error, SOURCES.line, names)


def _is_definition(form: Any) -> bool:
    return isinstance(form, Pair) and isinstance(form.car, Symbol) and form.car.name.startswith("define")


_UNBOUND: Any = object()
