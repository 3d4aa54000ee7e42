"""A unit: one top-level form compiled, ready to run in a namespace, or spelled for the cache."""

from __future__ import annotations

import _ast as ast
import marshal
import types
import zlib
from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.constants import (
    decode,
    decode_meta,
    encode,
    encode_meta,
    install,
    looked_up,
)
from chorus.interpreter.compiler.nodes import Call, Const, Define, Lambda, Node, SetGlobal
from chorus.interpreter.compiler.sources import Source, attach, spell_tree
from chorus.interpreter.compiler.syntax import Env, Row, is_identifier, lookup
from chorus.interpreter.compiler.syntax_forms import procedure_row, rules_row
from chorus.interpreter.compiler.walk import below
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import Meta
from chorus.runtime.continuations import transparent
from chorus.runtime.values import Pair

NAMING = ("define", "define-syntax", "set!")  # forms that give a global a value


class Unit:
    """Compiled code, before (`raw`) and after its constants are in place (`code`)."""

    __slots__ = ("code", "flag", "kind", "metas", "name", "names", "places", "raw", "source", "values")

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
        self.places = looked_up(raw)
        self.source: Source | None = None

    @transparent
    def run(self, space: Namespace) -> Any:
        if self.flag:
            space.rely(self.flag, self.names, self.name if self.kind in ("procedure", "direct") else "")
        space.foundation.link(self.places)
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


def kind_within(node: Node, form: Any, env: Env) -> tuple[str, str]:
    """The same where code of an evaluator's own stands around what FORM, which NODE was made of in ENV, means."""
    if not isinstance(form, Pair) or not isinstance(form.cdr, Pair):
        return "other", ""
    row, target = lookup(form.car, env)[0] if is_identifier(form.car) else None, form.cdr.car
    if not isinstance(row, Row) or row.name not in NAMING:
        return "other", ""
    if row.name != "set!":
        return next((kind_of(each) for each in below(node) if isinstance(each, Define)), ("other", ""))
    place = lookup(target, env)[1] if is_identifier(target) else None
    found = (each for each in below(node) if isinstance(each, SetGlobal))
    return "other", next((each.name for each in found if place and each.name == place[1]), "")
