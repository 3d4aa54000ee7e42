"""Constants of compiled code that Python has no literal for: placed into the code afterwards, and spelled
for the cache.

While a unit is compiled such a constant is a tuple `("$:", n)`; `install` puts the object itself in its
place, so that running code finds it as fast as a number. In the cache on disk constants are tuples again
(`encode`, `decode`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from types import CodeType
from typing import Any

from chorus.interpreter.compiler.nodes import Lambda, Params
from chorus.runtime.calling import Meta
from chorus.runtime.errors import ArityError, Span, UnknownKeyword, counted
from chorus.runtime.values import (
    EOF,
    NIL,
    UNSPECIFIED,
    Char,
    HashTable,
    Keyword,
    Pair,
    Singleton,
    Symbol,
    make_list,
)

MARK = "$:"
META = "$:meta:"
LITERAL = (int, float, complex, str, bytes, bool, type(None))
CURRENT_SPACE = Singleton("#<namespace>")  # in a Const: the namespace that the running code belongs to
MISSING = Singleton("#<missing>")  # an optional argument that was not given


def qualified(meta: Meta) -> str:
    """A qualified name for code: all that Python's own arity errors will tell of the callee (`traces`)."""
    span = meta.span
    place = f"{span.file}\0{span.line}\0{span.column}\0{span.end_line}\0{span.end_column}" if span else ""
    return f"{meta.name}\0{meta.usage}\0{place}"


class Signature:
    """How a procedure with keyword parameters reads its arguments."""

    __slots__ = ("keywords", "name", "optional", "required", "rest", "usage")

    def __init__(
        self,
        name: str,
        required: int,
        optional: int,
        keywords: tuple[tuple[str, bool], ...],
        rest: bool,
        usage: str,
    ) -> None:
        self.name = name
        self.required = required
        self.optional = optional
        self.keywords = keywords  # (name, must be given)
        self.rest = rest
        self.usage = usage


class Pool:
    """The constants of one unit. HELPERS: host procedures that code reaches by a reserved global name."""

    def __init__(self, helpers: dict[Any, str]) -> None:
        self.helpers = helpers
        self.values: list[Any] = []
        self.metas: list[Meta] = []
        self.known: dict[int, int] = {}

    def constant(self, value: Any) -> Any:
        if value.__class__ in LITERAL:
            return value
        at = self.known.get(id(value))
        if at is None:
            at = self.known[id(value)] = len(self.values)
            self.values.append(value)
        return (MARK, at)

    def object(self, constant: Any) -> Any:
        """What CONSTANT, as `constant` spelled it, stands for."""
        return self.values[constant[1]] if constant.__class__ is tuple else constant

    def helper(self, function: Callable[..., Any]) -> str | None:
        return self.helpers.get(function) if callable(function) else None

    def meta(self, node: Lambda, direct: bool, closed: str = "") -> str:
        name = node.name or ""
        usage = node.params.usage(name or "procedure")
        self.metas.append(Meta(name, usage, node.doc, direct, node.span, closed))
        return f"{META}{len(self.metas) - 1}"

    def signature(self, params: Params, name: str) -> Signature:
        keywords = tuple((key, default is None) for key, _, default in params.keywords)
        rest = params.rest is not None
        return Signature(name, len(params.required), len(params.optional), keywords, rest, params.usage(name))


def install(code: CodeType, values: list[Any], metas: list[Meta]) -> CodeType:
    """CODE and the code within it, with constants and Metas in their places and the Lisp names on them."""
    constants: list[Any] = []
    changes: dict[str, Any] = {}
    for constant in code.co_consts:
        kind = constant.__class__
        if kind is CodeType:
            constant = install(constant, values, metas)
        elif kind is tuple:
            constant = _placed(constant, values)
        elif kind is str and not constants and constant.startswith(META):
            meta = metas[int(constant[len(META) :])]
            constant = meta
            changes = {"co_name": meta.name or "lambda", "co_qualname": qualified(meta)}
        constants.append(constant)
    return code.replace(co_consts=tuple(constants), **changes)


def looked_up(code: CodeType) -> set[str]:
    """The names that CODE and the code within it look up: globals, and attributes of the host's objects."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if constant.__class__ is CodeType:
            found |= looked_up(constant)
    return found


def _placed(constant: Any, values: list[Any]) -> Any:
    """CONSTANT with its marks replaced; Python folds tuples of constants into one, so they may lie within."""
    if constant.__class__ is not tuple:
        return constant
    if constant[:1] == (MARK,):
        return values[constant[1]]
    return tuple(_placed(part, values) for part in constant)


def take(signature: Signature, args: tuple[Any, ...]) -> list[Any]:
    """ARGS in the order of the parameters; MISSING where a default is to be computed."""
    plain: list[Any] = []
    wanted = dict(signature.keywords)
    given: dict[str, Any] = {}
    after = signature.required + signature.optional
    at = 0
    while at < len(args):
        value = args[at]
        if value.__class__ is Keyword and (value.name in wanted or len(plain) >= after):
            if value.name not in wanted:
                raise UnknownKeyword(signature.name, value, wanted)
            if at + 1 == len(args):
                raise ArityError(f"{signature.name}: the keyword :{value.name} has no value after it")
            given[value.name] = args[at + 1]
            at += 2
        else:
            plain.append(value)
            at += 1
    if len(plain) < signature.required or (len(plain) > after and not signature.rest):
        raise ArityError(f"{signature.name} got {counted(len(plain))}", hint=f"usage: {signature.usage}")
    for name, needed in signature.keywords:
        if needed and name not in given:
            raise ArityError(f"{signature.name} needs :{name}", hint=f"usage: {signature.usage}")
    result = plain[:after] + [MISSING] * (after - len(plain))
    result += [given.get(name, MISSING) for name, _ in signature.keywords]
    return [*result, make_list(plain[after:])] if signature.rest else result


# — spelling for the cache: tuples of what `marshal` knows —

_SINGLETONS = {"nil": NIL, "unspecified": UNSPECIFIED, "eof": EOF, "space": CURRENT_SPACE}
_SINGLETON_NAMES = {id(value): name for name, value in _SINGLETONS.items()}


class Unspeakable(Exception):
    """A constant that no cache can hold."""


def encode(value: Any) -> Any:
    """VALUE as `decode` reads it; Unspeakable if it has no spelling."""
    if value.__class__ in LITERAL:
        return value
    spell = _list if isinstance(value, Pair) else _ENCODERS.get(value.__class__)
    if spell is not None:
        return spell(value)
    name = _SINGLETON_NAMES.get(id(value))
    if name is None:
        raise Unspeakable(repr(value))
    return ("one", name)


def _list(value: Any) -> tuple[Any, ...]:
    items = []
    while isinstance(value, Pair):
        items.append(encode(value.car))
        value = value.cdr
    return ("list", tuple(items), encode(value))


_ENCODERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    list: lambda value: ("vector", tuple(encode(item) for item in value)),
    HashTable: lambda value: ("table", tuple((encode(k), encode(v)) for k, v in value.items())),
    Fraction: lambda value: ("ratio", value.numerator, value.denominator),
    dt.datetime: lambda value: ("instant", value.isoformat()),
    Span: lambda value: ("span", value.file, value.line, value.column, value.end_line, value.end_column),
    Signature: lambda value: (
        "signature",
        value.name,
        value.required,
        value.optional,
        value.keywords,
        value.rest,
        value.usage,
    ),
    Symbol: lambda value: ("symbol", value.name),
    Keyword: lambda value: ("keyword", value.name),
    Char: lambda value: ("char", value.value),
}

_DECODERS: dict[str, Callable[..., Any]] = {
    "list": lambda items, tail: make_list([decode(item) for item in items], decode(tail)),
    "vector": lambda items: [decode(item) for item in items],
    "table": lambda items: HashTable((decode(k), decode(v)) for k, v in items),
    "ratio": Fraction,
    "instant": dt.datetime.fromisoformat,
    "span": Span,
    "signature": Signature,
    "symbol": Symbol,
    "keyword": Keyword,
    "char": Char,
    "one": _SINGLETONS.__getitem__,
}


def decode(value: Any) -> Any:
    return _DECODERS[value[0]](*value[1:]) if value.__class__ is tuple else value


def encode_meta(meta: Meta) -> tuple[Any, ...]:
    span = None if meta.span is None else encode(meta.span)
    return (meta.name, meta.usage, meta.doc, meta.direct, span, meta.closed)


def decode_meta(spelled: tuple[Any, ...]) -> Meta:
    name, usage, doc, direct, span, closed = spelled
    return Meta(name, usage, doc, direct, decode(span), closed)
