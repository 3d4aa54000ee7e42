"""Booleans, nothing in particular, several values, and what an error knows of itself."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import CapabilityDenied, ChorusError, Raised, ReadError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.printer import write
from chorus.runtime.values import (
    EOF,
    UNSPECIFIED,
    HashTable,
    Keyword,
    MultipleValues,
    Symbol,
    is_procedure,
    make_list,
)


@primitive("not", effects="pure", checked=False)
def not_(value: Any) -> bool:
    """Whether VALUE is #f.

    > (not '())
    => #f
    """
    return value is False


@primitive("boolean?", effects="pure", checked=False)
def is_boolean(value: Any) -> bool:
    """Whether VALUE is #t or #f.

    > (boolean? 0)
    => #f
    """
    return value is True or value is False


@primitive("boolean=?", effects="pure")
def same_booleans(first: bool, *others: bool) -> bool:
    """Whether all are the same boolean.

    > (boolean=? #f #f)
    => #t
    """
    return all(each is first for each in others)


@primitive("procedure?", effects="pure", checked=False)
def is_procedure_(value: Any) -> bool:
    """Whether VALUE can be called.

    > (procedure? car)
    => #t
    > (procedure? 'car)
    => #f
    """
    return is_procedure(value)


@primitive("void", effects="pure", checked=False)
def void(*ignored: Any) -> Any:
    """The unspecified value, which is not printed.

    > (list (void))
    => (#<unspecified>)
    """
    return UNSPECIFIED


@primitive("void?", effects="pure", checked=False, aliases=("unspecified?",))
def is_void(value: Any) -> bool:
    """Whether VALUE is the unspecified value.

    > (void? (void))
    => #t
    """
    return value is UNSPECIFIED


@primitive("values", effects="pure", checked=False)
def values(*items: Any) -> Any:
    """ITEMS as several values, for call-with-values, receive and let-values.

    > (values 1 2)
    => #<values 1 2>
    > (values 1)
    => 1
    """
    return items[0] if len(items) == 1 else MultipleValues(list(items))


@primitive("%values->list", effects="pure", checked=False)
def values_to_list(value: Any) -> Any:
    """The list of what `values` returned.

    > (%values->list (values 1 2))
    => (1 2)
    """
    return make_list(value.items) if value.__class__ is MultipleValues else make_list([value])


@primitive("eof-object", effects="pure", checked=False)
def eof_object() -> Any:
    """What reading gives at the end.

    > (eof-object? (eof-object))
    => #t
    """
    return EOF


@primitive("eof-object?", effects="pure", checked=False)
def is_eof_object(value: Any) -> bool:
    """Whether VALUE is the end-of-file object.

    > (eof-object? "")
    => #f
    """
    return value is EOF


def is_error(value: Any) -> bool:
    return isinstance(value, ChorusError) and not isinstance(value, Raised)


@primitive("error-object?", effects="pure", checked=False)
def is_error_object(value: Any) -> bool:
    """Whether VALUE is an error, made by `error` or by the system.

    > (guard (e (#t (error-object? e))) (car 5))
    => #t
    > (guard (e (#t (error-object? e))) (raise 'oops))
    => #f
    """
    return is_error(value)


@primitive("condition/report-string", effects="pure")
def report_string(error: Any) -> str:
    """The message of an error as text, and behind it, of one that `error` made, what it is about.

    > (guard (e (#t (condition/report-string e))) (error 'find "no such door:" 7))
    => "find: no such door: 7"
    """
    found = as_error("condition/report-string", error)
    if found.code != "error":
        return found.message
    about = list(found.irritants)
    start = f"{found.message}: {about.pop(0)}" if getattr(found, "located", False) else found.message
    return " ".join([start, *map(write, about)])


@primitive("error-object-message", effects="pure")
def error_object_message(error: Any) -> Any:
    """What went wrong: the message that `error` was given.

    > (guard (e (#t (error-object-message e))) (error "no such door:" 7))
    => "no such door:"
    """
    found = as_error("error-object-message", error)
    given = getattr(found, "given", None)
    return found.message if given is None else given


@primitive("error-object-irritants", effects="pure")
def error_object_irritants(error: Any) -> Any:
    """The values that the error is about.

    > (guard (e (#t (error-object-irritants e))) (error "no such door:" 7 'red))
    => (7 red)
    """
    return make_list(as_error("error-object-irritants", error).irritants)


@primitive("error-object-code", effects="pure")
def error_object_code(error: Any) -> Symbol:
    """Which kind of error it is, as a symbol: eval, type, arity, unbound, read, range …

    > (guard (e (#t (error-object-code e))) (car 5))
    => type
    """
    return Symbol(as_error("error-object-code", error).code)


@primitive("error-object-hint", effects="pure")
def error_object_hint(error: Any) -> Any:
    """What may repair it, or #f.

    > (guard (e (#t (string? (error-object-hint e)))) (hash-ref {:a 1} :b))
    => #t
    """
    return as_error("error-object-hint", error).hint or False


@primitive("error-object-span", effects="pure")
def error_object_span(error: Any) -> Any:
    """Where the program erred: a table of file, line, column, end-line and end-column (from 1), or #f.

    > (guard (e (#t (void? (error-object-span e)))) (car 5))
    => #f
    """
    span = as_error("error-object-span", error).span
    if span is None:
        return False
    return HashTable((Keyword(name.replace("_", "-")), part) for name, part in span._asdict().items())


@primitive("read-error?", effects="pure", checked=False)
def is_read_error(value: Any) -> bool:
    """Whether VALUE is an error of reading text as forms.

    > (read-error? 5)
    => #f
    """
    return isinstance(value, ReadError)


@primitive("file-error?", effects="pure", checked=False)
def is_file_error(value: Any) -> bool:
    """Whether VALUE is an error of opening, reading or writing a file, or says that the session may not.

    > (file-error? 5)
    => #f
    """
    if isinstance(value, CapabilityDenied):
        return value.capability in ("read", "write")
    return isinstance(value, ChorusError) and value.code == "file"


def as_error(caller: str, value: Any) -> ChorusError:
    if not isinstance(value, ChorusError):
        raise wrong_type(caller, "error", "an error object", value)
    return value
