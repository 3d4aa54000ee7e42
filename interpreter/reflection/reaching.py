"""What derived evaluators ask about globals and procedures: which effects a host primitive has, what the code in a
value reaches, which version of a definition holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import Any

from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.syntax import home_of
from chorus.interpreter.effects import Effects, used_in
from chorus.interpreter.namespace import ABSENT, Namespace
from chorus.interpreter.reflection.versions import form_of, keeper_of, symbol
from chorus.interpreter.stage.front import EvaluatorSpace
from chorus.interpreter.stage.scopes import Toplevel
from chorus.runtime.calling import meta_of
from chorus.runtime.context import Context
from chorus.runtime.frames.bindings import innermost
from chorus.runtime.primitive import TABLE, Items, Primitive, insist_on_fit, primitive
from chorus.runtime.values import (
    NIL,
    UNSPECIFIED,
    HashTable,
    Pair,
    Record,
    Symbol,
    is_procedure,
    make_list,
    table,
)

HARMLESS = frozenset({"pure", "compute", "mutate", "output"})  # effects that stay within the program
ATOMS = frozenset({int, float, bool, str, complex, Symbol})  # classes of values that hold nothing
MOST_LOOKED_AT = 10_000  # parts of a value
MAKER = 3  # of a place, as `%stand-in` knows it: where what stands for a value is from


def loaded(value: Any) -> Any:
    """VALUE, or what stands behind it if it is loaded when first needed."""
    load = getattr(value, "load", None) if callable(value) else None
    return value if load is None else load()


def global_value(meaning: Toplevel) -> Any:
    return loaded(meaning.space.get(meaning.name, ABSENT))


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


@primitive("%defined-as", effects="pure", checked=False)
def defined_as(procedure: Any) -> Any:
    """The global, as what an identifier means, that the code of PROCEDURE was written as the value of; #f for none.

    > (map %defined-as (list car (lambda (x) x)))
    => (#f #f)
    > (define (double x) (* 2 x))
    > (%global-name (%defined-as double))
    => double
    """
    procedure = loaded(procedure)
    meta = meta_of(procedure)
    home = procedure.__globals__.get("$:namespace") if meta is not None and meta.name else None
    return False if home is None or meta is None or not home.holds(meta.name) else Toplevel(home, meta.name)


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
    made = declaration_of(foundation, value)
    return None if made is None else made.effects


def declaration_of(foundation: Namespace, value: Any) -> Primitive | None:
    """What VALUE, a host primitive as FOUNDATION has it, was declared as; None for anything else."""
    value = loaded(value)  # which makes TABLE know it
    name = getattr(value, "__name__", "")
    made = TABLE.get(name) if name.__class__ is str else None
    known = foundation.at(pristine_key(name)) if made else None
    return made if made and known is not None and loaded(known) is value else None


@primitive("%insist-on-fit", effects="pure")
def insist(ctx: Context, procedure: Any, arguments: Items, types: Any) -> Any:
    """Nothing, or the error that a call of PROCEDURE, a host primitive, with ARGUMENTS would end in before it does
    anything. Unless TYPES, only their number is looked at, and keywords.

    > (guard (e (#t (error-object-message e))) (%insist-on-fit write-file '("a" "b" "c") #f))
    => "write-file got 3 arguments"
    """
    made = declaration_of(ctx.session.space.foundation, procedure)
    if made is not None:
        insist_on_fit(made, loaded(procedure).__name__, tuple(arguments), types is not False)
    return UNSPECIFIED


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
    held = innermost(keeper.shown, place, meaning.name)
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
