"""The difference of two trees of pairs, as a tree: what both have stands as it is.

    (define (f x) (* x 2))  and  (define (f x) (+ 1 (* x 3)))
    (define (f x) (:was (* x 2) :now (+ 1 (* x 3))))

`(:was a)` was there, `(:now b)` is there now, `(:was a :now b)` is a replaced by b. `side` takes either tree back out.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Keyword, Pair, make_list

WAS, NOW = Keyword("was"), Keyword("now")
MARKS = (WAS, NOW)
ALIKE = 0.5  # of the parts of two lists: below that one replaces the other as a whole
LONGEST = 2_000  # items of a list that are compared one by one


def difference(old: Any, new: Any) -> Any:
    """A tree that shows how OLD became NEW; equal to both where they are equal."""
    if write(old) == write(new):
        return new
    before, after = _items(old), _items(new)
    if before is None or after is None or max(len(before), len(after)) > LONGEST:
        return _mark(WAS, old, NOW, new)
    spelled_before, spelled_after = [write(item) for item in before], [write(item) for item in after]
    matcher = SequenceMatcher(None, spelled_before, spelled_after, autojunk=False)
    parts: list[Any] = []
    same = 0
    for kind, i, j, m, n in matcher.get_opcodes():
        if kind == "equal":
            parts += after[m:n]
            same += n - m
        else:
            found = _replaced(before[i:j], after[m:n])
            parts += found
            same += sum(not is_mark(each) for each in found)
    if same < ALIKE * min(len(before), len(after)) or any(
        each in MARKS for each in (*before[:1], *after[:1])
    ):
        return _mark(WAS, old, NOW, new)
    return make_list(parts)


def _replaced(old: list[Any], new: list[Any]) -> list[Any]:
    """The items of OLD, then those of NEW; pairwise, if there are as many."""
    if len(old) == len(new):
        return [difference(a, b) for a, b in zip(old, new, strict=True)]
    return [_mark(WAS, item) for item in old] + [_mark(NOW, item) for item in new]


def _mark(*parts: Any) -> Pair:
    return make_list(parts)


def is_mark(tree: Any) -> bool:
    return isinstance(tree, Pair) and tree.car in MARKS


def side(tree: Any, which: Keyword) -> Any:
    """The old (WHICH is :was) or the new (:now) of what `difference` made."""
    found = _side(tree, which)
    return found[0] if found else NIL


def _side(tree: Any, which: Keyword) -> list[Any]:
    """What stands in the place of TREE: nothing, or one thing."""
    items = _items(tree)
    if items is None:
        return [tree]
    if is_mark(tree):
        return [value for mark, value in zip(items[::2], items[1::2], strict=False) if mark is which]
    return [make_list([part for item in items for part in _side(item, which)])]


def _items(tree: Any) -> list[Any] | None:
    """The items of a proper list that is not empty; None for anything else."""
    found = []
    while isinstance(tree, Pair):
        found.append(tree.car)
        tree = tree.cdr
    return found if found and tree is NIL else None
