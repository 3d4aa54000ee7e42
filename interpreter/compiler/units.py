"""A unit: one top-level form compiled, ready to run in a namespace, or spelled for the cache."""

from __future__ import annotations

import _ast as ast
import marshal
import math
import types
import zlib
from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.analysis import kind_of as kind_of_callee
from chorus.interpreter.compiler.constants import (
    MISSING,
    Pool,
    decode,
    decode_meta,
    encode,
    encode_meta,
    install,
    take,
)
from chorus.interpreter.compiler.emit import Emitter
from chorus.interpreter.compiler.expand import make_properties, make_table
from chorus.interpreter.compiler.merging import is_the_one, keep_source, merge_locals
from chorus.interpreter.compiler.nodes import Call, Const, Define, Lambda, Node, Params, SetGlobal
from chorus.interpreter.compiler.several import item_at, take_more, take_values
from chorus.interpreter.compiler.sites import Preparation
from chorus.interpreter.compiler.sources import Source, attach, spell_tree
from chorus.interpreter.compiler.syntax_forms import procedure_row, rules_row
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import Meta, direct, unwind
from chorus.runtime.continuations import transparent
from chorus.runtime.errors import UnboundName
from chorus.runtime.limits import DEFAULT_DEPTH
from chorus.runtime.ports import StringOutput
from chorus.runtime.primitives.procedures import spread
from chorus.runtime.values import (
    CHARS,
    NIL,
    Char,
    Cons,
    HashTable,
    Keyword,
    MultipleValues,
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


def too_deep() -> None:
    """A list was made longer than a procedure could have called itself for its rest."""
    raise RecursionError


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
    "vector": list,
    "char": Char,
    "chars": CHARS,
    "symbol": Symbol,
    "hash-table": HashTable,
    "record": Record,
    "string-output": StringOutput,
    "hash-key": hash_key,
    "own-keys": frozenset((str, Symbol, Keyword, Char)),
    "len": len,
    "new": object.__new__,
    "values": MultipleValues,
    "depth": range(DEFAULT_DEPTH),
    "too-deep": too_deep,
    "take-values": take_values,
    "take-more": take_more,
    "item-at": item_at,
    "is-the-one": is_the_one,
    "abs": abs,
    "sqrt": math.sqrt,
    "spread": spread,
    "ord": ord,
    "nil": NIL,
    "function": types.FunctionType,
    "missing": MISSING,
    "rules-row": rules_row,
    "procedure-row": procedure_row,
}


def install_helpers(space: Namespace) -> None:
    for name, helper in HELPERS.items():
        space.dict["$:" + name] = helper


HELPER_NAMES = {value: name for name, value in HELPERS.items() if callable(value)}


class Unit:
    """Compiled code, before (`raw`) and after its constants are in place (`code`)."""

    __slots__ = ("code", "flag", "kind", "metas", "name", "names", "raw", "source", "values")

    def __init__(
        self,
        raw: types.CodeType,
        values: list[Any],
        metas: list[Meta],
        node: Node | None = None,
        relied: tuple[str, tuple[str, ...]] = ("", ()),
    ) -> None:
        self.flag, self.names = relied  # FLAG is up as long as the globals NAMES are what they were
        self.kind, self.name = kind_of(node)
        self.raw = raw
        self.values = values
        self.metas = metas
        self.code = install(raw, values, metas)
        self.source: Source | None = None

    @transparent
    def run(self, space: Namespace) -> Any:
        if self.flag:
            space.rely(self.flag, self.names, self.name if self.kind in ("procedure", "direct") else "")
        return types.FunctionType(self.code, space.dict)()

    def spell(self) -> tuple[Any, ...]:
        """For `marshal`; raises Unspeakable when a constant is a live object."""
        values = tuple(encode(v) for v in self.values)
        return (self.raw, values, tuple(encode_meta(m) for m in self.metas), (self.flag, self.names))

    def spell_source(self) -> bytes:
        assert self.source is not None
        return zlib.compress(marshal.dumps(spell_tree(self.source.tree)), 1)

    @classmethod
    def read(cls, spelled: tuple[Any, ...], tree: Callable[[], ast.Module]) -> Unit:
        """The unit SPELLED; TREE gives what it was compiled from, if that is ever asked for."""
        raw, values, metas, relied = spelled
        unit = cls(raw, [decode(v) for v in values], [decode_meta(m) for m in metas], None, relied)
        unit.keep_source(tree)
        return unit

    def keep_source(self, tree: ast.Module | Callable[[], ast.Module]) -> None:
        self.source = Source(tree, self.values, self.metas)
        attach(self.source, self.metas)


def kind_of(node: Node | None) -> tuple[str, str]:
    """(procedure, direct, form or other; the name): what a unit does when it runs, if only define one
    thing.
    """
    if not isinstance(node, Define):
        return "other", node.name if isinstance(node, SetGlobal) else ""
    value = node.value
    if isinstance(value, Lambda):
        return "direct" if value.direct else "procedure", node.name
    made_by = value.fn.value if isinstance(value, Call) and isinstance(value.fn, Const) else None
    return "form" if made_by in (rules_row, procedure_row) else "other", node.name


def compile_unit(node: Node, space: Namespace, file: str, metered: bool) -> Unit:
    """Code that computes NODE in SPACE."""
    pool = Pool(HELPER_NAMES)
    source = keep_source(node, space)
    merge_locals(node)
    unit = Lambda(Params(), node, "", None, node.span)
    emitter = Emitter(unit, space, pool, metered, source)
    Preparation(emitter.unit, lambda name: kind_of_callee(space.get(name)) == "host")
    tree = ast.Module(body=[emitter.unit], type_ignores=[])
    module = compile(tree, file, "exec", dont_inherit=True, optimize=0)
    raw = next(constant for constant in module.co_consts if constant.__class__ is types.CodeType)
    made = Unit(raw, pool.values, pool.metas, node, (emitter.flag, emitter.names))
    made.keep_source(tree)
    return made
