"""What `define-record-type` is made of: types, and procedures that make, test, read and change their
instances.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.runtime.calling import named
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.printer import brief
from chorus.runtime.values import UNSPECIFIED, Record, RecordType, Symbol, cons, make_list

new = object.__new__


def article(name: str) -> str:
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


@primitive("%record-type", effects="pure", checked=False)
def record_type(name: Symbol, fields: Any) -> RecordType:
    """The record type NAME, without the < > that often surround it, with FIELDS, a list of symbols.

    > (procedure? (%record-predicate (%record-type '<point> '(x y)) 'point?))
    => #t
    """
    return RecordType.written(name, fields)


@primitive("%record-constructor", effects="pure", checked=False)
def record_constructor(type: Any, name: Symbol, fields: Any) -> Callable[..., Any]:
    """The procedure NAME that makes a record of TYPE from values for FIELDS, in their order; other fields
    are #f.

    > ((%record-constructor (%record-type 'point '(x y)) 'make-point '(x y)) 1 2)
    => #<point 1 2>
    """
    called = name.name
    positions = [_position(type, field, called) for field in fields]
    width, count = len(type.fields), len(positions)
    in_order = positions == list(range(width))

    def make(*values: Any) -> Record:
        if len(values) != count:
            from chorus.runtime.errors import ArityError, counted

            usage = " ".join([called, *(field.name for field in fields)])
            raise ArityError(f"{called} got {counted(len(values))}", hint=f"usage: ({usage})")
        whole: list[Any] = [False] * width
        for position, value in zip(positions, values, strict=True):
            whole[position] = value
        return Record(type, whole)

    names = [field.name for field in fields]
    quick = QUICK.get(count) if in_order else None
    made = _named(quick(type) if quick else make, called, names, f"A new {type.name}.")
    made.makes = (type, 0)
    return made


def _of_one(type: RecordType) -> Callable[..., Record]:
    def make(a: Any) -> Record:
        made = new(Record)
        made.type, made.values = type, [a]
        return made

    return make


def _of_two(type: RecordType) -> Callable[..., Record]:
    def make(a: Any, b: Any) -> Record:
        made = new(Record)
        made.type, made.values = type, [a, b]
        return made

    return make


def _of_three(type: RecordType) -> Callable[..., Record]:
    def make(a: Any, b: Any, c: Any) -> Record:
        made = new(Record)
        made.type, made.values = type, [a, b, c]
        return made

    return make


def _of_four(type: RecordType) -> Callable[..., Record]:
    def make(a: Any, b: Any, c: Any, d: Any) -> Record:
        made = new(Record)
        made.type, made.values = type, [a, b, c, d]
        return made

    return make


QUICK = {1: _of_one, 2: _of_two, 3: _of_three, 4: _of_four}  # makers of records with so many fields


@primitive("%record-predicate", effects="pure", checked=False)
def record_predicate(type: Any, name: Symbol) -> Callable[..., Any]:
    """The procedure NAME that tells whether a value is a record of TYPE.

    > ((%record-predicate (%record-type 'point '(x y)) 'point?) 5)
    => #f
    """
    called = name.name

    def test(value: Any) -> bool:
        return value.__class__ is Record and value.type is type

    test.tests = (type, 0)  # type: ignore[attr-defined]
    return _named(test, called, ["value"], f"Whether VALUE is {article(type.name)}.")


@primitive("%record-accessor", effects="pure", checked=False)
def record_accessor(type: Any, field: Symbol, name: Symbol) -> Callable[..., Any]:
    """The procedure NAME that reads FIELD of a record of TYPE.

    > (define point (%record-type 'point '(x y)))
    > ((%record-accessor point 'y 'point-y) ((%record-constructor point 'make-point '(x y)) 1 2))
    => 2
    """
    called = name.name
    position = _position(type, field, called)

    def read(record: Any) -> Any:
        if record.__class__ is Record and record.type is type:
            return record.values[position]
        raise wrong_type(called, type.name, article(type.name), record)

    read.reads = (type, position)  # type: ignore[attr-defined]
    return _named(read, called, [type.name], f"The {field.name} of {article(type.name)}.")


@primitive("%record-modifier", effects="pure", checked=False)
def record_modifier(type: Any, field: Symbol, name: Symbol) -> Callable[..., Any]:
    """The procedure NAME that changes FIELD of a record of TYPE.

    > (define point (%record-type 'point '(x y)))
    > (define p ((%record-constructor point 'make-point '(x y)) 1 2))
    > (begin ((%record-modifier point 'x 'set-point-x!) p 5) p)
    => #<point 5 2>
    """
    called = name.name
    position = _position(type, field, called)

    def change(record: Any, value: Any) -> Any:
        if record.__class__ is not Record or record.type is not type:
            raise wrong_type(called, type.name, article(type.name), record)
        record.values[position] = value
        return UNSPECIFIED

    change.writes = (type, position)  # type: ignore[attr-defined]
    return _named(
        change, called, [type.name, "value"], f"Make VALUE the {field.name} of {article(type.name)}."
    )


@primitive("%record-is?", effects="pure", checked=False)
def record_is(value: Any, type: Any) -> bool:
    """Whether VALUE is a record of TYPE; for match.

    > (begin (define-record-type point (make-point x) point? (x point-x)) (%record-is? (make-point 1) point))
    => #t
    """
    if type.__class__ is not RecordType:
        raise wrong_type("match", "what follows $", "a type of records", type)
    return value.__class__ is Record and value.type is type


@primitive("%record-part", effects="pure", checked=False)
def record_part(record: Any, which: Any) -> Any:
    """The field WHICH, a name or place, of RECORD; for match.

    > (define-record-type point (make-point x y) point? (x point-x) (y point-y))
    > (%record-part (make-point 1 2) 'y)
    => 2
    """
    at = record.type.positions.get(getattr(which, "name", ""), -1) if which.__class__ is Symbol else which
    if not 0 <= at < len(record.values):
        known = ", ".join(record.type.fields)
        raise EvalError(f"match: {record.type.name} has no field {brief(which)}", hint=f"it has {known}")
    return record.values[at]


@primitive("record?", effects="pure", checked=False)
def is_record(value: Any) -> bool:
    """Whether VALUE is a record of any type.

    > (record? {:a 1})
    => #f
    """
    return value.__class__ is Record


@primitive("record->list", effects="pure")
def record_to_list(record: Record) -> Any:
    """The fields of RECORD as a list of pairs (name . value).

    > (define-record-type point (make-point x y) point? (x point-x) (y point-y))
    > (record->list (make-point 1 2))
    => ((x . 1) (y . 2))
    """
    return make_list(cons(Symbol(f), v) for f, v in zip(record.type.fields, record.values, strict=True))


@primitive("record-type-name", effects="pure")
def record_type_name(record: Record) -> Symbol:
    """The name of RECORD's type.

    > (define-record-type point (make-point x y) point? (x point-x) (y point-y))
    > (record-type-name (make-point 1 2))
    => point
    """
    return Symbol(record.type.name)


def _position(type: RecordType, field: Symbol, name: str) -> int:
    position = type.positions.get(field.name) if field.__class__ is Symbol else None
    if position is None:
        known = " ".join(type.fields)
        raise EvalError(
            f"{name}: {type.name} has no field {brief(field)}", code="syntax", hint=f"its fields: {known}"
        )
    return position


def _named(procedure: Any, name: str, parameters: list[str], doc: str) -> Any:
    usage = "(" + " ".join([name, *parameters]) + ")"
    procedure = named(procedure, name, usage)
    procedure.described = {
        "kind": "procedure",
        "usage": usage,
        "doc": doc,
        "effects": ["pure"],
    }
    return procedure
