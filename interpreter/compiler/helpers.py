"""What compiled code calls besides the program's own procedures, under reserved global names of the foundation."""

from __future__ import annotations

import math
import types
from itertools import count
from typing import Any

from chorus.interpreter.compiler.constants import MISSING, take
from chorus.interpreter.compiler.expand import make_properties, make_table
from chorus.interpreter.compiler.several import item_at, several, take_more, take_values
from chorus.interpreter.compiler.syntax_forms import procedure_row, rules_row
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import applied, direct, spread, unwind
from chorus.runtime.errors import UnboundName
from chorus.runtime.limits import DEFAULT_DEPTH
from chorus.runtime.ports import StringOutput
from chorus.runtime.values import (
    CHARS,
    EOF,
    NIL,
    Char,
    Cons,
    HashTable,
    Keyword,
    MultipleValues,
    MutableString,
    Pair,
    Record,
    SourcePair,
    Symbol,
    hash_key,
    make_list,
)


def set_global(space: Namespace, name: str, value: Any) -> None:
    """`set!` of a global that was not the session's own when the code was compiled."""
    if not space.assign(name, value):
        raise UnboundName(
            f"set!: {name} is not defined", hint=f"(define {name} …) makes it", irritants=(name,)
        )


def define(space: Namespace, name: str, value: Any) -> None:
    space.define(name, value)


def text_of(chars: list[Any]) -> Any:
    """list->string of a list of the host's."""
    from chorus.runtime.primitives.strings import list_to_string

    return list_to_string(chars)


def too_deep() -> None:
    """A list was made longer than a procedure could have called itself for its rest."""
    raise RecursionError


def is_the_one(which: int, at: int) -> bool:
    """Whether the procedure that merged code is to go on with is number AT of them."""
    return which == at


# What compiled code calls, under reserved global names of the foundation.
HELPERS: dict[str, Any] = {
    "unwind": unwind,
    "direct": direct,
    "set-global": set_global,
    "define": define,
    "take": take,
    "list": make_list,
    "table": make_table,
    "properties": make_properties,
    "tuple": tuple,
    "int": int,
    "type": type,
    "cons": Cons,
    "pairs": frozenset((Pair, Cons, SourcePair)),
    "float": float,
    "str": str,
    "changeable-string": MutableString,
    "vector": list,
    "bytes": bytearray,
    "char": Char,
    "chars": CHARS,
    "symbol": Symbol,
    "hash-table": HashTable,
    "record": Record,
    "string-output": StringOutput,
    "hash-key": hash_key,
    "own-keys": frozenset((str, Symbol, Keyword, Char)),
    "len": len,
    "range": range,
    "count": count,
    "new": object.__new__,
    "values": MultipleValues,
    "depth": range(DEFAULT_DEPTH),
    "too-deep": too_deep,
    "text-of": text_of,
    "take-values": take_values,
    "take-more": take_more,
    "several": several,
    "item-at": item_at,
    "is-the-one": is_the_one,
    "abs": abs,
    "sqrt": math.sqrt,
    "applied": applied,
    "spread": spread,
    "ord": ord,
    "nil": NIL,
    "eof": EOF,
    "divmod": divmod,
    "function": types.FunctionType,
    "missing": MISSING,
    "rules-row": rules_row,
    "procedure-row": procedure_row,
}


def install_helpers(space: Namespace) -> None:
    for name, helper in HELPERS.items():
        space.dict["$:" + name] = helper


HELPER_NAMES = {value: name for name, value in HELPERS.items() if callable(value)}
