"""Core nodes as forms again: what the compiler is given once all macros are gone."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Params,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.runtime.values import NIL, HashTable, Keyword, Pair, Symbol, make_list

QUOTED = (Symbol, Pair, type(NIL), list, HashTable, Keyword)


def core_form(node: Node) -> Any:
    """NODE as a form. Variables of the same name that a macro kept apart are told apart by a number."""
    return _Spelling().form(node)


class _Spelling:
    """What local variables are called in one form: by their names, with a number where these meet."""

    def __init__(self) -> None:
        self.names: dict[Local, Symbol] = {}
        self.taken: dict[str, int] = {}

    def name(self, var: Local) -> Symbol:
        if var not in self.names:
            count = self.taken[var.name] = self.taken.get(var.name, 0) + 1
            self.names[var] = Symbol(var.name if count == 1 else f"{var.name}~{count}")
        return self.names[var]

    def form(self, node: Node) -> Any:
        match node:
            case Const(value=value):
                return _list("quote", value) if isinstance(value, QUOTED) else value
            case Ref(var=var):
                return self.name(var)
            case Global(name=name):
                return Symbol(name)
            case If():
                return _list("if", *map(self.form, (node.test, node.yes, node.no)))
            case Lambda():
                return _list("lambda", self.parameters(node.params), *self.body(node.body))
            case Let():
                bindings = [self.binding(*each) for each in zip(node.vars, node.inits, strict=True)]
                return _list("let", make_list(bindings), *self.body(node.body))
            case Bind():
                return self.letrec(node)
            case Seq():
                return _list("begin", *map(self.form, node.items))
            case SetLocal() | Init():
                return _list("set!", self.name(node.var), self.form(node.value))
            case SetGlobal():
                return _list("set!", Symbol(node.name), self.form(node.value))
            case Define():
                return self.define(node)
            case Call():
                return make_list([self.form(node.fn), *map(self.form, node.args)])
        return Symbol(f"#<{node.__class__.__name__}>")

    def body(self, node: Node) -> list[Any]:
        return [self.form(each) for each in (node.items if isinstance(node, Seq) else [node])]

    def binding(self, var: Local, value: Node) -> Any:
        return make_list([self.name(var), self.form(value)])

    def letrec(self, node: Bind) -> Any:
        """Leading initialisations as bindings, what follows as the body."""
        items = node.body.items if isinstance(node.body, Seq) else [node.body]
        bindings = []
        for item in items:
            if not isinstance(item, Init):
                break
            bindings.append(self.binding(item.var, item.value))
        body = [self.form(item) for item in items[len(bindings) :]]
        return _list("letrec*", make_list(bindings), *body)

    def define(self, node: Define) -> Any:
        value = node.value
        if isinstance(value, Lambda):
            head = Pair(Symbol(node.name), self.parameters(value.params))
            return _list("define", head, *self.body(value.body))
        return _list("define", Symbol(node.name), self.form(value))

    def parameters(self, params: Params) -> Any:
        parts: list[Any] = [self.name(var) for var in params.required]
        parts += [[self.name(var), self.form(default)] for var, default in params.optional]
        for key, var, default in params.keywords:
            given = self.name(var) if default is None else [self.name(var), self.form(default)]
            parts += [Keyword(key), given]
        tail: Any = self.name(params.rest) if params.rest else NIL
        for part in reversed(parts):
            tail = Pair(make_list(part) if isinstance(part, list) else part, tail)
        return tail


def _list(head: str, *rest: Any) -> Any:
    return make_list([Symbol(head), *rest])
