"""The core compiler's entry: core nodes to a unit of Python code. Loaded when the first form has to be compiled."""

from __future__ import annotations

import _ast as ast
import types

from chorus.interpreter.compiler.analysis import kind_of as kind_of_callee
from chorus.interpreter.compiler.constants import Pool
from chorus.interpreter.compiler.emit import Emitter
from chorus.interpreter.compiler.helpers import HELPER_NAMES
from chorus.interpreter.compiler.inlining import keep_small, write_out
from chorus.interpreter.compiler.makers import keep_maker
from chorus.interpreter.compiler.merging import keep_source, merge_locals
from chorus.interpreter.compiler.nodes import Lambda, Node, Params
from chorus.interpreter.compiler.sites import Preparation
from chorus.interpreter.compiler.units import Unit
from chorus.interpreter.namespace import Namespace


def compile_unit(node: Node, space: Namespace, file: str, metered: bool, tail: bool = False) -> Unit:
    """Code that computes NODE in SPACE; in TAIL position it may return a call that is still to be made."""
    pool = Pool(HELPER_NAMES)
    source = keep_source(node, space)
    merge_locals(node)
    written = write_out(node, space)
    unit = Lambda(Params(), node, "", None, node.span)
    emitter = Emitter(unit, space, pool, metered, source, tail)
    keep_small(node, space)
    keep_maker(node, space)
    Preparation(emitter.unit, lambda name: kind_of_callee(space.get(name)) == "host")
    tree = ast.Module(body=[emitter.unit], type_ignores=[])
    module = compile(tree, file, "exec", dont_inherit=True, optimize=0)
    raw = next(constant for constant in module.co_consts if constant.__class__ is types.CodeType)
    made = Unit(raw, pool.values, pool.metas, node, (emitter.flag, emitter.names))
    made.keep_source(tree)
    for meta in pool.metas if written else ():
        meta.written = written
    return made
