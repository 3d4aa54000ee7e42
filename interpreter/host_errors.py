"""Host exceptions that a program's own mistakes cause, as typed errors: unbound names, calls of no procedure, arity."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from chorus.interpreter.callees import callee_of, find_callee
from chorus.interpreter.diagnostics import SOURCES, name_hint
from chorus.interpreter.namespace import name_of
from chorus.runtime.accepts import wrong_type
from chorus.runtime.calling import CONTEXT, makes_calls, meta_of_code, name_in
from chorus.runtime.errors import ArityError, ChorusError, EvalError, Span, UnboundName, WrongType, counted
from chorus.runtime.patterns import lazily
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import brief, symbol_text

if TYPE_CHECKING:
    from chorus.interpreter.traces import Notes

STDLIB = "stdlib/"
CALLERS = tuple(
    os.path.join(*path)
    for path in (
        ("runtime", "calling.py"),
        ("interpreter", "stubs.py"),
        ("interpreter", "changing.py"),
        ("interpreter", "once.py"),
        ("runtime", "primitives", "procedures.py"),
        ("runtime", "primitives", "conditions.py"),
        ("runtime", "primitives", "output.py"),
        ("runtime", "primitives", "ports_reading.py"),
        ("reflection", "tracing.py"),
    )
)

ENTERING = os.path.join(
    "interpreter", "continuations.py"
)  # calls what the program gave it, and much of its own

NOT_CALLABLE = lazily(r"'(.*)' object is not callable")
ARITY = lazily(
    r"(?s)(.+?)\(\) (takes .* positional argument|missing \d+ required positional argument|got an unexpected)"
)
NO_VALUE = lazily(r"cannot access (?:free|local) variable '(.*?)(?:~\d+)' where it is not associated")
KINDS = {
    "int": "a number", "float": "a number", "complex": "a number", "Gaussian": "a number", "Fraction": "a number",
    "str": "a string", "bool": "a boolean", "list": "a vector", "Pair": "a list", "Cons": "a list",
    "SourcePair": "a list", "Nil": "the empty list", "Symbol": "a symbol", "Keyword": "a keyword",
    "HashTable": "a hash table",
    "Record": "a record", "Char": "a character", "Singleton": "the unspecified value", "Row": "a form",
    "Opaque": "an opaque value",
}  # fmt: skip


def typed(
    problem: Exception, innermost: TracebackType | None, notes: Notes, names: Callable[[], Iterable[str]]
) -> ChorusError:
    """The error that PROBLEM, of whose way NOTES tell, is to the program. INNERMOST: the frame that it comes from."""
    in_program = innermost is not None and _calls_for_the_program(innermost.tb_frame.f_code)
    if isinstance(problem, NameError) and in_program:
        return _unbound(problem, names)
    if isinstance(problem, AttributeError) and in_program and problem.name in ("car", "cdr"):
        assert innermost is not None
        return _no_part(problem, innermost)
    if isinstance(problem, IndexError) and in_program and innermost is not None:
        return _no_element(innermost) or UnboundName("a variable is used before it is defined")
    if isinstance(problem, TypeError):
        entering = innermost is not None and innermost.tb_frame.f_code.co_filename.endswith(ENTERING)
        found = _call_error(problem, innermost, in_program or entering)
        if found is not None:
            return found
    if isinstance(problem, ZeroDivisionError):
        return EvalError("division by zero", code="division")
    if isinstance(problem, OverflowError):
        return EvalError("the number is too large for this operation", code="range")
    if isinstance(problem, ValueError) and str(problem).startswith("math "):
        return EvalError("the function has no value for this number", code="range")
    if isinstance(problem, (TypeError, ValueError, AttributeError)) and (called := notes.called) in TABLE:
        return _not_worked_with(problem, called)
    where = ""
    if innermost is not None and not in_program:
        code = innermost.tb_frame.f_code
        where = f" in {name_in(code) or code.co_name} ({code.co_filename.rpartition('/')[2]}:{innermost.tb_lineno})"
    error = EvalError(
        f"internal error{where}: {type(problem).__name__}",
        code="internal",
        hint="this is a fault of Chorus, not of the program: please report it",
    )
    error.__cause__ = problem  # for the host alone
    return error


def _not_worked_with(problem: Exception, called: str) -> ChorusError:
    """A primitive failed on parts of its arguments that no declaration speaks of, such as a list's elements."""
    usage = "" if called.startswith("%") else f"usage: {TABLE[called].usage} — "  # of a part it says nothing
    error = WrongType(
        f"{called.lstrip('%')}: it cannot work with what it was given",
        hint=f"{usage}if it was given the right things, please report this",
    )
    error.__cause__ = problem  # for the host alone
    return error


def _calls_for_the_program(code: CodeType) -> bool:
    """Whether a call that fails in CODE is the program's own: compiled code, or what calls procedures on its behalf."""
    return meta_of_code(code) is not None or makes_calls(code) or code.co_filename.endswith(CALLERS)


def _failing(code: CodeType, lasti: int) -> Any:
    """What failed at LASTI of CODE, kept with what is known of the procedure: programs err again where they erred."""
    meta = meta_of_code(code)
    known = None if meta is None else meta.failing.get(lasti)
    if known is None:
        import dis

        steps = [each for each in dis.get_instructions(code) if each.opname != "EXTENDED_ARG"]
        at = next(at for at, each in enumerate(steps) if each.offset == lasti)
        known = _path(steps, at) if steps[at].opname == "LOAD_ATTR" else tuple(steps[at - 2 : at + 1])
        if meta is not None:
            meta.failing[lasti] = known
    return known


def _path(steps: list[Any], failed: int) -> tuple[str, str]:
    """The name of what takes a part, or parts of parts at one place, of STEPS, and the variable it takes them of."""

    def goes_on(at: int) -> bool:
        each = steps[at]
        return each.opname == "LOAD_ATTR" and each.positions == steps[failed].positions

    first = last = failed
    while goes_on(first - 1):
        first -= 1
    while goes_on(last + 1):
        last += 1
    name = "c" + "".join(each.argval[1] for each in steps[last : first - 1 : -1]) + "r"
    return name, str(steps[first - 1].argval)


def _no_part(problem: AttributeError, innermost: TracebackType) -> EvalError:
    """The error of car, cdr or, where parts of parts are taken at one place, of cadr and its like."""
    name, of = _failing(innermost.tb_frame.f_code, innermost.tb_lasti)
    if len(name) == len("car"):
        return wrong_type(str(problem.name), "pair", "a pair", problem.obj)
    whole = innermost.tb_frame.f_locals.get(of, problem.obj)
    return wrong_type(name, "pair", f"a pair that has a {name}", whole)


def _no_element(innermost: TracebackType) -> EvalError | None:
    """The error of vector-ref or vector-set! that is written out as an index, of variables or constants."""
    frame = innermost.tb_frame
    of, at, failed = _failing(frame.f_code, innermost.tb_lasti)
    vector, index = (
        each.argval if each.opname == "LOAD_CONST" else frame.f_locals.get(str(each.argval))
        for each in (of, at)
    )
    if at.opname == "LOAD_CONST" and index == 0:
        return None  # that of the box of a variable which has no value yet
    from chorus.runtime.primitives.vectors import out_of_range  # where something failed, not at every start

    return out_of_range(
        "vector-set!" if failed.opname == "STORE_SUBSCR" else "vector-ref", index, len(vector or ())
    )


def _unbound(problem: NameError, names: Callable[[], Iterable[str]]) -> ChorusError:
    found = NO_VALUE.match(str(problem))
    if found:
        return UnboundName(f"{found[1]} is used before it is defined", irritants=(found[1],))
    name = name_of("?" if problem.name is None else problem.name)
    error = UnboundName(f"nothing is called {symbol_text(name)}", irritants=(name,))
    error.advise(lambda: setattr(error, "hint", name_hint(name, names())))
    return error


def _call_error(problem: TypeError, innermost: TracebackType | None, in_program: bool) -> ChorusError | None:
    text = str(problem)
    not_callable = NOT_CALLABLE.match(text)
    if not_callable and in_program:
        value = _callee(innermost)
        if type(value).__name__ != not_callable[1]:
            value = None
        shown = brief(value) if value is not None else KINDS.get(not_callable[1], f"a {not_callable[1]}")
        return EvalError(
            f"{shown} is called, but is no procedure",
            code="not-procedure",
            hint="the first form in parentheses is called with the others; data is quoted: '(…)",
            irritants=() if value is None else (value,),
        )
    arity = ARITY.match(text)
    if arity and in_program:
        return _arity_error(arity[1], text)
    if in_program and text.startswith(("unsupported operand", "'<' not supported", "bad operand")):
        return WrongType("an operation was given values of the wrong type")
    return None


def _callee(innermost: TracebackType | None) -> Any:
    """What the call that failed is a call of; None where that is not to be had."""
    if innermost is None:
        return None
    frame, lasti = innermost.tb_frame, innermost.tb_lasti
    if makes_calls(frame.f_code):
        return frame.f_locals.get("procedure")
    meta = meta_of_code(frame.f_code)
    if meta is None:
        return None
    if lasti not in meta.failing:
        meta.failing[lasti] = find_callee(frame.f_code, lasti)
    return callee_of(frame, meta.failing[lasti])


def _arity_error(name: str, text: str) -> ChorusError:
    """NAME is the callee's qualified name, as `constants.qualified` or `calling.named` made it."""
    label, _, known = name.partition("\0")
    label = "" if "<locals>" in label else label  # the host's name of a procedure that has none here
    usage, *place = known.split("\0")
    error = ArityError(f"{label or 'the procedure'} got {_counts(text, place == [CONTEXT])}")
    if usage:
        error.hint = f"usage: {usage}"
    if len(place) == 5 and not place[0].startswith(STDLIB):
        span = Span(place[0], *map(int, place[1:]))
        if _still_there(span, label or "(lambda"):
            error.related = (("defined here", span),)
    return error


def _still_there(span: Span, word: str) -> bool:
    """Whether the text at SPAN is still the one that was compiled: inputs at a prompt share a name."""
    line = SOURCES.line(span.file, span.line)
    return line is not None and line[span.column - 1 :].startswith("(") and word in line


def _counts(text: str, with_context: bool) -> str:
    given = re.search(r"but (\d+) (?:was|were) given", text)
    if given:
        return counted(int(given[1]) - with_context)
    missing = re.search(r"missing (\d+)", text)
    return f"{counted(int(missing[1]))} too few" if missing else "other arguments than it takes"
