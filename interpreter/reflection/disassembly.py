"""What a procedure or a form is compiled to: its core form, and the Python that runs.

In the Python, `$:d:NAME` is the entry of the global NAME that never returns a pending call, `$:p:NAME` the primitive
as the language came with it, `$:v:N` whether what a region relies on still holds, `$:i:N` the entry of a region.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from chorus.interpreter.compiler.compile import compile_unit
from chorus.interpreter.compiler.constants import MARK, META
from chorus.interpreter.compiler.nodes import Define
from chorus.interpreter.compiler.sites import meta_number
from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.describe import read_at
from chorus.interpreter.diagnostics import SOURCES
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.host_errors import STDLIB
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reflection.core_forms import core_form
from chorus.runtime.calling import Meta, meta_of
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError, Span
from chorus.runtime.ports import TextOutput
from chorus.runtime.primitive import TABLE, primitive
from chorus.runtime.primitives.ports import given
from chorus.runtime.printer import write
from chorus.runtime.values import UNSPECIFIED, Pair, Symbol, is_procedure, make_list

SERIAL = re.compile(r"~+\d+$")  # what keeps apart the Python names of variables of one name
REGION = "$:i:"


def nodes_of(ctx: Context, form: Any, space: Namespace | None = None) -> Iterator[Any]:
    evaluator = Evaluator(space or ctx.session.space, ctx.session.limits.metered, ctx.check)
    span = getattr(form, "span", None)
    return evaluator.nodes(form, span, span.file if span else "<form>")


@primitive("macroexpand-all", effects="pure")
def macroexpand_all(ctx: Context, form: Any) -> Any:
    """FORM with every macro in it expanded: the core form that is compiled. Nothing is run.

    > (macroexpand-all '(lambda (a b) (and a (when b 1))))
    => (lambda (a b) (if a (if b 1 #<unspecified>) #f))
    """
    forms = [core_form(node) for node in nodes_of(ctx, form)]
    return forms[0] if len(forms) == 1 else make_list([Symbol("begin"), *forms])


@primitive("disassemble", effects="output")
def disassemble(ctx: Context, thing: Any) -> Any:
    """Show what a procedure or a quoted form is compiled to: its core form, then the Python that runs. A symbol stands
    for what it is bound to.

    > (disassemble car)
    => …
    > (disassemble '(lambda (x) (+ x 1)))
    => …
    """
    port = given(ctx, None, "current-output-port", TextOutput, "disassemble")
    for part in _parts(ctx, thing):
        ctx.charge(len(part) >> 3, len(part))
        port.write(part + "\n")
    return UNSPECIFIED


def _parts(ctx: Context, thing: Any) -> Iterator[str]:
    """What there is to show of THING, a procedure, its name or a form: core forms, then the host's code."""
    bound = ctx.session.space.get(thing.name) if thing.__class__ is Symbol else None
    if bound.__class__ is Row:
        raise EvalError(
            f"disassemble: {thing.name} is a form, and compiled where it is used",
            code="type",
            hint=f"(macroexpand-all '({thing.name} …)) shows what it becomes",
        )
    thing = thing if bound is None else bound
    thing = getattr(thing, "original", thing)
    load = getattr(thing, "load", None)
    thing = thing if load is None else load()
    if not is_procedure(thing):
        yield from _of_form(ctx, thing)
        return
    meta = meta_of(thing)
    if meta is None:
        yield _of_host(thing)
        return
    form = source_form(meta)
    if form is not None:
        yield from _core(ctx, form, meta)
    try:
        shown = python_of(meta)
    except (
        LookupError
    ):  # another process has replaced the stdlib's files, and their cache, since this one started
        yield "; the Python of this procedure is no longer at hand"
        return
    yield "; Python"
    yield shown


def _of_form(ctx: Context, form: Any) -> Iterator[str]:
    for node in nodes_of(ctx, form):
        yield "; core"
        yield write(core_form(node))
        unit = compile_unit(node, ctx.session.space, "<form>", ctx.session.limits.metered)
        yield "; Python"
        assert unit.source is not None
        body = _definition(unit.source.tree).body
        yield _text(body, unit.values)


def _of_host(procedure: Any) -> str:
    made = TABLE.get(getattr(procedure, "__name__", ""))
    if made is None:
        return f"; {write(procedure)} is a procedure of the host"
    place = f"{made.function.__module__.partition('.')[2].replace('.', '/')}.py:{made.source[1]}"
    return f"; {made.usage} is a primitive, written in Python: {place}"


def _core(ctx: Context, form: Any, meta: Meta) -> Iterator[str]:
    """The core of FORM, from which the procedure of META was made; nothing if it no longer compiles."""
    stdlib = meta.span is not None and meta.span.file.startswith(STDLIB)
    space = ctx.session.space.foundation if stdlib else ctx.session.space
    try:
        forms = [node for node in nodes_of(ctx, form, space) if isinstance(node, Define) or not stdlib]
    except ChorusError:
        return
    yield "; core"
    for node in forms:
        yield write(core_form(node))


def source_form(meta: Meta) -> Any:
    """The form that the procedure of META was compiled from; None if its text is no longer at hand."""
    form = read_at(meta.span)
    text = "" if meta.span is None else SOURCES.text(meta.span) or ""
    return form if isinstance(form, Pair) and (meta.name or "lambda") in text else None


# — Python —


def python_of(meta: Meta) -> str:
    """The function of META, and the regions that it enters, as Python."""
    source = meta.source
    functions = {
        number: node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and (number := meta_number(node)) is not None
    }
    regions = _regions(source.tree)
    wanted = {functions[meta.number]: meta.name or "procedure"}
    work = [functions[meta.number]]
    while work:
        used = {each.id for each in ast.walk(work.pop()) if isinstance(each, ast.Name)}
        found = {regions[name]: name for name in sorted(used & regions.keys()) if regions[name] not in wanted}
        wanted |= found
        work += found
    return _text(list(wanted), source.values, {node.name: name for node, name in wanted.items()})


def _regions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Global name of a region's entry → the function that it is given."""
    found: dict[str, ast.FunctionDef] = {}
    made: dict[str, ast.FunctionDef] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            made[node.name] = node
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in made:
            found |= {
                target.id: made[node.value.id]
                for target in node.targets
                if isinstance(target, ast.Name) and target.id.startswith(REGION)
            }
    return found


def _definition(tree: ast.Module) -> ast.FunctionDef:
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef))


def _text(statements: Iterable[ast.stmt], values: list[Any], names: dict[str, str] | None = None) -> str:
    cleaner = _Cleaner(values, names or {})
    cleaned = [cleaner.visit(_copied(each)) for each in statements]
    return "\n".join(ast.unparse(ast.Module([each], [])) for each in cleaned if each is not None)


def _copied(part: Any) -> Any:
    """PART of a tree with nothing in it twice: the compiler lets one node stand in several places."""
    if isinstance(part, list):
        return [_copied(each) for each in part]
    if not isinstance(part, ast.AST):
        return part
    made = part.__class__(**{field: _copied(value) for field, value in ast.iter_fields(part)})
    return ast.copy_location(made, part)


class _Cleaner(ast.NodeTransformer):
    """Names as they were written, constants as they print; what only the compiler needs is left out."""

    def __init__(self, values: list[Any], names: dict[str, str]) -> None:
        self.values = values
        self.names = names  # Python's → how they are shown
        self.taken: dict[str, int] = {}

    def name(self, name: str) -> str:
        if name.startswith("$:") or not SERIAL.search(name):
            return name.removeprefix("$:") if name.count(":") == 1 else name
        if name not in self.names:
            stem = SERIAL.sub("", name)
            count = self.taken[stem] = self.taken.get(stem, 0) + 1
            self.names[name] = stem if count == 1 else f"{stem}~{count}"
        return self.names[name]

    def visit_Name(self, node: ast.Name) -> Any:
        node.id = self.name(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> Any:
        node.arg = self.name(node.arg)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> Any:
        node.names = [self.name(each) for each in node.names]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.name = self.name(node.name)
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.startswith(META):
            return None
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, tuple) and value[:1] == (MARK,):
            constant = self.values[value[1]]
            if isinstance(constant, Span):
                return ast.Name(f"<{constant.line}:{constant.column}>", ast.Load())
            return ast.Name(_quoted(constant), ast.Load())
        return node


def _quoted(value: Any) -> str:
    return write(value) if callable(value) else "'" + write(value)
