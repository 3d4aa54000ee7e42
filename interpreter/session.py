"""A session: a namespace of one's own over a fresh foundation, with limits, capabilities and a workspace.

    with Session(limits=Limits(seconds=2)) as s:
        s.eval("(+ 1 2)")  # 3

A text is read whole before its first form runs, so a text that cannot be read has no effects; of forms that run, those
before an error stand. Evaluations of one session run one at a time, on the session's own thread; each has the whole of
the limits, and `run` counts a whole text as one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.compiler.nodes import Node
from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.convert import to_host, to_lisp
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.loader import foundation
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.worker import Stop, Worker
from chorus.runtime.capabilities import NEEDS, Capabilities
from chorus.runtime.context import Context
from chorus.runtime.errors import (
    CapabilityDenied,
    ChorusError,
    EvalError,
    Interrupted,
    LimitExceeded,
    LimitSignal,
    Span,
)
from chorus.runtime.limits import Limits, Meter, under
from chorus.runtime.values import UNSPECIFIED, Pair, Symbol

FUEL = 5_000  # steps between two looks at the meter


class Session:
    """WORKSPACE: the folder of the store, made at the first write; None: no store. LIMITS, ALLOW: nothing else goes.

    EVALUATOR: "host". BASE: a frozen session's definitions to start from.
    """

    def __init__(
        self,
        workspace: str | Path | None = None,
        limits: Limits | None = None,
        allow: Capabilities | None = None,
        evaluator: str = "host",
        *,
        base: Base | None = None,
    ) -> None:
        if evaluator != "host":
            raise EvalError(
                f"the evaluator {evaluator!r} is not available yet", code="evaluator", hint='use "host", the default'
            )
        self.limits = limits or Limits()
        self.allow = allow or Capabilities()
        self.context = Context(workspace, self.allow, self.limits)
        self.context.session = self
        self.worker = Worker(self.limits.depth)
        self.lock = threading.RLock()  # one evaluation at a time
        self.closed = False
        self._foundation: Namespace | None = None
        self._space: Namespace | None = None
        self._base = base

    # — the environment —

    @property
    def space(self) -> Namespace:
        """The session's own namespace, built when first needed."""
        if self._space is None:
            self._inside(lambda: None)
        assert self._space is not None
        return self._space

    def _prepare(self) -> None:
        """Build the environment, which costs the program nothing of its limits."""
        succeeded, value = self.worker.run(self._build, lambda: None)
        if not succeeded:
            raise self._typed(value) from None

    def _build(self) -> None:
        if self._space is None:
            base = foundation(self.context, self.allow, self.limits.metered)
            base.dict["$:out-of-fuel"] = self._refuel
            self._foundation = base
            space = Namespace(base)
            if self._base is not None:
                self._base.copy_into(space)
            self._space = space
            self._refill()

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

        return describe(self.space, name)

    def usage(self, name: str) -> str:
        """How NAME is called; "" when that is unknown."""
        return (self.describe(name) or {}).get("usage", "")

    def keywords(self, name: str) -> list[str]:
        """The keyword parameters of NAME, with their colons."""
        return [word for word in self.usage(name).replace("(", " ").replace(")", " ").split() if word[:1] == ":"]

    # — evaluation —

    def eval(self, form_or_text: Any, **variables: Any) -> Any:
        """The last value of a text, or the value of a form, as a Python value. VARIABLES are defined first."""

        def job() -> Any:
            self._define(variables)
            value: Any = UNSPECIFIED
            for form, span, file in self._forms(form_or_text, "<eval>"):
                value = self._one(form, span, file)
            return to_host(value)

        try:
            return self._inside(job)
        except SystemExit as leave:
            raise EvalError(f"the program asked to exit ({leave.code})", code="exit") from None

    async def eval_async(self, form_or_text: Any, **variables: Any) -> Any:
        """`eval` without blocking the event loop; cancelling the task cancels the evaluation."""
        import asyncio

        running = asyncio.get_running_loop().run_in_executor(None, lambda: self.eval(form_or_text, **variables))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.cancel("the task was cancelled")
            raise

    def run(self, text: str, file: str = "<text>") -> Iterator[tuple[Any, Any]]:
        """(form, value) for each form of TEXT, values of the language; the whole text shares one account of limits."""
        forms = list(self._inside(lambda: list(self._forms(text, file))))
        meter = Meter(self.limits)
        for form, span, _ in forms:
            yield form, self._inside(lambda form=form, span=span: self._one(form, span, file), meter)  # type: ignore[misc]

    def evaluate(self, form: Any, span: Span | None = None, file: str = "<form>") -> Any:
        """The value of FORM, a value of the language."""
        return self._inside(lambda: self._one(form, span, file))

    def check(self, text: str, file: str = "<text>") -> list[ChorusError]:
        """What is wrong with TEXT as far as reading and compiling tell; nothing runs but definitions of macros."""
        from chorus.interpreter.checking import check

        return self._inside(lambda: check(self, text, file))

    def call(self, procedure: Any, *args: Any) -> Any:
        """Call a procedure of the language with values of the language."""
        from chorus.runtime.calling import call

        return self._inside(lambda: call(procedure, *args))

    def _forms(self, form_or_text: Any, file: str) -> Iterator[tuple[Any, Span | None, str]]:
        if isinstance(form_or_text, str):
            for form, span in reader.read_spanned(form_or_text, file):
                yield form, span, file
        else:
            form = to_lisp(form_or_text)
            span = form.span if isinstance(form, Pair) else None
            yield form, span, span.file if span else file

    def _one(self, form: Any, span: Span | None, file: str) -> Any:
        self._build()
        assert self._space is not None
        return Evaluator(self._space, self.limits.metered, self.context.check).evaluate(form, span, file)

    def compile_now(self, node: Node, file: str) -> Any:
        """The value of a core node, computed in this session."""
        from chorus.interpreter.compiler.units import compile_unit

        return compile_unit(node, self.space, file, self.limits.metered).run(self.space)

    def _define(self, variables: dict[str, Any]) -> None:
        self._build()
        assert self._space is not None
        for name, value in variables.items():
            self._space.define(name.replace("_", "-"), to_lisp(value))

    # — limits —

    def _inside(self, job: Callable[[], Any], meter: Meter | None = None) -> Any:
        """JOB on the session's thread, under the limits; its exceptions as typed errors."""
        if self.worker.is_current():
            return job()
        if self.closed:
            raise EvalError("this session is closed", code="closed")
        with self.lock:
            if self._space is None:
                self._prepare()
            context = self.context
            context.meter = meter or Meter(self.limits)
            context.handlers = None
            self._refill()
            alarm = self._alarm()
            try:
                succeeded, value = self.worker.run(lambda: under(context.meter, job), lambda: self.cancel("interrupted"))
            finally:
                if alarm is not None:
                    alarm.set()
        if succeeded:
            return value
        raise self._typed(value) from None

    def _typed(self, problem: BaseException) -> BaseException:
        """What a caller of the session sees of an exception. Made on the caller's thread, where nothing is thrown in."""
        depth = self.limits.depth
        if isinstance(problem, LimitSignal):
            return self._limit_error(problem, problem)
        if isinstance(problem, RecursionError):
            return self._limit_error(LimitSignal("depth", depth, depth), problem)
        if isinstance(problem, MemoryError):
            return self._limit_error(LimitSignal("bytes"), problem)
        if isinstance(problem, Exception):
            return self.translate(problem).with_traceback(None)
        return problem.with_traceback(None)

    def translate(self, problem: Exception) -> ChorusError:
        """The typed error for a host exception that passed through the program."""
        from chorus.interpreter.traces import translate

        return translate(problem, self._space.names if self._space is not None else list)

    def _limit_error(self, signal: LimitSignal, problem: BaseException) -> ChorusError:
        from chorus.interpreter.traces import frames_of, place_of, stack_of

        frames, innermost = frames_of(problem)
        meter = self.context.meter
        if isinstance(signal, Stop):
            try:
                meter.check()
            except LimitSignal as why:
                signal = why
        error: ChorusError
        if signal.kind in ("cancel", "stop"):
            error = Interrupted(signal.reason or meter.cancelled or "interrupted")
        else:
            error = LimitExceeded(signal.kind, signal.used, signal.limit)
        error.span = place_of(frames, innermost)
        error.stack = stack_of(frames)
        return error

    def _refill(self) -> None:
        if self._foundation is None or not self.limits.metered:
            return
        meter, most = self.context.meter, self.limits.steps
        self._portion = FUEL if most is None else max(0, min(FUEL, most - meter.steps))
        self._foundation.dict["$:fuel"] = repeat(None, self._portion)

    def _refuel(self) -> None:
        """Called by compiled code when its fuel is used up: account for it, and go on if the limits allow."""
        self.context.meter.charge(self._portion + 1)
        self._refill()

    def _alarm(self) -> threading.Event | None:
        """Stop the evaluation when its time is up, wherever it is."""
        meter = self.context.meter
        if meter.deadline is None:
            return None
        ended = threading.Event()

        def watch() -> None:
            import time

            assert meter.deadline is not None
            wait, again = max(0.0, meter.deadline - time.monotonic()), 0.05
            while not ended.wait(wait):
                self.worker.stop()
                wait, again = again, min(2 * again, 1.0)

        threading.Thread(target=watch, name="chorus-deadline", daemon=True).start()
        return ended

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop the evaluation that is running, from any thread; it ends with Interrupted. Nothing happens if none runs."""
        meter = self.context.meter
        if not self.worker.running:
            return
        meter.cancelled = reason
        store = self.context.__dict__.get("store")
        if store is not None:
            store.interrupt()
        self.worker.stop()

        def insist() -> None:
            import time

            for _ in range(200):
                time.sleep(0.05)
                if self.context.meter is not meter or not self.worker.stop():
                    return

        threading.Thread(target=insist, name="chorus-cancel", daemon=True).start()

    # — the host's side —

    def register(self, name: str, function: Callable[..., Any], effects: str = "pure") -> None:
        """Make a Python FUNCTION callable as NAME. Its declared EFFECTS need the session's capabilities.

        Arguments come as Python values (keyword arguments of the call as such), the result is converted back; what
        has no counterpart is opaque. An exception becomes an EvalError.
        """
        declared = frozenset(effects.split())
        unknown = declared - NEEDS.keys()
        if unknown or not declared:
            raise ValueError(f"undeclared effect {sorted(unknown)}; known: {', '.join(sorted(NEEDS))}")
        missing = self.allow.missing(declared)
        if missing is not None:
            raise CapabilityDenied(missing, name)
        from chorus.interpreter.describe import registered

        self.space.define(name, registered(name, function, declared))

    def tables(self, name: str) -> Any:
        """The table NAME (messages, authors …): an object with .arrow() and .df()."""
        table = self.evaluate(Pair(Symbol(name), _nil()))
        if not hasattr(table, "arrow"):
            raise EvalError(f"({name}) is not a table", code="type")
        return table

    def freeze(self) -> Base:
        """This session's definitions, as a base that many sessions can start from: Session(base=…) or base.session(…)."""
        return Base(self.space)

    def close(self) -> None:
        """End the session: its store is closed, its thread ends."""
        if not self.closed:
            if self.worker.running and not self.worker.is_current():
                self.cancel("the session was closed")
            with self.lock:
                self.closed = True
                self.worker.close()
                self.context.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "closed", True):
            self.worker.close()


class Base:
    """A frozen set of definitions. Sessions that start from it share its values, and never its bindings."""

    def __init__(self, space: Namespace) -> None:
        self._bindings = {key: value for key, value in space.dict.items() if key not in ("__builtins__", "$:namespace")}
        self._own = space.dict

    def copy_into(self, space: Namespace) -> None:
        from chorus.interpreter.rebase import rebased

        memo: dict[int, Any] = {}
        for key, value in self._bindings.items():
            space.dict[key] = value if isinstance(value, Row) else rebased(value, self._own, space.dict, memo)

    def session(self, **options: Any) -> Session:
        return Session(base=self, **options)


def _nil() -> Any:
    from chorus.runtime.values import NIL

    return NIL


_UNBOUND: Any = object()
