"""How a procedure may be called, as far as the procedure itself tells: what `chorus check` holds calls against."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

from chorus.interpreter.compiler.constants import Signature
from chorus.interpreter.compiler.nodes import Const, Node, Params
from chorus.runtime.calling import meta_of
from chorus.runtime.errors import ArityError, EvalError, UnknownKeyword, counted
from chorus.runtime.primitive import TABLE
from chorus.runtime.values import Keyword


class Shape(NamedTuple):
    """MOST: positional arguments at most, None without end. KEYWORDS: name → must be given."""

    name: str
    least: int
    most: int | None
    keywords: dict[str, bool]
    usage: str

    def wrong_with(self, args: Sequence[Node]) -> EvalError | None:
        """The error that a call with ARGS would be, its place still open but for a keyword's."""
        plain, given, at = 0, set(), 0
        while at < len(args):
            node = args[at]
            key = node.value if isinstance(node, Const) and node.value.__class__ is Keyword else None
            if (
                key is None
                or not self.keywords
                or (key.name not in self.keywords and self._may_be_data(plain))
            ):
                plain, at = plain + 1, at + 1
            elif key.name not in self.keywords:
                unknown = UnknownKeyword(self.name, key, self.keywords)
                unknown.span = node.span
                return unknown
            elif at + 1 == len(args):
                return ArityError(
                    f"{self.name}: the keyword :{key.name} has no value after it", span=node.span
                )
            else:
                given.add(key.name)
                at += 2
        if plain < self.least or (self.most is not None and plain > self.most):
            return ArityError(f"{self.name} got {counted(plain)}", hint=f"usage: {self.usage}")
        lacking = next((key for key, needed in self.keywords.items() if needed and key not in given), None)
        if lacking is not None:
            return ArityError(f"{self.name} needs :{lacking}", hint=f"usage: {self.usage}")
        return None

    def _may_be_data(self, plain: int) -> bool:
        """Whether a keyword that is no parameter's may be the value of the positional parameter after PLAIN."""
        return self.most is None or plain < self.most


def shape_of_params(params: Params, name: str) -> Shape:
    least = len(params.required)
    most = None if params.rest else least + len(params.optional)
    keywords = {key: default is None for key, _, default in params.keywords}
    return Shape(name, least, most, keywords, params.usage(name))


def shape_of(name: str, value: Any) -> Shape | None:
    """The shape of what the global NAME is bound to; None where it cannot be told."""
    load = getattr(value, "load", None)
    if load is not None:
        value = load()
    meta = meta_of(value)
    if meta is not None:
        usage = meta.usage.replace(f"({meta.name}", f"({name}", 1)
        return _compiled(name, usage, value)
    made = TABLE.get(name)
    if made is not None and callable(value):
        kinds = [each.kind for each in made.parameters]
        least = kinds.count("required")
        most = None if "rest" in kinds else least + kinds.count("optional")
        keywords = {each.name: False for each in made.parameters if each.kind == "keyword"}
        return Shape(name, least, most, keywords, made.usage.replace(f"({made.name}", f"({name}", 1))
    return None


def _compiled(name: str, usage: str, function: Any) -> Shape:
    code = function.__code__
    signature = next((each for each in code.co_consts if each.__class__ is Signature), None)
    if signature is not None:
        most = None if signature.rest else signature.required + signature.optional
        return Shape(name, signature.required, most, dict(signature.keywords), usage)
    count = code.co_argcount
    rest = bool(code.co_flags & inspect.CO_VARARGS)
    return Shape(name, count - len(function.__defaults__ or ()), None if rest else count, {}, usage)
