"""`syntax-rules`: patterns matched, templates filled, hygiene through aliases (R7RS 4.3.2)."""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from chorus.interpreter.compiler.syntax import (
    Alias,
    Env,
    bad_syntax,
    is_identifier,
    lookup,
    same_binding,
    spelling,
    strip,
)
from chorus.runtime.values import NIL, Pair, SourcePair, Symbol, cons, hash_key, list_items, make_list

ELLIPSIS = Symbol("...")
UNDERSCORE = Symbol("_")


def is_underscore(p: Any) -> bool:
    return p is UNDERSCORE or (isinstance(p, Alias) and p.symbol is UNDERSCORE)


class Many:
    """What a pattern variable under DEPTH ellipses matched."""

    __slots__ = ("depth", "items")

    def __init__(self, items: list[Any], depth: int) -> None:
        self.items = items
        self.depth = depth


class Rules:
    """A transformer made by `(syntax-rules (literal …) (pattern template) …)`, written in ENV."""

    def __init__(self, spec: Any, env: Env) -> None:
        self.env = env
        self.ellipsis: Any = (
            ELLIPSIS if lookup(ELLIPSIS, env)[0] is None else None
        )  # or what a let made of it
        rest = spec.cdr
        if isinstance(rest, Pair) and is_identifier(rest.car):
            self.ellipsis, rest = rest.car, rest.cdr
        if not isinstance(rest, Pair):
            raise bad_syntax("syntax-rules: a list of literals is missing", spec.span)
        literals = list_items(rest.car)
        if literals is None or not all(map(is_identifier, literals)):
            raise bad_syntax("syntax-rules: the literals should be a list of names", spec.span)
        self.literals = frozenset(literals)
        self.rules = []
        for rule in rest.cdr:
            if not (isinstance(rule, Pair) and isinstance(rule.cdr, Pair) and isinstance(rule.car, Pair)):
                raise bad_syntax(
                    "syntax-rules: a rule is (pattern template)", getattr(rule, "span", None) or spec.span
                )
            self._check(rule.car.cdr, set(), rule.span or spec.span)
            self.rules.append((rule.car, rule.cdr.car))

    def __call__(self, form: Any, env: Env) -> Any:
        for pattern, template in self.rules:
            found: dict[Any, Any] = {}
            if self._match(pattern.cdr, form.cdr, env, found, None):
                return self._fill(template, found, {})
        raise self._no_match(form)

    def _no_match(self, form: Any) -> Exception:
        from chorus.runtime.printer import write

        name = spelling(form.car)
        if name.startswith("%"):  # a part of a form of the stdlib: its patterns say nothing to anybody
            return bad_syntax(f"{name[1:]}: this form is not one it knows", form.span)
        shapes = [write(Pair(Symbol(name), strip(pattern.cdr))) for pattern, _ in self.rules[:3]]
        shapes = [re.sub(r" \. ([^\s()]+)\)", r" \1 …)", shape).replace(" ...", " …") for shape in shapes]
        hint = "it should look like " + " or ".join(shapes)
        return bad_syntax(f"{name}: this form is not one it knows", form.span, hint)

    def _check(self, p: Any, seen: set[Any], span: Any) -> None:
        """A pattern has each variable once, and one ellipsis at most in a list or vector, never after a dot."""
        if is_identifier(p):
            if p in self.literals or is_underscore(p):
                return
            if p in seen:
                raise bad_syntax(f"syntax-rules: {spelling(p)} stands twice in a pattern", span)
            seen.add(p)
            return
        ellipses = 0
        start = here = make_list(p) if p.__class__ is list else p
        while isinstance(here, Pair):
            if self._is_ellipsis(here.car):
                if here is start:
                    raise bad_syntax("syntax-rules: an ellipsis in a pattern follows nothing", span)
                ellipses += 1
            else:
                self._check(here.car, seen, span)
            here = here.cdr
        if ellipses > 1:
            raise bad_syntax("syntax-rules: a list in a pattern has two ellipses", span)
        if is_identifier(here):
            if self._is_ellipsis(here):
                raise bad_syntax("syntax-rules: an ellipsis in a pattern stands after a dot", span)
            self._check(here, seen, span)

    def _is_ellipsis(self, x: Any) -> bool:
        if x is self.ellipsis:
            return x not in self.literals
        if isinstance(x, Alias) and self.ellipsis is ELLIPSIS and x.symbol is ELLIPSIS:
            return lookup(x, self.env)[0] is None
        return False

    # — matching —

    def _match(self, p: Any, f: Any, env: Env, found: dict[Any, Any], span: Any) -> bool:
        """Whether the form F, used in ENV and written at SPAN, is of the pattern P; FOUND gets what its variables stand
        for.
        """
        while isinstance(p, Pair):
            if isinstance(p.cdr, Pair) and self._is_ellipsis(p.cdr.car):
                after = p.cdr.cdr
                cells = _cells(f)
                take = len(cells) - len(_cells(after))
                if take < 0:
                    return False
                if not self._match_many(p.car, cells[:take], env, found):
                    return False
                p, f = after, cells[take] if take < len(cells) else _tail(f)
                continue
            if not isinstance(f, Pair) or not self._match(
                p.car, f.car, env, found, getattr(f, "car_span", None)
            ):
                return False
            p, f = p.cdr, f.cdr
        if is_identifier(p):
            if p in self.literals:
                return is_identifier(f) and same_binding(f, env, p, self.env)
            if not is_underscore(p):
                found[p] = (f, span)
            return True
        if p.__class__ is list:
            return f.__class__ is list and self._match(make_list(p), make_list(f), env, found, None)
        return p is f or (p is not NIL and hash_key(p) == hash_key(f))

    def _match_many(self, p: Any, cells: list[Any], env: Env, found: dict[Any, Any]) -> bool:
        if is_identifier(p) and p not in self.literals:
            if not is_underscore(p):
                found[p] = Many([(cell.car, getattr(cell, "car_span", None)) for cell in cells], 1)
            return True
        rounds: list[dict[Any, Any]] = []
        for cell in cells:
            one: dict[Any, Any] = {}
            if not self._match(p, cell.car, env, one, getattr(cell, "car_span", None)):
                return False
            rounds.append(one)
        for var, depth in self._variables(p):
            found[var] = Many([one[var] for one in rounds], depth + 1)
        return True

    def _variables(self, p: Any, depth: int = 0) -> list[tuple[Any, int]]:
        """The names in P, a pattern or template, each with the number of ellipses that it stands under."""
        if is_identifier(p):
            return [] if p in self.literals or is_underscore(p) or self._is_ellipsis(p) else [(p, depth)]
        here = make_list(p) if p.__class__ is list else p
        if not isinstance(here, Pair):
            return []
        result = []
        while isinstance(here, Pair):
            ellipses, after = self._ellipses_after(here)
            result += self._variables(here.car, depth + ellipses)
            here = after
        return result + (self._variables(here, depth) if here is not NIL else [])

    # — filling —

    def _fill(self, t: Any, found: dict[Any, Any], aliases: dict[Any, Alias]) -> Any:
        """The template T with what was FOUND for its variables; ALIASES are the other names of this expansion."""
        if is_identifier(t):
            return self._fill_name(t, found, aliases)[0]
        if t.__class__ is list:
            return list(self._fill(make_list(t), found, aliases))
        if not isinstance(t, Pair):
            return t
        if self._is_ellipsis(t.car) and isinstance(t.cdr, Pair):
            return self._escaped(t.cdr.car, found, aliases)
        built: list[tuple[Any, Any]] = []
        while isinstance(t, Pair):
            if built and self._is_ellipsis(t.car):
                break  # (x . (... ...)): the rest is an escape
            depth, after = self._ellipses_after(t)
            if depth:
                built += [(x, s) for x, s in self._fill_many(t.car, depth, found, aliases)]
            elif is_identifier(t.car):
                built.append(self._fill_name(t.car, found, aliases))
            else:
                built.append((self._fill(t.car, found, aliases), None))
            t = after
        result = NIL if t is NIL else self._fill(t, found, aliases)
        for item, span in reversed(built):
            result = cons(item, result) if span is None else SourcePair(item, result, None, span)
        return result

    def _ellipses_after(self, t: Pair) -> tuple[int, Any]:
        depth, after = 0, t.cdr
        while isinstance(after, Pair) and self._is_ellipsis(after.car):
            depth, after = depth + 1, after.cdr
        return depth, after

    def _fill_name(self, name: Any, found: dict[Any, Any], aliases: dict[Any, Alias]) -> tuple[Any, Any]:
        value = found.get(name)
        if value is None:
            alias = aliases.get(name)
            if alias is None:
                alias = aliases[name] = Alias(name, self.env)
            return alias, None
        if isinstance(value, Many):
            raise bad_syntax(f"syntax-rules: {spelling(name)} needs ... after it in the template", None)
        return value

    def _fill_many(
        self, t: Any, depth: int, found: dict[Any, Any], aliases: dict[Any, Alias]
    ) -> list[tuple[Any, Any]]:
        repeated = [each for each in self._variables(t) if found.get(each[0]).__class__ is Many]
        names = {n for n, within in repeated if found[n].depth >= within + depth}  # the others further within
        if not names:
            raise bad_syntax("syntax-rules: ... follows a template without a repeated variable", None)
        length = max(len(found[n].items) for n in names)
        result: list[tuple[Any, Any]] = []
        for at in range(length):
            one = dict(found)
            for n in names:
                items = found[n].items
                if len(items) != length:
                    raise bad_syntax(
                        f"syntax-rules: the variables under one ... differ in number ({spelling(n)})", None
                    )
                one[n] = items[at]
            if depth > 1:
                result += self._fill_many(t, depth - 1, one, aliases)
            elif is_identifier(t):
                result.append(self._fill_name(t, one, aliases))
            else:
                result.append((self._fill(t, one, aliases), None))
        return result

    def _escaped(self, t: Any, found: dict[Any, Any], aliases: dict[Any, Alias]) -> Any:
        """A template after (... …): its ellipses are plain identifiers."""
        plain = copy(self)  # another thread may be filling a template of these rules
        plain.ellipsis = None
        return plain._fill(t, found, aliases)


def _cells(f: Any) -> list[Any]:
    cells = []
    while isinstance(f, Pair):
        cells.append(f)
        f = f.cdr
    return cells


def _tail(f: Any) -> Any:
    while isinstance(f, Pair):
        f = f.cdr
    return f
