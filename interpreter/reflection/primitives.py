"""What a program can ask of the session it runs in: macro expansion, documentation, names."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.syntax import Alias, Row, is_identifier, lookup, strip
from chorus.interpreter.describe import as_text
from chorus.interpreter.diagnostics import name_hint
from chorus.runtime.context import Context
from chorus.runtime.errors import UnboundName
from chorus.runtime.ports import TextOutput
from chorus.runtime.primitive import Name, primitive, wrong_type
from chorus.runtime.primitives.ports import given
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, Pair, Symbol, make_list


def expanded_once(ctx: Context, form: Any) -> Any:
    """FORM with its outermost macro expanded once; FORM itself if it is no macro's."""
    if isinstance(form, Pair) and form.car.__class__ in (Symbol, Alias):
        found, _ = lookup(form.car, ctx.session.space)
        if found.__class__ is Row and found.macro is not None:
            return found.macro(form, ctx.session.space)
    return form


@primitive("macroexpand-1", effects="pure")
def macroexpand_1(ctx: Context, form: Any) -> Any:
    """FORM with the macro at its head expanded once.

    > (macroexpand-1 '(when a b))
    => (if a (begin b))
    """
    return strip(expanded_once(ctx, form))


@primitive("macroexpand", effects="pure")
def macroexpand(ctx: Context, form: Any) -> Any:
    """FORM with the macro at its head expanded until there is none.

    > (macroexpand '(let ((a 1)) a))
    => ((lambda (a) a) 1)
    """
    while True:
        ctx.charge(1)
        after = expanded_once(ctx, form)
        if after is form:
            return strip(form)
        form = after


@primitive("documentation", effects="pure")
def documentation(ctx: Context, name: Any) -> Any:
    """What is known of NAME, a symbol, string or procedure: a table with :name :kind :usage :doc :examples :effects
    :source, or #f.

    > (get (documentation 'car) :usage)
    => "(car pair)"
    """
    described = ctx.session.describe(_name_of(name))
    if described is None:
        return False
    shown = ("name", "kind", "usage", "doc", "effects", "source")
    known = [(Keyword(key), _lisp(described.get(key))) for key in shown]
    return HashTable([*known, (Keyword("examples"), make_list(map(make_list, described["examples"])))])


def _name_of(thing: Any) -> str:
    name = getattr(thing, "name", None) or (
        thing if isinstance(thing, str) else getattr(thing, "__name__", None)
    )
    if not isinstance(name, str):
        raise wrong_type("documentation", "name", "a symbol, a string or a procedure", thing)
    return name


@primitive("%doc", effects="output")
def show_doc(ctx: Context, name: Any) -> Any:
    """Show what is known of NAME on the output port.

    > (%doc 'car)
    => …
    """
    wanted = _name_of(name)
    described = ctx.session.describe(wanted)
    if described is None:
        raise UnboundName(
            f"doc: nothing is called {wanted}",
            hint=name_hint(wanted, ctx.session.names()) or f'(apropos "{wanted}") looks in names and docs',
            irritants=(wanted,),
        )
    text = as_text(described) + "\n"
    ctx.charge(len(text) >> 3, len(text))
    given(ctx, None, "current-output-port", TextOutput, "doc").write(text)
    return UNSPECIFIED


def _lisp(value: Any) -> Any:
    if value is None:
        return False
    return make_list([Symbol(item) for item in value]) if isinstance(value, list) else value


@primitive("apropos", effects="pure")
def apropos(ctx: Context, word: Name) -> Any:
    """The names that contain WORD, and after them those whose documentation does.

    > (car (apropos "call-with-val"))
    => call-with-values
    """
    session, wanted = ctx.session, word.lower()
    names = [name for name in session.names() if not name.startswith("%")]
    by_name = [name for name in names if wanted in name.lower()]
    by_doc = []
    for name in names:
        ctx.check()
        if name not in by_name and wanted in (session.describe(name) or {}).get("doc", "").lower():
            by_doc.append(name)
    return make_list([Symbol(name) for name in by_name + by_doc])


@primitive("bound?", effects="pure")
def is_bound(ctx: Context, name: Symbol) -> bool:
    """Whether NAME has a value or is a form.

    > (list (bound? 'car) (bound? 'no-such-name))
    => (#t #f)
    """
    return ctx.session.space.holds(name.name)


@primitive("%form?", effects="pure")
def is_form(ctx: Context, name: Any, compare: Any = None) -> bool:
    """Whether NAME is the name of a form of the session: a macro's or a special form's; with the COMPARE of a macro's
    procedure, whether it is one where that macro is used.

    > (list (%form? 'when) (%form? 'car) (%form? 5))
    => (#t #f #f)
    """
    place = getattr(compare, "use", None) or ctx.session.space
    return name.__class__ is Symbol and lookup(name, place)[0].__class__ is Row


@primitive("%identifier?", effects="pure", checked=False)
def is_identifier_(value: Any) -> bool:
    """Whether VALUE is a name in a form that a macro works on: a symbol, or what a macro made of one.

    > (%identifier? 'a)
    => #t
    """
    return is_identifier(value)
