"""Shapes that come back: which leaves many forms of one outline have in common, more often than chance has it."""

from __future__ import annotations

from itertools import combinations

import numpy as np

SEEDS = 60  # rows from whose pairs shapes are made
CONSTANT = 0.9  # a leaf that so many forms have is part of the shape by itself


def shapes(
    cells: np.ndarray, least: int, draws: int = 39, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """(rows, columns, p) of the shapes in CELLS i64[n, c], leaves by number, −1 where there is none: what two rows
    have in common (their least general generalisation) and LEAST rows share, the best first, each row in one shape
    only. p: the chance that columns whose leaves are dealt out anew hold as good a shape.
    """
    random = np.random.default_rng(seed)
    found, left = [], np.arange(len(cells))
    while len(left) >= least:
        best = _best(cells[left], least)
        if best is None:
            break
        rows, columns, score = best
        null = [_score(_dealt(cells[left], random), least) for _ in range(draws)]
        p = (1 + sum(other >= score for other in null)) / (1 + draws)
        found.append((left[rows], columns, p))
        left = np.delete(left, rows)
    return found


def constant_columns(cells: np.ndarray) -> np.ndarray:
    """bool[c]: the columns of CELLS i64[n, c] in which nearly all rows have the same leaf."""
    return np.array([
        len(column) > 0 and (column == np.bincount(column + 1).argmax() - 1).mean() >= CONSTANT and column.max() >= 0
        for column in cells.T
    ])  # fmt: skip


def _best(cells: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray, float] | None:
    """The shape with the most leaves saved: (its rows, its columns, how many leaves need not be written again)."""
    best = None
    seen = set()
    for a, b in combinations(range(max(0, len(cells) - SEEDS), len(cells)), 2):
        columns = np.flatnonzero((cells[a] == cells[b]) & (cells[a] >= 0))
        key = (columns.tobytes(), cells[a, columns].tobytes())
        if len(columns) and key not in seen:
            seen.add(key)
            rows = np.flatnonzero((cells[:, columns] == cells[a, columns]).all(1))
            score = float((len(rows) - 1) * (len(columns) - 1))
            if len(rows) >= least and score > 0 and (best is None or score > best[2]):
                best = rows, columns, score
    return best


def _score(cells: np.ndarray, least: int) -> float:
    found = _best(cells, least)
    return found[2] if found else 0.0


def _dealt(cells: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.stack([random.permutation(column) for column in cells.T], axis=1)
