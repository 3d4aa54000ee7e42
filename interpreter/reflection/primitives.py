"""Primitives that reach the session they run in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chorus.interpreter.compiler.syntax import Alias, Row, lookup, strip
from chorus.interpreter.evaluator import Evaluator
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.primitive import Name, primitive
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, Pair, Symbol, make_list


@primitive("eval", effects="pure")
def eval_(ctx: Context, form: Any, environment: Any = None) -> Any:
    """The value of FORM, evaluated in the session's environment.

    > (eval '(+ 1 2))
    => 3
    """
    session = ctx.session
    span = form.span if isinstance(form, Pair) else None
    evaluator = Evaluator(session.space, session.limits.metered, ctx.check)
    return evaluator.evaluate(form, span, span.file if span else "<eval>")


@primitive("interaction-environment", effects="pure", aliases=("system-global-environment",))
def interaction_environment(ctx: Context) -> Any:
    """What `eval` takes as its environment: this session's own.

    > (eval '(* 2 3) (interaction-environment))
    => 6
    """
    return Symbol("interaction-environment")


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


@primitive("doc", effects="pure")
def doc(ctx: Context, name: Any) -> Any:
    """What is known of NAME, a symbol, string or procedure: a table with :name :usage :doc :effects
    :source, or #f.

    > (get (doc 'car) :usage)
    => "(car pair)"
    """
    wanted = getattr(name, "name", None) or (name if isinstance(name, str) else getattr(name, "__name__", ""))
    described = ctx.session.describe(str(wanted))
    if described is None:
        return False
    shown = ("name", "usage", "doc", "effects", "source")
    return HashTable((Keyword(key), _lisp(described.get(key))) for key in shown)


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


@primitive("load", effects="read-file")
def load(ctx: Context, path: str) -> Any:
    """Run the forms of the file PATH in this session; the value of the last.

    > (procedure? load)
    => #t
    """
    from chorus.interpreter.reader import read_spanned

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise ChorusError(f"cannot load {path}: {why}", code="file") from None
    session = ctx.session
    evaluator = Evaluator(session.space, session.limits.metered, ctx.check)
    value: Any = UNSPECIFIED
    for form, span in read_spanned(text, path):
        value = evaluator.evaluate(form, span, path)
    return value


@primitive("exit", effects="pure", aliases=("emergency-exit",))
def exit_(ctx: Context, code: Any = 0) -> Any:
    """End the program: with exit code 0, or the integer CODE; #t is 0 and #f is 1.

    > (procedure? exit)
    => #t
    """
    if code is True or code is False:
        code = 0 if code else 1
    if not isinstance(code, int) or not 0 <= code < 256:
        raise EvalError("exit: the code should be an integer from 0 to 255, #t or #f", code="type")
    raise SystemExit(code)


@primitive("command-line", effects="pure")
def command_line(ctx: Context) -> Any:
    """The script's name and its arguments, a list of strings.

    > (list? (command-line))
    => #t
    """
    return make_list(ctx.arguments)


@primitive("features", effects="pure")
def features(ctx: Context) -> Any:
    """What this system offers, as symbols.

    > (memq 'chorus (features))
    => (chorus)
    """
    return make_list(
        [Symbol(name) for name in ("r7rs-small-subset", "exact-closed", "ratios", "full-unicode", "chorus")]
    )
