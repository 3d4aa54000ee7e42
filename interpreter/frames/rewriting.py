"""Definitions that a program asks for: one rewritten with a reason, or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.frames.notes import Given, given_by
from chorus.interpreter.frames.texts import AS_TYPED, definition_of, expected_names, head
from chorus.runtime.frames.bindings import Change, Key, after, bind, innermost
from chorus.runtime.frames.history import Version
from chorus.runtime.values import Pair

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper

Values = dict[Key, Given]


def rewrite(keeper: Keeper, name: str, form: Any, frame: str, reason: str, author: str) -> Version | None:
    """Bind NAME in FRAME to what FORM, a definition of it or an expression, gives."""
    keeper.refuse_within("rewrite")
    own = keeper.space.owns(name) or not keeper.space.holds(name)
    span = _written_at(form)  # errors of the new definition are told where it stands
    form = definition_of(name, form, own)
    place = "own" if own or head(form) in AS_TYPED else "everywhere"
    evaluator = Evaluator(keeper.space, keeper.session.limits.metered, keeper.session.context.check)
    with keeper.moving() as moving:
        moving.note((place, name))
        evaluator.evaluate(form, span, span.file if span else f"<{name}>")
        kind = dict(evaluator.given).get(name, "other")
        given = given_by(form, name, kind, keeper.space, keeper.journal is not None)
        change = bind(frame, given.binding)
        target = after(keeper.state, [change], 0)
        keeper.insist_on_fit(target, [change])
        shown = innermost(target, place, name)
        if shown is not None and shown.frame != frame:  # a frame further in binds the name as well
            moving.put((place, name), moving.before[place, name])
        return keeper.commit([change], reason, author, values={change.key: given}, moving=moving)


def _written_at(form: Any) -> Any:
    """The span of FORM, or, of a list that a macro made, of the first of its elements that has one."""
    if not isinstance(form, Pair) or form.span is not None:
        return getattr(form, "span", None)
    return next(
        (part.span for part in islice(form, 4) if isinstance(part, Pair) and part.span is not None), None
    )


def run(keeper: Keeper, forms: Sequence[Any], frame: str, reason: str) -> Version | None:
    """Evaluate FORMS, definitions for FRAME, as one version: all of them, or after an error none."""
    keeper.refuse_within("import-frame")
    changes: dict[Key, Change] = {}
    values: Values = {}
    with keeper.moving() as moving:
        for form in forms:
            for name in expected_names(form):
                moving.note(("own" if keeper.space.owns(name) else "everywhere", name))
                moving.note(("own", name))
            for given in evaluated(keeper, form):
                change = bind(frame, given.binding)
                changes[change.key] = change
                values[change.key] = given
        fresh = [each for each in changes.values() if _is_new(keeper, each)]
        keeper.insist_on_fit(after(keeper.state, fresh, 0), fresh)
        return keeper.commit(fresh, reason, "", values=values, moving=moving)


def evaluated(keeper: Keeper, form: Any) -> list[Given]:
    """What evaluating FORM defined."""
    evaluator = Evaluator(keeper.space, keeper.session.limits.metered, keeper.session.context.check)
    evaluator.evaluate(form, getattr(form, "span", None), "<import>")
    whole = keeper.journal is not None
    return [given_by(form, name, kind, keeper.space, whole) for name, kind in dict(evaluator.given).items()]


def _is_new(keeper: Keeper, change: Change) -> bool:
    return change.key not in keeper.state or keeper.state[change.key].binding != change.binding
