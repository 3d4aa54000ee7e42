"""Code that counts steps, made of code that does not: for sessions under limits whose base was made without.

A step is counted where a procedure begins and in each round of a loop, so that whatever goes on for long is counted.
"""

from __future__ import annotations

import _ast as ast
from types import CodeType, FunctionType
from typing import Any

from chorus.interpreter.compiler.constants import install
from chorus.interpreter.compiler.sources import POSITION, Source, attach, nodes_of, read_tree, spell_tree
from chorus.interpreter.compiler.twins import COMPILING
from chorus.interpreter.compiler.writer import STORE
from chorus.runtime.calling import Heat, Meta, meta_of_code

LOAD = ast.Load()


def metered(function: FunctionType, meta: Meta) -> tuple[CodeType, tuple[Any, ...]]:
    """The code of FUNCTION, which META describes, counting steps; and its cells in the order of that."""
    cells = function.__closure__ or ()
    code = None if meta.source is None else _codes(meta.source).get(meta.number)
    if code is None:
        return function.__code__, cells
    named = dict(zip(function.__code__.co_freevars, cells, strict=True))
    return code, tuple(named[name] for name in code.co_freevars)


def _codes(source: Source) -> dict[int, CodeType]:
    """Number → code of the functions of SOURCE, made once for all sessions."""
    with COMPILING:
        if source.metered is None:
            source.metered = _compiled(source)
        return source.metered


def _compiled(source: Source) -> dict[int, CodeType]:
    tree = read_tree(spell_tree(source.tree))
    for node in list(nodes_of(tree)):
        if node.__class__ is ast.FunctionDef or (
            node.__class__ in (ast.While, ast.For) and not _counts(node)
        ):
            _pay(node.body)
    metas = [meta.copy(meta.__class__) for meta in source.metas]
    for meta in metas:
        meta.heat = Heat()  # stackless versions are made of this code
    attach(Source(tree, source.values, metas), metas)
    span = next((meta.span for meta in metas if meta.span is not None), None)
    raw = compile(tree, "<form>" if span is None else span.file, "exec", dont_inherit=True, optimize=0)
    found: dict[int, CodeType] = {}
    work = [install(raw, source.values, metas)]
    while work:
        code = work.pop()
        work += [each for each in code.co_consts if each.__class__ is CodeType]
        made = meta_of_code(code)
        if made is not None:
            found[made.number] = code
    return found


def _counts(loop: Any) -> bool:
    """Whether LOOP is one over what counts calls or steps."""
    iterator = getattr(loop, "iter", None)
    return iterator.__class__ is ast.Name and iterator.id.startswith("$:")


def _is_note(node: Any) -> bool:
    """Whether NODE does nothing, but tells about the function that it opens: its Meta, where its variables are."""
    noted = node.__class__ is ast.Expr and node.value.__class__ is ast.Constant
    return noted or node.__class__ in (ast.Global, ast.Nonlocal)


def _pay(body: list[Any]) -> None:
    """Let BODY begin with a step: an iterator that runs dry calls the meter."""
    at = next(at for at, node in enumerate(body) if not _is_note(node) or at == len(body) - 1)
    place = {name: getattr(body[at], name) for name in ("lineno", *POSITION)}
    call = ast.Call(ast.Name("$:out-of-fuel", LOAD, **place), [], [], **place)
    dry: list[ast.stmt] = [ast.Expr(call, **place)]
    stop: list[ast.stmt] = [ast.Break(**place)]
    step = ast.Name("step~", STORE, **place)
    body.insert(at, ast.For(step, ast.Name("$:fuel", LOAD, **place), stop, dry, None, **place))
