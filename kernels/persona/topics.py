"""What clusters talk about that others do not: class-based TF-IDF, and short readable labels made of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.kernels.persona.words import terms

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PART = 3  # words in a label


def ctfidf(counts: csr_matrix, labels: np.ndarray, k: int | None = None) -> np.ndarray:
    """Weights f64[k,V] of terms in classes: tf·log(1 + A/f), tf a term's share of its class's words, f its
    count in all classes, A the mean words in a class (Grootendorst 2022, arXiv:2203.05794, eq. 2).

    COUNTS [n,V] are terms in documents, LABELS i64[n] the documents' classes.
    """
    from scipy.sparse import csr_matrix

    n = len(labels)
    size = int(k if k is not None else labels.max(initial=-1) + 1)
    pick = csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(size, n))
    by_class = np.asarray((pick @ counts).todense(), dtype=np.float64)  # [k,V]
    words = by_class.sum(1)
    everywhere = by_class.sum(0)
    return by_class / np.maximum(words, 1)[:, None] * np.log1p(words.mean() / np.maximum(everywhere, 1e-12))


def count_terms(
    texts: Sequence[str],
    owners: np.ndarray,
    authors: int,
    *,
    names: frozenset[str] = frozenset(),
    share: float = 0.02,
    most: int = 20000,
) -> tuple[Any, list[str]]:
    """What authors say, as csr f64[authors,V], and the V terms in order of the alphabet.

    TEXTS are messages of OWNERS i64[n]. An entry is log(1 + uses), so that a person's habit does not name a
    persona. Left out are terms that less than SHARE of the authors (or fewer than 3) used, those of more than
    60 %, and people's NAMES.
    """
    from scipy.sparse import csr_matrix

    bags: list[Counter[str]] = [Counter() for _ in range(authors)]
    for owner, text in zip(owners.tolist(), texts, strict=True):
        bags[owner].update(terms(text))
    users = Counter(term for bag in bags for term in bag)
    heard = sum(bool(bag) for bag in bags)
    least = min(max(3, int(share * heard)), max(heard // 4, 1))
    kept = [
        t
        for t, who in users.items()
        if least <= who <= max(0.6 * heard, least) and names.isdisjoint(t.split())
    ]
    kept = sorted(sorted(kept, key=lambda term: (-users[term], term))[:most])
    column = {term: at for at, term in enumerate(kept)}
    entries = [
        (row, column[t], np.log1p(c)) for row, bag in enumerate(bags) for t, c in bag.items() if t in column
    ]
    rows, columns, values = np.array(entries).T if entries else np.zeros((3, 0))
    return csr_matrix((values, (rows.astype(int), columns.astype(int))), shape=(authors, len(kept))), kept


def top_terms(weights: np.ndarray, names: Sequence[str], most: int = 12) -> list[list[tuple[str, float]]]:
    """For each class its MOST telling terms and their weights, those first that set it apart from the others.

    A term is ranked by its weight times its weight's share among the classes; a pair of words takes the
    place of its parts, and a word that differs from a listed one only in its ending is left out.
    """
    share = weights / np.maximum(weights.sum(0), 1e-12)  # [k,V]
    rank = weights * np.maximum(share - 1 / max(len(weights), 1), 0)
    return [
        _distinct([(names[j], float(row[j])) for j in np.argsort(-row, kind="stable")[: 6 * most]], most)
        for row in rank
    ]


def _distinct(ranked: list[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    taken: list[tuple[str, float]] = []
    for term, weight in ranked:
        if weight <= 0 or len(taken) == most:
            break
        stems = {_stem(word) for word in term.split()}
        clash = [at for at, (other, _) in enumerate(taken) if stems & {_stem(word) for word in other.split()}]
        if not clash:
            taken.append((term, weight))
        elif (
            " " in term
            and len(clash) == 1
            and " " not in taken[clash[0]][0]
            and weight > 0.35 * taken[clash[0]][1]
        ):
            taken[clash[0]] = (term, taken[clash[0]][1])  # "queue" becomes "queue times"
    return taken


def _stem(word: str) -> str:
    """WORD without common endings; only to see that two words are one."""
    bare = re.sub(r"'s?$", "", word)
    for ending in ("ings", "ing", "ies", "ers", "er", "ed", "es", "s", "y", "e"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            bare = bare[: -len(ending)]
            break
    return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] else bare


def labels(ranked: Sequence[Sequence[tuple[str, float]]]) -> list[str]:
    """One slug for each class, such as "ranked-queue-ladder": unique, of at most PART words' terms; "persona-2" where a
    class has no words of its own. A term stands in the label of the class where it weighs most, as far as others are
    to be had: what several classes say tells none of them."""
    heaviest: dict[str, float] = {}
    for row in ranked:
        for term, weight in row:
            heaviest[term] = max(weight, heaviest.get(term, weight))
    made: list[str] = []
    for at, row in enumerate(ranked):
        own = [term for term, weight in row if weight >= heaviest[term]]
        label = _slug([*own, *(term for term, _ in row if term not in own)]) or f"persona-{at + 1}"
        while label in made:
            label += f"-{at + 1}"
        made.append(label)
    return made


def _slug(names: Sequence[str]) -> str:
    """The words of the first of NAMES, PART of them, or one more to end with a whole name."""
    words: list[str] = []
    for name in names:
        words += [word for word in re.split(r"[^\w]+", name) if word and word not in words]
        if len(words) >= PART:
            break
    return "-".join(words[: PART + 1] if len(words) == PART + 1 else words[:PART])
