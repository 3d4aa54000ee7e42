"""What derived evaluators ask about procedures and globals: to follow a call into the text of what it calls, which
effects a host primitive has, what a value's code reaches, which version of a definition holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter_ns
from types import CodeType, FunctionType
from typing import Any

from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.syntax import home_of
from chorus.interpreter.continuations import CURRENT
from chorus.interpreter.effects import Effects, used_in
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.namespace import ABSENT, Namespace
from chorus.interpreter.reflection.evaluators import derived
from chorus.interpreter.reflection.versions import form_of, keeper_of, symbol, table
from chorus.interpreter.stage.code import Code
from chorus.interpreter.stage.front import EvaluatorSpace, add_text
from chorus.interpreter.stage.scopes import Toplevel
from chorus.interpreter.stage.stages import Lift
from chorus.interpreter.written import definition_of
from chorus.runtime.calling import call, meta_of, returns_pending
from chorus.runtime.context import Context
from chorus.runtime.frames.bindings import Key, effective
from chorus.runtime.primitive import TABLE, primitive
from chorus.runtime.values import NIL, UNSPECIFIED, HashTable, Pair, Record, Symbol, is_procedure, list_items, make_list

HARMLESS = frozenset({"pure", "compute", "mutate", "output"})  # effects that stay within the program
MOST_LOOKED_AT = 10_000  # parts of a value


def loaded(value: Any) -> Any:
    """VALUE, or what stands behind it if it is loaded when first needed."""
    load = getattr(value, "load", None) if callable(value) else None
    return value if load is None else load()


def global_value(meaning: Toplevel) -> Any:
    return loaded(meaning.space.get(meaning.name, ABSENT))


@primitive("%evaluator-ref", effects="pure")
def evaluator_ref(ctx: Context, evaluator: Any, name: Symbol) -> Any:
    """What NAME means in the text of the derived EVALUATOR, or of several: a name or a list of names.

    > (procedure? (%evaluator-ref 'trace 'trace-report))
    => #t
    """
    names = [evaluator] if isinstance(evaluator, Symbol) else list_items(evaluator) or [evaluator]
    return derived(ctx.session.space.foundation, names, None).dict[name.name]


@primitive("%global-name", effects="pure", checked=False)
def global_name(meaning: Any) -> Any:
    """The name of the global that an identifier means; #f for what is none.

    > (%global-name (%global 'car (interaction-environment)))
    => car
    """
    return Symbol(meaning.name) if meaning.__class__ is Toplevel else False


@primitive("%global-value", effects="pure", checked=False)
def global_value_(meaning: Any) -> Any:
    """The value of the global that an identifier means.

    > ((%global-value (%global 'car (interaction-environment))) '(1 2))
    => 1
    """
    return global_value(meaning)


@primitive("%unchanged?", effects="pure", checked=False)
def are_unchanged(values: HashTable) -> bool:
    """Whether all globals have the values that they have in VALUES, a table of pairs (global . value).

    > (%unchanged? (hash-table 'car (cons (%global 'car (interaction-environment)) cdr)))
    => #f
    """
    return all(global_value(pair.car) is loaded(pair.cdr) for pair in values.values.values())


@primitive("%shipped?", effects="pure", checked=False)
def is_shipped(meaning: Any) -> bool:
    """Whether the global MEANING is what the language came with.

    > (%shipped? (%global 'car (interaction-environment)))
    => #t
    """
    home = home_of(meaning.space, meaning.name)
    return home is meaning.space.foundation and meaning.name not in home.came


@primitive("%plain?", effects="pure", checked=False)
def is_plain(meaning: Any) -> bool:
    """Whether the global MEANING is a host primitive that only computes.

    > (map (lambda (name) (%plain? (%global name (interaction-environment)))) '(car random map))
    => (#t #f #f)
    """
    value = global_value(meaning)
    return effects_of(meaning.space.foundation, value) is not None and not outside(meaning.space, value)


def effects_of(foundation: Namespace, value: Any) -> frozenset[str] | None:
    """The declared effects of VALUE if it is a host primitive or a function of the embedding program; else None."""
    described = getattr(value, "described", None)
    if described is not None:
        return frozenset(described.get("effects") or ())
    value = loaded(value)  # which makes TABLE know it
    name = getattr(value, "__name__", "")
    made = TABLE.get(name) if name.__class__ is str else None
    known = foundation.dict.get(pristine_key(name)) if made else None
    return made.effects if made and known is not None and loaded(known) is value else None


def outside(space: Namespace, value: Any) -> frozenset[str]:
    return (effects_of(space.foundation, value) or frozenset()) - HARMLESS


@primitive("%outside-effects", effects="pure")
def outside_effects(ctx: Context, value: Any) -> Any:
    """The declared effects of VALUE, a host primitive, on what lies outside the program; none for anything else.

    > (list (%outside-effects current-second) (%outside-effects car) (%outside-effects 5))
    => ((clock) () ())
    """
    return make_list(Symbol(effect) for effect in sorted(outside(ctx.session.space, value)))


@primitive("%effects", effects="pure")
def effects(ctx: Context, value: Any) -> Any:
    """The declared effects of VALUE, a host primitive or a function of the embedding program; #f for anything else.

    > (list (%effects current-second) (%effects car) (%effects map))
    => ((clock) (pure) #f)
    """
    known = effects_of(ctx.session.space.foundation, value)
    return False if known is None else make_list(Symbol(effect) for effect in sorted(known))


@primitive("%harmless?", effects="pure")
def is_harmless(ctx: Context, procedure: Any) -> bool:
    """Whether PROCEDURE is one that the language came with, and nothing that it reaches by name does more than compute.

    > (map %harmless? (list map embed!))
    => (#t #f)
    """
    foundation = ctx.session.space.foundation
    meta = meta_of(loaded(procedure))
    if meta is None or loaded(foundation.get(meta.name)) is not loaded(procedure):
        return False
    return not Effects(foundation).of(meta.name) - {"pure", "mutate"}


# — following —

SEEN, INSTEAD, TIMES, MAKER, GLOBAL = range(5)  # of a place: a vector
ATOMS = frozenset({int, float, bool, str, complex, Symbol})


@primitive("%stand-on", effects="mutate", checked=False)
def stand_on(evaluator: EvaluatorSpace, name: Symbol) -> Any:
    """Have the text of the derived evaluator NAME in EVALUATOR, an environment, too.

    > (procedure? %stand-on)
    => #t
    """
    add_text(evaluator, name.name)
    return UNSPECIFIED


@primitive("%stand-in", effects="mutate", checked=False)
def stand_in(place: list[Any], value: Any) -> Any:
    """What stands at PLACE for the VALUE of a global: #(value stand-in times maker global). What was found for the last
    value is kept; else the maker, a procedure of a value and a global, is asked.

    > (let ((place (vector #f #f 0 (lambda (value global) (list value global)) 'n))) (%stand-in place "a"))
    => "a"
    > (let ((place (vector #f #f 0 (lambda (value global) (list value global)) 'n))) (%stand-in place (list 1)))
    => ((1) n)
    """
    place[TIMES] += 1
    if value is place[SEEN]:
        return place[INSTEAD]
    if value.__class__ in ATOMS:
        return value
    began = perf_counter_ns()
    made = place[INSTEAD] = call(place[MAKER], value, place[GLOBAL])
    place[SEEN] = value
    CURRENT.ctx.apart += perf_counter_ns() - began
    return made


class Known:
    """Procedures that may be called as they are. UNSURE: nothing may be, for the time being. PLACE: of the last call."""

    __slots__ = ("codes", "others", "place", "unsure")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.codes: dict[int, CodeType] = {}  # by id: of the procedures of the language
        self.others: set[Any] = set()
        self.unsure = False
        self.place: Any = False


@primitive("%known", effects="pure")
def known_procedures() -> Known:
    """No procedures yet, which `%known!` adds to.

    > (%all-known? (%known) #f 1 car)
    => #f
    """
    return Known()


@primitive("%all-known?", effects="pure", checked=False)
def are_known(known: Known, at: Any, *parts: Any) -> bool:
    """Whether all procedures among the PARTS of a call are KNOWN, and nothing is unsure; AT, if not #f, is its place.

    > (let ((known (%known))) (%known! known car) (%all-known? known #f 1 car))
    => #t
    """
    if at is not False:
        known.place = at
    if known.unsure:
        return False
    codes = known.codes
    for part in parts:
        kind = part.__class__
        if kind in ATOMS or (kind is FunctionType and id(part.__code__) in codes):
            continue
        if is_procedure(part) and part not in known.others:
            return False
    return True


@primitive("%call-judged", effects="pure", checked=False)
@returns_pending
def call_judged(judge: Any, call_of: Any, *parts: Any) -> Any:
    """The call of the first of PARTS with the others, each taken for what the procedure JUDGE gives for it: CALL-OF is
    given the procedure and the list of its arguments. (No name of the language is used, which might mean another.)

    > (%call-judged (lambda (part) (if (number? part) (* 2 part) part)) apply + 1 2)
    => 6
    """
    procedure, *arguments = [call(judge, part) for part in parts]
    return (call_of, (procedure, make_list(arguments)), None)


@primitive("%common", effects="pure", checked=False)
def common(some: Any, others: Any) -> Any:
    """The items of the list SOME, or of none if it is #f, that are in the list OTHERS.

    > (%common '(a b c) '(c a))
    => (a c)
    """
    wanted = list_items(others) or []
    return make_list(each for each in list_items(some) or [] if each in wanted)


@primitive("%known!", effects="mutate", checked=False)
def add_known(known: Known, procedure: Any) -> Any:
    """Add PROCEDURE to those KNOWN, and all that have the same code.

    > (let ((known (%known))) (%known! known car) (%all-known? known #f car cdr))
    => #f
    """
    if meta_of(procedure) is None:
        known.others.add(procedure)
    else:
        known.codes[id(procedure.__code__)] = procedure.__code__
    return UNSPECIFIED


@primitive("%unsure!", effects="mutate", checked=False)
def unsure(known: Known) -> Any:
    """From here on nothing is KNOWN.

    > (let ((known (%known))) (%unsure! known) (%all-known? known #f))
    => #f
    """
    known.unsure = True
    return UNSPECIFIED


@primitive("%known-anew!", effects="mutate", checked=False)
def know_anew(known: Known) -> Any:
    """Forget what was KNOWN, and that anything was unsure.

    > (let ((known (%known))) (%unsure! known) (%known-anew! known) (%all-known? known #f))
    => #t
    """
    known.forget()
    return UNSPECIFIED


@primitive("%known-place", effects="pure", checked=False)
def known_place(known: Known) -> Any:
    """The place of the last call that was asked about.

    > (%known-place (%known))
    => #f
    """
    return known.place


@primitive("%global-of", effects="pure", checked=False)
def global_of(code: Any) -> Any:
    """The global whose value CODE fetches; #f for any other code, and for values.

    > (%global-of car)
    => #f
    """
    node = code.node if code.__class__ is Code else None
    return Toplevel(node.space, node.name) if isinstance(node, Global) else False


@primitive("%evaluated-by", effects="pure", checked=False)
def evaluated_by(evaluator: Any, procedure: Any) -> Any:
    """PROCEDURE as the EVALUATOR (its environment) makes it of the definition; #f if there is none to be had, as of
    host primitives and of closures with variables of their own.

    > (%evaluated-by (evaluator-environment) car)
    => #f
    """
    procedure = loaded(procedure)
    meta = meta_of(procedure)
    if meta is None or not isinstance(evaluator, EvaluatorSpace):
        return False
    home = procedure.__globals__.get("$:namespace")
    if home is None or loaded(home.get(meta.name)) is not procedure:
        return False
    form = definition_of(meta) or _kept_definition(home, meta.name, procedure)
    return _compiled(evaluator, home, form) if _defines_procedure(form, meta.name) else False


def _kept_definition(home: Namespace, name: str, procedure: Any) -> Any:
    """The form of a PROCEDURE that was rewritten, or kept by an earlier session."""
    context = home.foundation.context
    keeper = context.session.versions if context else None
    if keeper is None or keeper.space is not home:
        return False
    held = effective(keeper.state).get(("own", name))
    given = held and keeper.live.get((held.last, Key(held.frame, "own", name)))
    return given.form if given and loaded(given.value) is procedure else False


def _defines_procedure(form: Any, name: str) -> bool:
    """Whether FORM is (define (NAME …) …), or gives NAME a lambda."""
    if not (isinstance(form, Pair) and form.car is Symbol("define") and isinstance(form.cdr, Pair)):
        return False
    target, body = form.cdr.car, form.cdr.cdr
    if isinstance(target, Pair):
        return target.car is Symbol(name)
    value = body.car if isinstance(body, Pair) else None
    return target is Symbol(name) and isinstance(value, Pair) and value.car is Symbol("lambda")


def _compiled(evaluator: EvaluatorSpace, home: Namespace, form: Any) -> Any:
    """The value that FORM gives its name in HOME, by the text of EVALUATOR."""
    host = Evaluator(home, home.foundation.metered)
    host.steps = False
    file = form.span.file if form.span else "<followed>"
    lift = Lift(home, file, host.check, lambda node: host._now(node, file), integrating=False)
    node = lift.unit(lambda: call(evaluator.dict["ev-definition"], lift, form, home, form.span), form.span)
    return call(host.code(node, file).run, home)


# — what code reaches —


@primitive("%all-effects", effects="pure")
def all_effects(ctx: Context, procedure: Any, maker: Any) -> Any:
    """The effects that a call of PROCEDURE may have: those declared of a host primitive; of a compiled procedure those
    of the names in its code, and none if an evaluator wrote that which looks after them (its places have the MAKER).

    > (define (save!) (write-file "a" "b"))
    > (list (%all-effects save! #f) (%all-effects car #f))
    => ((write-file) (pure))
    """
    procedure = loaded(procedure)
    if meta_of(procedure) is None:
        return make_list(map(Symbol, sorted(effects_of(ctx.session.space.foundation, procedure) or ())))
    code, home = procedure.__code__, procedure.__globals__["$:namespace"]
    if isinstance(home, EvaluatorSpace) or _holds(code, maker):
        return NIL
    effects = Effects(home)
    found = frozenset[str]().union(*(effects.of(name) for name in used_in(code)))
    return make_list(map(Symbol, sorted(found)))


def _holds(code: CodeType, maker: Any) -> bool:
    """Whether CODE, or code within it, has a place of MAKER."""
    return any(
        _holds(each, maker)
        if each.__class__ is CodeType
        else each.__class__ is list and len(each) > MAKER and each[MAKER] is maker
        for each in code.co_consts
    )


@primitive("%reached", effects="pure", checked=False)
def reached(value: Any) -> Any:
    """The globals, as what identifiers mean, that the code in VALUE names, or code that this code names.

    > (define rate 2)
    > (define tools (list (lambda (x) (* x rate))))
    > (map %global-name (%reached tools))
    => (rate)
    """
    found: dict[tuple[int, str], Toplevel] = {}
    work = list(_procedures(value))
    seen: set[int] = set()
    while work:
        procedure = work.pop()
        if id(procedure) in seen:
            continue
        seen.add(id(procedure))
        home = procedure.__globals__["$:namespace"]
        for name in used_in(procedure.__code__):
            meaning = Toplevel(home_of(home, name) or home, name)
            known = global_value(meaning)
            if (id(meaning.space), name) in found or known is ABSENT:
                continue
            if effects_of(home.foundation, known) is None or outside(home, known):
                found[id(meaning.space), name] = meaning
            work += _procedures(known)
    return make_list(found.values())


def _procedures(value: Any) -> Iterator[Any]:
    """The compiled procedures in VALUE: in it as data, or in variables that they share."""
    work: list[Any] = [value]
    seen: set[int] = set()
    while work and len(seen) < MOST_LOOKED_AT:
        here = loaded(work.pop())
        if id(here) in seen:
            continue
        seen.add(id(here))
        if meta_of(here) is not None:
            yield here
            work += [cell.cell_contents for cell in here.__closure__ or () if _filled(cell)]
        elif isinstance(here, Pair):
            work += (here.car, here.cdr)
        elif here.__class__ in (list, tuple):
            work += here
        elif here.__class__ is HashTable:
            work += [part for item in here.items() for part in item]
        elif isinstance(here, Record):
            work += here.values


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


# — versions —


@primitive("%definition-record", effects="pure")
def definition_record(ctx: Context, meaning: Any) -> HashTable:
    """What is known of the global MEANING: :name :kind :version :time :author :reason :definition; the version of what
    the language came with is `shipped`.

    > (define rate 2)
    > (get (%definition-record (%global 'rate (interaction-environment))) :version)
    => v1
    """
    keeper = keeper_of(ctx)
    home = home_of(meaning.space, meaning.name)
    place = "own" if home is keeper.space else "everywhere"
    held = effective(keeper.shown).get((place, meaning.name))
    about: dict[str, Any] = {"name": Symbol(meaning.name), "kind": _kind(global_value(meaning))}
    if held is None:
        return table(**about, version=Symbol("shipped" if is_shipped(meaning) else "unknown"))
    about |= {"version": symbol(held.last), "frame": Symbol(held.frame)}
    version = keeper.history.version(held.last)
    if version is not None:
        about |= {"time": version.at, "author": version.author, "reason": version.reason}
    return table(**about, definition=form_of(held.binding))


def _kind(value: Any) -> Symbol:
    return Symbol("procedure" if is_procedure(value) else "setting")
