"""The static checks: a table of questions that are asked of a candidate before any evidence is taken.

Each tells what is wrong, or nothing. The first that finds something ends it: the later ones run the candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from chorus.interpreter import reader_fast
from chorus.interpreter.enclosing import symbols
from chorus.interpreter.frames.texts import defined_names, definitions_in, head, is_datum
from chorus.interpreter.gate.cases import Case, Invariant
from chorus.interpreter.gate.child import Outcome
from chorus.interpreter.gate.protected import DECIDING, NAMED, REACHING, why_protected
from chorus.runtime.capabilities import NEEDS
from chorus.runtime.errors import ChorusError
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import write
from chorus.runtime.values import Pair, Symbol, list_items, make_list

LONGEST = 20_000  # characters of a definition: what nobody can read, nobody can approve
COST, SLACK = (
    4,
    50_000,
)  # a candidate may take so many times the steps of the present examples, and so many more
LIMIT = "limit"  # the code of errors that say that one was reached
PROCEDURAL = frozenset(("er-macro-transformer", "define-macro"))  # make macros by procedures
HARMLESS = frozenset(("pure", "compute"))
NEW_MAY = HARMLESS | {"mutate", "output", "read-store", "read-table", "clock", "random", "model"}
DEFINERS = frozenset(
    ("set!", "define", "define-syntax", "define-macro", "define-values", "define-record-type")
)

Problems = Iterable[str]


class Check(NamedTuple):
    """LOOK tells what is wrong with a case."""

    name: str
    about: str
    look: Callable[[Case], Problems]


# — before anything is evaluated —


def _reads(case: Case) -> Problems:
    if not is_datum(case.form):
        yield "the form holds something that cannot be written down"
        return
    text = write(case.form)
    again = reader_fast.read(text, "<candidate>")
    if len(again) != 1 or write(again[0][0]) != text:
        yield "the form, written and read again, is another"


def _is_short(case: Case) -> Problems:
    size = len(write(case.form))
    if size > LONGEST:
        yield f"{size:,} characters are more than {LONGEST:,}"


def _is_of_the_name(case: Case) -> Problems:
    if head(case.form) == "begin":
        yield "one definition is proposed at a time, not a sequence of forms"
    elif head(case.form) in ("import", "define-library", "include"):
        yield f"{head(case.form)} is no definition"
    elif head(case.form) in DEFINERS:
        try:
            names = [name for part in definitions_in(case.form) for name in defined_names(part)]
        except AttributeError:
            names = []
        if not names:
            yield "this is no complete definition"
        elif head(case.form) == "define-values" or names[0] != case.name:
            yield f"this defines {names[0]}, not {case.name} alone"


def _is_open_to_all(case: Case) -> Problems:
    names = [case.name, *(n for part in definitions_in(case.form) for n in _names_in(part))]
    for name in dict.fromkeys(names):
        why = why_protected(name)
        if why:
            yield f"{name} {why}"
    for name in dict.fromkeys(_written_assignments(case.form)):
        why = why_protected(name)
        if why and name not in names:
            yield f"within it, {name} is given another meaning, which {why}"


def _names_in(part: Any) -> list[str]:
    try:
        names = defined_names(part)
    except AttributeError:
        return []
    return names[:1] if head(part) in ("define-syntax", "define-macro") else names


def _written_assignments(form: Any) -> Iterator[str]:
    """Names that stand after set! or define-syntax anywhere in FORM, templates of macros included."""
    work = [form]
    while work:
        here = work.pop()
        while isinstance(here, Pair):
            if head(here) in ("set!", "define-syntax", "define-macro") and isinstance(here.cdr, Pair):
                target = here.cdr.car
                target = target.car if isinstance(target, Pair) else target
                if isinstance(target, Symbol):
                    yield target.name
            work.append(here.car)
            here = here.cdr


def _makes_macros_by_rules(case: Case) -> Problems:
    """A procedure that makes a macro runs wherever the definition is compiled, with all that may be done there, and
    may expand to something else than it did here: no later check sees what."""
    for name in PROCEDURAL & set(symbols([_within(case.form)])):
        yield f"a macro within it is made by a procedure ({name}), which runs unseen: write it by syntax-rules"


def _within(form: Any) -> Any:
    """FORM without what makes it a macro itself."""
    parts = list_items(form) or [form]
    if head(form) == "define-macro":
        return form.cdr
    if head(form) == "define-syntax" and head(parts[-1]) == "er-macro-transformer":
        return parts[-1].cdr
    return form


# — by compiling it —


def _expands(case: Case) -> Problems:
    try:
        holds = (
            case.after_session.space.holds
        )  # a text's check knows the language and the text, not the session
        found = [
            each
            for each in case.problems
            if each.code != "unused" and not (each.code == "unbound" and _is_held(each, holds))
        ]
    except ChorusError as error:
        found = [error]
    return [_told(each) for each in found]


def _is_held(error: ChorusError, holds: Callable[[str], bool]) -> bool:
    name = error.message.removeprefix("nothing is called ")
    return name != error.message and holds(name)


def _told(error: ChorusError) -> str:
    return error.message


def _keeps_to_itself(case: Case) -> Problems:
    for name in dict.fromkeys(case.assigned):
        if name != case.name and name not in _own_names(case):
            yield f"it gives the global {name} another value, which nobody proposed"


def _own_names(case: Case) -> set[str]:
    return {name for part in definitions_in(case.definition) for name in defined_names(part)}


# — by carrying it out, in a session of its own —


def _can_be_kept(case: Case) -> Problems:
    try:
        binding = case.binding
    except ChorusError as error:
        yield f"it cannot be carried out: {error.message}"
        return
    if binding is None or case.is_the_present:
        yield "it is the definition that stands already"
    elif binding.kind.startswith("unkept"):
        yield f"its value cannot be written down; write (define ({case.name} …) …)"


def _is_of_the_kind(case: Case) -> Problems:
    before, after = case.before.kind, case.after.kind
    if before and before != after:
        yield f"{case.name} is a {before} now, and would be a {after}"


def _is_a_choice(case: Case) -> Problems:
    """Of a learnable setting only what is in its choice set."""
    child = case.after_session
    if not child.space.foundation.holds("setting-choices"):
        return
    quoted = make_list([Symbol("quote"), Symbol(case.name)])
    try:
        choices = list_items(child.evaluate(make_list([Symbol("setting-choices"), quoted]))) or []
    except ChorusError:
        return
    value = write(child.space.get(case.name))
    if choices and value not in map(write, choices):
        yield f"{value} is none of the choices of {case.name}: {', '.join(map(write, choices))}"


def _fits_callers(case: Case) -> Problems:
    before, after = case.before.shape, case.after.shape
    if before is None or after is None:
        return
    if after.least > before.least:
        yield f"it wants {after.least} arguments where {before.least} are enough now"
    if after.most is not None and (before.most is None or after.most < before.most):
        many = "any number" if before.most is None else str(before.most)
        yield f"it takes {after.most} arguments at most, now {many} are taken"
    for key in before.keywords:
        if key not in after.keywords:
            yield f"it does not take :{key}"
    for key, needed in after.keywords.items():
        if needed and not before.keywords.get(key, False):
            yield f"it cannot be called without :{key}"


def _has_no_more_effects(case: Case) -> Problems:
    if not case.before.kind:
        return
    for effect in sorted(case.after.effects - case.before.effects - HARMLESS):
        by = sorted(n for n in case.after.reached if n in TABLE and effect in TABLE[n].effects)
        by = by or sorted(n for n, said in REACHING.items() if said == effect and n in case.after.reached)
        yield f"it {_verb(effect)}, which {case.name} does not now" + (f" (by {by[0]})" if by else "")


def _names_no_more(case: Case) -> Problems:
    """What evaluates or reaches whatever it is given, named where it was not before."""
    for name in dict.fromkeys(case.named):
        if name in NAMED and name not in case.before.named:
            yield f"it {NAMED[name]} (by {name})"


def _verb(effect: str) -> str:
    return effect if effect in REACHING.values() else f"may {effect}"


def _needs_no_more(case: Case) -> Problems:
    """What a new name may do of itself; what stdlib procedures do in turn is theirs."""
    if case.before.kind:
        return
    for name in dict.fromkeys(case.named):
        if name in REACHING:
            yield f"it {REACHING[name]} (by {name})"
        elif name in TABLE:
            for effect in sorted(TABLE[name].effects - NEW_MAY):
                need = NEEDS[effect]
                yield f"it may {effect} (by {name})" + (
                    f", which needs the capability {need}" if need else ""
                )


def _decides_nothing(case: Case) -> Problems:
    written = DECIDING & set(symbols([case.form]))  # in templates of macros, too
    deciding = (case.after.deciding | written) - case.before.deciding
    return [f"it may decide what is accepted (by {name})" for name in sorted(deciding)]


def _stands_without_the_session(case: Case) -> Problems:
    """Outer frames are for others, who do not have what only this session defines."""
    if case.frame == "context":
        return
    private = {
        key.name for key in case.session.versions.state if key.frame == "context" and key.name != case.name
    }
    shared = {key.name for key in case.session.versions.state if key.frame != "context"}
    known = case.after_session.space.foundation.holds
    for name in sorted((case.after.reached & private) - shared):
        if not known(name):
            yield f"it uses {name}, which only this session defines"


def _keeps_invariants(case: Case) -> Problems:
    return [f"{each.name}: {_shown(each, gave)}" for each, gave in case.broken]


def _short(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _shown(invariant: Invariant, gave: Outcome) -> str:
    got = gave.error or _short(gave.written)
    return f"{_short(write(invariant.form))} gives {got}, not {_short(write(invariant.expected))}"


def _keeps_examples(case: Case) -> Problems:
    restated = {tried.form for tried in case.tried_own}
    for was, now in zip(case.tried_before, case.tried_after, strict=True):
        if was.holds and not now.holds and now.form not in restated and now.gave.code != LIMIT:
            yield f"{_short(now.form)} gives {now.gave.error or _short(now.gave.written)}, not {now.expected}"
    for own in case.tried_own:
        if not own.holds and own.gave.code != LIMIT:
            gave = own.gave.error or _short(own.gave.written)
            yield f"its own example {_short(own.form)} gives {gave}, not {own.expected}"


def _costs_no_more(case: Case) -> Problems:
    for tried in (*case.tried_after, *case.tried_own):
        if tried.gave.code == LIMIT:
            yield f"{_short(tried.form)}: {tried.gave.error}"
            return
    before = sum(tried.gave.steps for tried in case.tried_before)
    after = sum(tried.gave.steps for tried in case.tried_after)
    if after > COST * before + SLACK:
        yield f"the examples take {after:,} steps, now {before:,}"


CHECKS = (
    Check("reads", "the form can be written down and read", _reads),
    Check("size", "a person can read it", _is_short),
    Check("definition", "it defines the name, and nothing else", _is_of_the_name),
    Check("protected", "the host, the gate and the core forms stay what they are", _is_open_to_all),
    Check("macros", "what it makes macros by are rules", _makes_macros_by_rules),
    Check("expands", "it compiles, names what is there, and calls it as it can be called", _expands),
    Check("assigns", "it gives no other global a value", _keeps_to_itself),
    Check("kept", "carrying it out works, and gives what can be written down", _can_be_kept),
    Check("kind", "a procedure stays a procedure, a number a number", _is_of_the_kind),
    Check("choices", "a setting keeps to its choices", _is_a_choice),
    Check("arity", "it can be called wherever the present one is", _fits_callers),
    Check("effects", "it does nothing that the present one does not", _has_no_more_effects),
    Check("capability", "a new name needs no capability that a question does not", _needs_no_more),
    Check("reaching", "it reaches no names but those that it shows", _names_no_more),
    Check("deciding", "it does not reach the gate", _decides_nothing),
    Check("scope", "it stands without this session's own definitions", _stands_without_the_session),
    Check("invariants", "what must always hold still does", _keeps_invariants),
    Check("cost", "its examples take no more than four times the steps", _costs_no_more),
    Check("examples", "the present examples hold, and its own", _keeps_examples),
)


def judge(case: Case) -> tuple[bool, list[tuple[str, str]]]:
    """Whether the candidate may go on, and what was found: (check, text)."""
    for check in CHECKS:
        problems = list(check.look(case))
        if problems:
            return False, [(check.name, text) for text in problems[:8]]
    return True, [("person", text) for text in _for_a_person(case)]


def _for_a_person(case: Case) -> Iterator[str]:
    """What no check can tell, so that it is not accepted by itself."""
    if case.after.kind == "form":
        yield "what a form's uses expand to, and do, cannot be told beforehand"
    restated = [tried.form for tried in case.tried_own if tried.form in dict(case.before.examples)]
    for form in restated:
        yield f"it says something else than now of {_short(form)}"
    if case.after.kind == "procedure" and not (case.before.examples or case.after.examples):
        yield "there is no example that shows what it does and costs"
    inner = [
        key.frame
        for key in case.session.versions.state
        if key.name == case.name and _depth(key.frame) > _depth(case.frame)
    ]
    if inner:
        yield f"the frame {inner[-1]} of this session defines {case.name} itself, and goes on doing so"


def _depth(frame: str) -> int:
    from chorus.runtime.frames.bindings import FRAMES

    return FRAMES.index(frame)
