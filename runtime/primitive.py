"""One declaration per host primitive, from which usage, arity and type checks, docs, effects and examples derive.

    @primitive("string-repeat", effects="pure")
    def string_repeat(text: str, times: int, *, between: str = "") -> str:
        '''TEXT written TIMES times, with BETWEEN in the gaps.

        > (string-repeat "ab" 2 :between "-")
        => "ab-ab"
        '''

Positional parameters with a default are optional, `*rest` takes what is left, keyword-only parameters are given as
`:between value`. A first parameter named `ctx` receives the session's Context and is invisible to the language.
Host primitives are first-order: whatever calls a Lisp procedure is written in the stdlib.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from functools import cached_property
from keyword import iskeyword
from typing import Annotated, Any, Union

from chorus.runtime.accepts import ACCEPTS, REJECT, Accept, Items, Name, Procedure, seeded, wrong_type
from chorus.runtime.calling import named, with_context
from chorus.runtime.capabilities import NEEDS, Capabilities
from chorus.runtime.continuations import stackless_version
from chorus.runtime.errors import ArityError, CapabilityDenied, EvalError, UnknownKeyword, counted
from chorus.runtime.quick import Taken, quickly
from chorus.runtime.values import Keyword

TAKES_REST = 0x04  # a flag of code: CO_VARARGS


class Parameter:
    """One parameter as the language sees it."""

    def __init__(self, name: str, kind: str, annotation: Any = None, default: Any = None) -> None:
        self.name = name
        self.kind = kind  # required | optional | rest | keyword
        self.annotation = annotation
        self.default = default

    @property
    def usage(self) -> str:
        match self.kind:
            case "required":
                return self.name
            case "optional":
                return f"[{self.name}]"
            case "rest":
                return f"{self.name} …"
        return f":{self.name} {_spell(self.default)}"

    @property
    def host_name(self) -> str:
        name = self.name.replace("-", "_")
        return name + "_" if iskeyword(name) else name  # `:as` is received as `as_`

    @cached_property
    def accepts(self) -> tuple[Accept, ...]:
        """Empty: anything goes."""
        return _accepts(self.annotation)

    @property
    def as_is(self) -> frozenset[type] | None:
        """Classes whose values `convert` gives back; None: all."""
        if not self.accepts:
            return None
        known = frozenset[type]().union(*(accept.as_is for accept in self.accepts))
        return known - {bool} if self.default is None else known  # there #f may stand for "not given"

    @property
    def taken(self) -> Taken | None:
        """Other classes of values that it is given often, and what converts them."""
        return next((accept.taken for accept in self.accepts if accept.taken is not None), None)

    def convert(self, value: Any, caller: str) -> Any:
        if not self.accepts:
            return value
        if value is None or (
            value is False and self.default is None and self.kind in ("optional", "keyword")
        ):
            return None  # #f stands for "not given" where the default is none
        for accept in self.accepts:
            got = accept.convert(value)
            if got is not REJECT:
                return got
        wanted = " or ".join(accept.label for accept in self.accepts)
        raise wrong_type(caller, self.name, wanted, value)


Quick = Callable[[Any, Callable[..., Any]], Callable[..., Any]]


class Primitive:
    """A declared primitive."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        effects: frozenset[str],
        checked: bool = True,
        aliases: tuple[str, ...] = (),
        own: bool = False,
        quick: Quick | None = None,
    ) -> None:
        self.quick = quick
        self.name = name
        self.function = function
        self.effects = effects
        self.checked = checked
        self.aliases = aliases
        self.own = own
        self.takes_context = _innermost(function).__code__.co_varnames[:1] == ("ctx",)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        hints = typing.get_type_hints(self.function, include_extras=True)
        declared = list(_declared(_innermost(self.function)))[self.takes_context :]
        return tuple(
            Parameter(name.rstrip("_").replace("_", "-"), kind, hints.get(name), default)
            for name, kind, default in declared
        )

    @property
    def usage(self) -> str:
        return "(" + " ".join([self.name, *(p.usage for p in self.parameters)]) + ")"

    @property
    def doc(self) -> str:
        """The docstring without its examples."""
        return split_doc(self.function.__doc__ or "")[0]

    @property
    def examples(self) -> list[tuple[str, str]]:
        """(form, what `write` prints of its value; "" when only that it runs is claimed)."""
        return split_doc(self.function.__doc__ or "")[1]

    @property
    def shapes(self) -> str:
        """Shapes of tensors, from `Annotated[Tensor, "n d"]`; empty where there are none."""
        shown = [(p.name, _shape(p.annotation)) for p in self.parameters]
        result = _shape(typing.get_type_hints(self.function, include_extras=True).get("return"))
        parts = [f"{name} [{shape}]" for name, shape in shown if shape]
        return ", ".join(parts) + (f" → [{result}]" if result else "")

    @property
    def source(self) -> tuple[str, int]:
        code = _innermost(self.function).__code__
        return code.co_filename, code.co_firstlineno


def _innermost(function: Any) -> Any:
    """The function itself, without its decorators."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _place(function: Any) -> tuple[str, str]:
    """Where a function is written; a module that is loaded anew declares its primitives again."""
    return function.__module__, function.__qualname__


TABLE: dict[str, Primitive] = {}


def primitive(
    name: str,
    *,
    effects: str,
    checked: bool = True,
    aliases: tuple[str, ...] = (),
    own: bool = False,
    quick: Quick | None = None,
) -> Callable:
    """Declare the decorated function as primitive NAME.

    EFFECTS: space-separated names of `capabilities.NEEDS`. CHECKED=False leaves arguments to the function itself:
    for the few that are called millions of times a second. OWN: each session has a procedure of its own, which the
    function makes from the session's Context. QUICK makes, of the Context and the checking procedure, one that sees to
    the most frequent arguments itself and leaves all others to it.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = frozenset(effects.split())
        unknown = declared - NEEDS.keys()
        if unknown or not declared:
            raise TypeError(f"primitive {name}: undeclared effect {sorted(unknown)}")
        made = Primitive(name, function, declared, checked, aliases, own, quick)
        for key in (name, *aliases):
            known = TABLE.get(key)
            if known is not None and _place(known.function) != _place(function):
                raise TypeError(
                    f"primitive {key} is declared twice, in {known.function.__module__} and {function.__module__}"
                )
            TABLE[key] = made
        return function

    return declare


def bind(
    made: Primitive, context: Any, granted: Capabilities, name: str = "", usage: str = ""
) -> Callable[..., Any]:
    """The callable that a session's environment holds for MADE under NAME, which may be an alias.

    USAGE, when it is known already, saves looking at the function.
    """
    name = name or made.name
    missing = granted.missing(made.effects)
    if missing:
        return _denier(name, missing)
    if made.own:
        return made.function(context)
    usage = _usage_as(name, usage or made.usage)
    if made.checked:
        call = named(_checking(made, context, name, usage), name, usage)
        return call if made.quick is None else named(made.quick(context, call), name, usage)
    bound = (
        with_context(made.function, context, name, usage)
        if made.takes_context
        else named(made.function, name, usage)
    )
    own = stackless_version(made.function, context)
    if own is not None:
        getattr(bound, "__func__", bound).__doc__ = own  # where drivers look
    return bound


def _usage_as(name: str, usage: str) -> str:
    """USAGE of a primitive as it is for its alias NAME."""
    _, blank, parameters = usage[1:-1].partition(" ")
    return f"({name}{blank}{parameters})"


def _denier(name: str, capability: str) -> Callable[..., Any]:
    def denied(*args: Any) -> Any:
        raise CapabilityDenied(capability, name.lstrip("%"))

    denied.__name__ = name
    return denied


def _checking(made: Primitive, context: Any, name: str, usage: str) -> Callable[..., Any]:
    """Check arity and types, sort out keywords, then call."""
    positional = [p for p in made.parameters if p.kind in ("required", "optional")]
    required = sum(p.kind == "required" for p in positional)
    rest = next((p for p in made.parameters if p.kind == "rest"), None)
    keywords = {p.name: p for p in made.parameters if p.kind == "keyword"}
    lead = (context,) if made.takes_context else ()
    function = made.function
    sorted_out = _sorting(made, name, usage)

    def call(*args: Any) -> Any:
        args, given = sorted_out(args)
        converted = [p.convert(value, name) for p, value in zip(positional, args, strict=False)]
        if rest is not None:
            converted += [rest.convert(value, name) for value in args[len(positional) :]]
        return function(*lead, *converted, **given)

    optional = any(p.kind == "optional" for p in positional)
    plain = [p for p in made.parameters if p.kind != "keyword"]
    classes, taken = [p.as_is for p in plain], [p.taken for p in plain]
    if not plain or (rest is not None and (optional or keywords)):
        return call
    quick = quickly(call, function, required, classes, rest is not None, lead, taken)
    if not keywords:
        return quick
    if any(each is None or Keyword in each for each in classes):
        return call

    def without_keywords(*args: Any) -> Any:
        return quick(*args) if required <= len(args) <= len(positional) else call(*args)

    return without_keywords


def _sorting(made: Primitive, name: str, usage: str) -> Callable[[tuple[Any, ...]], Any]:
    """What gives the arguments of a call of MADE without keywords and those with, or says which are wanting."""
    positional = sum(p.kind in ("required", "optional") for p in made.parameters)
    required = sum(p.kind == "required" for p in made.parameters)
    endless = any(p.kind == "rest" for p in made.parameters)
    keywords = {p.name: p for p in made.parameters if p.kind == "keyword"}

    def sorted_out(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        given: dict[str, Any] = {}
        if keywords:
            args, given = take_keywords(args, keywords, name, positional)
        if len(args) < required or (not endless and len(args) > positional):
            raise ArityError(f"{name} got {counted(len(args))}", hint=f"usage: {usage}")
        return args, given

    return sorted_out


def insist_on_fit(made: Primitive, name: str, args: tuple[Any, ...], types: bool) -> None:
    """Raise what a call of MADE under NAME with ARGS would before it does anything; TYPES: of their types, too."""
    if made.own or not made.checked:
        return
    usage = _usage_as(name, made.usage)
    if not types:
        keywords = {p.name for p in made.parameters if p.kind == "keyword"}
        if not any(value.__class__ is Keyword and value.name in keywords for value in args):
            _sorting(made, name, usage)(args)
        return
    plain, _ = _sorting(made, name, usage)(args)
    parameters = [p for p in made.parameters if p.kind != "keyword"]
    parameters += parameters[-1:] * len(plain)  # a rest parameter takes all that are left
    for parameter, value in zip(parameters, plain, strict=False):
        parameter.convert(value, name)


def take_keywords(
    args: tuple[Any, ...], keywords: dict[str, Parameter], caller: str, after: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Split `:name value` pairs off ARGS; a keyword among the first AFTER arguments may also be plain data."""
    plain: list[Any] = []
    named: dict[str, Any] = {}
    at = 0
    while at < len(args):
        value = args[at]
        if value.__class__ is not Keyword or (value.name not in keywords and len(plain) < after):
            plain.append(value)
            at += 1
            continue
        parameter = keywords.get(value.name)
        if parameter is None:
            raise UnknownKeyword(caller, value, keywords)
        if at + 1 == len(args):
            raise ArityError(f"{caller}: the keyword :{value.name} has no value after it")
        named[parameter.host_name] = parameter.convert(args[at + 1], caller)
        at += 2
    return tuple(plain), named


def split_doc(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Separate prose from `> form` / `=> value` examples."""
    import inspect

    prose: list[str] = []
    examples: list[tuple[str, str]] = []
    for line in inspect.cleandoc(text).splitlines():
        if line.startswith("> "):
            examples.append((line[2:], ""))
        elif line.startswith("=> ") and examples:
            examples[-1] = (examples[-1][0], line[3:])
        elif line.startswith("  ") and examples and not examples[-1][1]:
            examples[-1] = (examples[-1][0] + "\n" + line, "")
        else:
            prose.append(line)
    return "\n".join(prose).strip(), examples


def _declared(function: Any) -> Iterator[tuple[str, str, Any]]:
    """(name, kind, default) of FUNCTION's parameters; `inspect`, which knows them too, takes longer to load."""
    code, defaults = function.__code__, function.__defaults__ or ()
    names, count, only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    required = count - len(defaults)
    for at, name in enumerate(names[:count]):
        yield (name, "required", None) if at < required else (name, "optional", defaults[at - required])
    if code.co_flags & TAKES_REST:
        yield names[count + only], "rest", None
    for name in names[count : count + only]:
        yield name, "keyword", (function.__kwdefaults__ or {}).get(name)


def _accepts(annotation: Any) -> tuple[Accept, ...]:
    if annotation in ACCEPTS:
        return (ACCEPTS[annotation],)
    if typing.get_origin(annotation) is Annotated:
        return _accepts(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        each = [_accepts(part) for part in parts]
        return tuple(a for accepted in each for a in accepted) if all(each) else ()
    return ()


def _shape(annotation: Any) -> str:
    if typing.get_origin(annotation) is Annotated:
        return " ".join(extra for extra in typing.get_args(annotation)[1:] if isinstance(extra, str))
    return ""


def _spell(value: Any) -> str:
    if value is None or value.__class__ is bool:
        return "#t" if value else "#f"
    return repr(value)


__all__ = [
    "ACCEPTS",
    "REJECT",
    "TABLE",
    "Accept",
    "EvalError",
    "Items",
    "Name",
    "Parameter",
    "Primitive",
    "Procedure",
    "bind",
    "primitive",
    "seeded",
    "wrong_type",
]
