"""Sessions in which candidates are judged: a fresh foundation, the definitions that stand, no workspace, tight limits.

What the judged session's program made of names of the language is not carried over: the gate, its examples and its
invariants mean there what they meant when the language was installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.interpreter.continuations import Driver
from chorus.interpreter.effects import Effects, used_in
from chorus.interpreter.frames import rewriting
from chorus.interpreter.frames.moving import in_order
from chorus.interpreter.gate.protected import DECIDING, REACHING, is_protected
from chorus.interpreter.shapes import Shape, shape_of
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.frames.bindings import FRAMES, Binding, Held, Key, State
from chorus.runtime.frames.kept import meant
from chorus.runtime.limits import Limits
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import write

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

STEPS, SECONDS, BYTES, DEPTH, OUTPUT = 2_000_000, 5.0, 512 << 20, 100_000, 1 << 20
LIMITS = Limits(STEPS, SECONDS, BYTES, DEPTH, OUTPUT)
ALLOWED = Capabilities("clock", "random")  # what code may do while it is judged


class Outcome(NamedTuple):
    """What evaluating gave: WRITTEN as `write` shows it, or the ERROR; and the STEPS that it took."""

    written: str
    error: str
    code: str
    steps: int


def carried(state: State, known: Any, name: str, frame: str) -> dict[tuple[str, str], Held]:
    """Of STATE what judges see: all frames' definitions of unprotected names, the session's own of new names only; of
    NAME itself what it means in FRAME, as what lies further in says nothing of what others have.
    """
    inner = FRAMES[FRAMES.index(frame) + 1 :]
    seen = {
        key: held
        for key, held in state.items()
        if key.place in ("own", "everywhere")
        and not held.binding.kind.startswith("unkept")
        and not is_protected(key.name)
        and (key.frame != "context" or not known(key.name))
        and not (key.name == name and key.frame in inner)
    }
    return meant(seen)


@contextmanager
def child_of(session: Session, name: str = "", frame: str = FRAMES[-1]) -> Iterator[Session]:
    """A session for judging what SESSION is to define NAME in FRAME as; closed in the end."""
    from chorus.interpreter.session import Session as Made

    with Made(limits=LIMITS, allow=ALLOWED) as child:
        child.context.adapters = session.context.adapters  # data that definitions may name
        child._inside(lambda: _load(child, session.versions.state, name, frame))
        yield child


def _load(child: Session, state: State, name: str, frame: str) -> None:
    keeper, foundation = child.versions, child.space.foundation
    carry = carried(state, foundation.holds, name, frame)
    for place, held in in_order(carry):
        try:
            with keeper.moving() as moving:
                moving.write(place, held.binding)
        except Exception:
            continue  # what does not work in the session does not work here
    keeper.state = {Key(held.frame, *place): held for place, held in carry.items()}


def redefine(child: Session, name: str, form: Any, frame: str) -> Binding | None:
    """Let NAME mean FORM in CHILD, by all the rules; the binding that it became."""
    keeper = child.versions

    def job() -> Binding | None:
        version = rewriting.rewrite(keeper, name, form, frame, "judged", "gate")
        return version.changes[0].binding if version else None

    try:
        return child._inside(job)
    except SystemExit:
        raise EvalError("it asks to exit", code="exit") from None


def outcome(child: Session, form: Any) -> Outcome:
    """What FORM, a form or a text, gives in CHILD, as the host sees it."""
    try:
        if isinstance(form, str):
            values = [value for _, value in child.run(form, "<example>")]
            value = values[-1] if values else None
        else:
            value = child.evaluate(form, None, "<invariant>")
        steps = child.context.meter.steps
        written = child._inside(lambda: write(value))
    except ChorusError as error:
        return Outcome("", error.message, error.code, child.context.meter.steps)
    except SystemExit:
        return Outcome("", "it asks to exit", "exit", child.context.meter.steps)
    return Outcome(written, "", "", steps)


def all_written(child: Session, forms: list[Any]) -> list[str] | None:
    """What FORMS give in CHILD, evaluated in one go; None if one of them fails, so that each is to be tried alone."""

    def job() -> list[str]:
        driver = Driver(child.context)
        return [write(child._one(form, None, "<invariant>", driver)) for form in forms]

    try:
        return child._inside(job)
    except (ChorusError, SystemExit):
        return None


# — what a name is —


class Face(NamedTuple):
    """What callers and guards see of a name."""

    kind: str  # procedure | form | number | text | list | … ; "" if nothing is called so
    shape: Shape | None
    effects: frozenset[str]  # of the host's, and what REACHING calls them
    deciding: frozenset[str]
    named: frozenset[str]  # the globals that its own code names,
    reached: frozenset[str]  # and all that it may come to by name
    examples: tuple[tuple[str, str], ...]


def face(child: Session, name: str) -> Face:
    return child._inside(lambda: _face(child, name))


def _face(child: Session, name: str) -> Face:
    space = child.space
    if not space.holds(name):
        return Face("", None, frozenset(), frozenset(), frozenset(), frozenset(), ())
    known = child.describe(name) or {}
    kind = known.get("kind", "")
    if kind == "variable":
        kind = _kind_of(space.get(name))
    elif kind != "form":
        kind = "procedure"
    reached = names_reached(space, name)
    effects = {each for other in reached if other in TABLE for each in TABLE[other].effects}
    effects |= Effects(space).of(name) | {REACHING[each] for each in reached if each in REACHING}
    shape = shape_of(name, space.get(name)) if kind == "procedure" else None
    examples = tuple((form, expected) for form, expected in known.get("examples") or ())
    named = frozenset(used_in(Effects(space)._look(name)[1]))
    return Face(kind, shape, frozenset(effects - {"pure"}), reached & DECIDING, named, reached, examples)


def _kind_of(value: Any) -> str:
    """NAMED as people would: a whole number may become a fraction, not a text."""
    from chorus.runtime.values import NIL, HashTable, Pair

    if value is True or value is False:
        return "truth value"
    if isinstance(value, (int, float)):
        return "number"
    if value is NIL or isinstance(value, Pair):
        return "list"
    return "table" if isinstance(value, HashTable) else value.__class__.__name__.lower()


def names_reached(space: Any, name: str) -> frozenset[str]:
    """The globals that a call of NAME may come to, by name, NAME itself left out."""
    effects, seen, work = Effects(space), {name}, [name]
    while work:
        _, code = effects._look(work.pop())
        new = set(used_in(code)) - seen
        seen |= new
        work += new
    return frozenset(seen - {name})
