"""Primitives that a call names where it might write a procedure: `(map car rows)` is written out as
`(map (lambda (each) (car each)) rows)` is.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.nodes import Global
from chorus.interpreter.compiler.pristine import bottom_of, is_pristine
from chorus.interpreter.compiler.sites import GOING_ROUND
from chorus.interpreter.compiler.syntax import Alias, Env, is_identifier, lookup
from chorus.runtime.values import Pair, Symbol, make_list

PROCEDURE, PARAMETERS = Symbol("lambda"), (Symbol("each"), Symbol("other"))
# procedures that a rule writes out → (which argument is the procedure, how many arguments that gets; 0: one a list)
TAKEN = {
    **dict.fromkeys(("map", "for-each", "vector-map", "vector-for-each", "string-for-each"), (0, 0)),
    **dict.fromkeys(("filter", "remove", "any", "every", "find", "filter-map", "append-map", "string-map"), (0, 1)),
    **dict.fromkeys(("fold", "fold-left", "fold-right"), (0, 2)),
    "list-tabulate": (1, 1),
    "hash-table-walk": (1, 2),
}  # fmt: skip


def with_procedure(fn: Global, form: Pair, env: Env) -> Pair:
    """FORM, a call of FN, with a `lambda` where it names a primitive that runs no code of the program's."""
    at, count = TAKEN.get(fn.name, (0, -1))
    cells: list[Any] = []
    here: Any = form.cdr
    while isinstance(here, Pair):
        cells.append(here)
        here = here.cdr
    count = count or len(cells) - 1
    if not (0 < count <= len(PARAMETERS) and at < len(cells)) or not _is_primitive(cells[at].car, env):
        return form
    home = bottom_of(fn.space)
    parameters = [Alias(each, home) for each in PARAMETERS[:count]]
    written = make_list(
        [Alias(PROCEDURE, home), make_list(parameters), make_list([cells[at].car, *parameters])]
    )
    items = [cell.car for cell in cells]
    items[at] = written
    return Pair(form.car, make_list(items))


def _is_primitive(identifier: Any, env: Env) -> bool:
    if not is_identifier(identifier):
        return False
    found, target = lookup(identifier, env)
    if found is not None:
        return False
    space, name = target
    return name not in GOING_ROUND and is_pristine(Global(name, space, None))
