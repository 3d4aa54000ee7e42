"""Shapes that come back, and whether what is said has moved, as primitives."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, hash_key, list_items, make_list

Tensor = Any


@primitive("%recurring-shapes", effects="compute")
def recurring_shapes(forms: Items, least: int, *, draws: int = 39, seed: int = 0) -> Any:
    """What at least LEAST of FORMS, association lists place → leaf, have in common: hash tables of the :rows that
    share it, how many leaves are :fixed, how many of these nearly all forms have (:constant), and :p, the chance of
    as good a shape among leaves that were dealt out anew.

    > (map (lambda (shape) (hash-ref shape :rows))
           (%recurring-shapes '(((a . 1) (b . 2)) ((a . 1) (b . 2)) ((a . 3) (b . 4))) 2))
    => ((0 1))
    """
    from chorus.kernels.bandit.recurring import constant_columns, shapes

    if least < 2:
        raise EvalError("%recurring-shapes: what comes back is there twice at least")
    places: dict[Any, int] = {}
    leaves: dict[Any, int] = {}
    rows = [
        {
            places.setdefault(hash_key(pair.car), len(places)): leaves.setdefault(
                hash_key(pair.cdr), len(leaves)
            )
            for pair in list_items(form) or ()
        }
        for form in forms
    ]
    cells = np.array([[row.get(column, -1) for column in range(len(places))] for row in rows], dtype=np.int64)
    if not cells.size:
        return make_list([])
    constant = constant_columns(cells)
    return make_list(
        HashTable(
            [
                (Keyword("rows"), make_list(of.tolist())),
                (Keyword("fixed"), len(columns)),
                (Keyword("constant"), int(constant[columns].sum())),
                (Keyword("p"), p),
            ]
        )
        for of, columns, p in shapes(cells, least, draws, seed)
    )


@primitive("%moved", effects="compute")
def moved(rows: Annotated[Tensor, "n d"], days: Items, start: int) -> Any:
    """How far the mean of ROWS, vectors or memberships on DAYS, moved from the day START on: a list (shift p days), p
    the share of days from which on it moved as far, the calendar taken as a circle.

    > (%moved (%stack '(#(1 0) #(0 1))) '(0 1) 1)
    => (0.0 1.0 2)
    """
    from chorus.kernels.bandit.moved import moved

    made, at = np.asarray(rows, dtype=float), np.asarray(list(days), dtype=np.int64)
    if made.ndim != 2 or len(made) != len(at):
        raise EvalError("%moved: a day for each row")
    return make_list(moved(made, at, start) if len(at) else (0.0, 1.0, 0))


@primitive("%corpus-moved", effects="compute")
def corpus_moved(heard: HashTable, members: Items, since: float) -> Any:
    """What `%heard` gathered, before SINCE (seconds since 1970) and from then on: a hash table of :meaning and
    :personas, lists (shift p days) as of `%moved`, of the messages' vectors and of whom, by MEMBERS (author persona),
    they are of; and of the personas' :shares, lists (persona before after).

    > (hash-ref (%corpus-moved (%heard :embed #f) '() 0) :shares)
    => ()
    """
    from chorus.kernels.bandit.moved import moved

    get = lambda name: heard.get(Keyword(name))
    seconds, rows, vectors = get("seconds"), np.asarray(get("rows")), np.asarray(get("vectors"))
    days = np.floor_divide(seconds - since, 86_400).astype(np.int64)  # below 0: before
    persona = {author: int(number) for author, number in map(list, members)}
    of = np.array([persona.get(name, 0) for name in get("authors")] or [0])[
        np.asarray(get("author"), dtype=int)
    ]
    numbers = sorted(set(persona.values()))
    belongs = (
        (of[:, None] == np.array(numbers, dtype=int)[None, :]).astype(float).reshape(len(of), len(numbers))
    )
    shares = [
        [n, _share(belongs[days < 0, at]), _share(belongs[days >= 0, at])] for at, n in enumerate(numbers)
    ]
    nothing = (0.0, 1.0, 0)
    table = {
        "meaning": make_list(moved(vectors, days[rows], 0) if len(rows) else nothing),
        "personas": make_list(moved(belongs, days, 0) if len(of) and numbers else nothing),
        "shares": make_list(make_list(row) for row in shares),
        "messages": int((days >= 0).sum()),
    }
    return HashTable((Keyword(name), value) for name, value in table.items())


def _share(column: np.ndarray) -> float:
    return round(float(column.mean()), 4) if len(column) else 0.0
