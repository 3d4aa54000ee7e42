"""Putting bindings into a session's namespace: all of a change or, whatever comes between, none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.frames.notes import Place, value_at
from chorus.interpreter.frames.texts import PROCEDURE, SYNTAX, datum_in
from chorus.interpreter.namespace import ABSENT, Namespace, key
from chorus.runtime.continuations import transparent_within
from chorus.runtime.errors import EvalError, LimitSignal
from chorus.runtime.frames.bindings import Binding, Held
from chorus.runtime.frames.kept import call_in, revived

Make = Callable[[Any, str], None]
Loaded = Callable[[Binding, Any, Any], None]


def insist(job: Callable[[], None]) -> None:
    """Do JOB, which can be done again, to its end. A stop thrown in meanwhile takes effect after it."""
    late: LimitSignal | None = None
    while True:
        try:
            job()
            break
        except LimitSignal as stop:
            late = stop
    if late is not None:
        raise late


class Moving:
    """`with` it: what is put into SPACE by then stands, or after an exception nothing of it does."""

    def __init__(self, space: Namespace, make: Make, loaded: Loaded) -> None:
        self.space = space
        self.loaded = loaded  # told of a procedure that was compiled when it was first needed
        self.make = make  # evaluates a form of a file
        self.before: dict[Place, Any] = {}
        self.touched: set[str] = set()
        self.made: set[str] = set()  # texts that have been evaluated, as one may define several names

    def __enter__(self) -> Moving:
        return self

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> None:
        if problem is not None:
            insist(self.undo)
        else:
            mend(self.space, self.touched)

    def undo(self) -> None:
        put_back(self.space, self.before)

    def note(self, place: Place) -> None:
        """Remember what stands at PLACE, which is about to be changed."""
        self.touched.add(place[1])
        if place not in self.before:
            self.before[place] = value_at(self.space, place)

    def put(self, place: Place, value: Any) -> None:
        """Bind PLACE to VALUE; ABSENT takes the binding away."""
        self.note(place)
        put(self.space, place, value)

    def write(self, place: Place, binding: Binding) -> None:
        """Bind PLACE to what BINDING's text says."""
        self.note(place)
        text, file = binding.text, f"<{binding.name}>"
        if binding.kind.startswith("unkept"):
            raise EvalError(
                f"{binding.name} cannot be bound again: its value could not be written down, and is gone",
                code="version",
                hint=f"it was made by {text}",
                irritants=(binding.name,),
            )
        if binding.kind == "define" and PROCEDURE.match(text):
            put(self.space, place, lazy_procedure(self.space, binding, file, self.make, self.loaded))
        elif (call := call_in(binding)) is not None:
            put(self.space, place, revived(self.space.foundation.context, call))
        elif text not in self.made:
            form = reader.read_one(text, file)
            is_datum, value = datum_in(form)
            if is_datum:
                put(self.space, place, value)
            else:
                self.make(form, file)
                self.made.add(text)


def is_early(binding: Binding) -> bool:
    """Whether BINDING must be there before what comes after it is compiled."""
    return SYNTAX.match(binding.text) is not None


def put(space: Namespace, place: Place, value: Any) -> None:
    """Bind PLACE, a name of SPACE's own or one that all its code sees, to VALUE; ABSENT gives back what the name meant
    before there were versions, or nothing. What relied on it is told.
    """
    where, name = place
    if where == "own":
        if value is ABSENT:
            value = space.came.get(name, ABSENT)
        if value is not ABSENT:
            space.define(name, value)
        elif space.owns(name):
            space.broken(name)
            space.remove(name)
        return
    foundation = space.foundation
    space.broken(name)
    if value is ABSENT:
        if name not in foundation.came:
            return
        value = foundation.came.pop(name)
        load = getattr(value, "load", None)
        foundation.define(name, value if load is None else load())
    else:
        foundation.came.setdefault(name, foundation.get(name))
        foundation.define(name, value)


def put_back(space: Namespace, values: dict[Place, Any]) -> None:
    """Bind what was put aside in VALUES again."""
    for place, value in values.items():
        put(space, place, value)
    mend(space, {name for _, name in values})


def mend(space: Namespace, names: set[str]) -> None:
    """Code that relied on NAMES, and finds them again as they were, runs at full speed again."""
    for name in names:
        space.stale.pop(name, None)  # that was said of what it meant before
    space.mended(names)
    space.foundation.mended(names)


@transparent_within
def lazy_procedure(space: Namespace, binding: Binding, file: str, make: Make, loaded: Loaded) -> Any:
    """A procedure that is compiled from BINDING's text when it is first called, or named by code that is compiled."""
    name = binding.name
    real: Any = None
    loading = False

    def load() -> Any:
        nonlocal real, loading
        if loading:  # its own text, which is being compiled, names it
            return stub
        if real is None:
            loading = True
            before, entry = space.dict.get(key(name), ABSENT), space.dict.get("$:d:" + name)
            try:
                form = reader.read_one(binding.text, file)
                make(form, file)
            finally:
                loading = False
            real = space.dict[key(name)]
            loaded(binding, real, form)
            if before is ABSENT:
                put(space, ("own", name), ABSENT)
            elif before is not stub:
                space.supply(name, before)
                space.dict["$:d:" + name] = entry
        return real

    def stub(*args: Any) -> Any:
        return (real or load())(*args)

    stub.load = load  # type: ignore[attr-defined]
    stub.pending = True  # type: ignore[attr-defined]
    stub.__name__ = name
    return stub


def maker(space: Namespace, metered: bool, check: Callable[[], None]) -> Make:
    """What evaluates a form in SPACE."""

    def make(form: Any, file: str) -> None:
        Evaluator(space, metered, check).evaluate(form, getattr(form, "span", None), file)

    return make


def in_order(held: Mapping[Place, Held]) -> Iterable[tuple[Place, Held]]:
    """What is HELD, in an order in which it can be read and run: macros where they came first, the rest where last."""
    return sorted(held.items(), key=lambda item: item[1].first if is_early(item[1].binding) else item[1].last)
