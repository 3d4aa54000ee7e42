"""Where authors stand: the directions in which they differ from one another and stay the same from day
to day.

The mean of an author's messages is mostly the day's topic and chance. What an author *is* shows in what two
disjoint sets of that author's days have in common: the covariance, over authors, between the mean of one
half and the mean of the other. Topics of a day and noise have no part in it, for no day is in both halves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from chorus.kernels.persona.placed import gram, product

FAR = 4.0  # times the median author's pull on the directions; beyond that an author's pull is cut


@dataclass(frozen=True)
class Observations:
    """Messages as rows: VALUES f32[m,d] of AUTHOR i64[m], in time HALF i8[m], in WINDOW i64[m] of
    CONTEXT i64[m].

    A window is a stretch of time in which authors may be exchanged when a null is drawn; a context is a day
    in a channel, whose mean is taken off; PLACE is the channel alone.
    """

    values: np.ndarray
    author: np.ndarray
    half: np.ndarray
    window: np.ndarray
    authors: int
    device: str = "cpu"  # where products of many rows are done

    def shuffled(self, rng: np.random.Generator) -> Observations:
        """The same messages, their authors exchanged within each window: days keep their topics, persons
        vanish."""
        order = np.argsort(self.window, kind="stable")
        drawn = np.lexsort((rng.random(len(self.window)), self.window))
        author, half = self.author.copy(), self.half.copy()
        author[order], half[order] = self.author[drawn], self.half[drawn]
        return replace(self, author=author, half=half)


@dataclass(frozen=True)
class Halves:
    """Authors' means in two disjoint sets of days, FIRST and SECOND f64[n,p], in units of message noise,
    with counts."""

    first: np.ndarray
    second: np.ndarray
    n_first: np.ndarray
    n_second: np.ndarray

    @property
    def heard_twice(self) -> np.ndarray:
        return (self.n_first > 0) & (self.n_second > 0)

    def take(self, rows: np.ndarray) -> Halves:
        return Halves(self.first[rows], self.second[rows], self.n_first[rows], self.n_second[rows])

    @property
    def pooled(self) -> np.ndarray:
        """Means over all of an author's messages f64[n,p]."""
        total = np.maximum(self.n_first + self.n_second, 1)[:, None]
        return (self.first * self.n_first[:, None] + self.second * self.n_second[:, None]) / total


@dataclass(frozen=True)
class Whitener:
    """VALUES → units of message noise: subtract MEAN f64[d], multiply by MATRIX f64[d,p]."""

    mean: np.ndarray
    matrix: np.ndarray

    def __call__(self, values: np.ndarray, device: str = "cpu") -> np.ndarray:
        return product(values - self.mean, self.matrix, device)


def without_context(
    values: np.ndarray, context: np.ndarray, place: np.ndarray, shrink: float = 8.0
) -> np.ndarray:
    """VALUES f32[m,d] less what each context (a day in a channel) adds to its place (the channel).

    A context's mean is believed by n/(n+SHRINK). What a channel is about in the long run stays: to speak
    there is the author's own choice.
    """
    context_mean, context_count = group_means(values, context)
    place_mean, _ = group_means(values, place)
    trust = (context_count / (context_count + shrink))[context, None]
    return (values - trust * (context_mean[context] - place_mean[place])).astype(np.float32)


def without_language(values: np.ndarray, language: np.ndarray) -> np.ndarray:
    """VALUES f32[m,d] less what each LANGUAGE i64[m] adds: an embedding puts languages apart before all
    else."""
    means, _ = group_means(values, language)
    return (values - means[language] + values.mean(0)).astype(np.float32)


def group_means(
    values: np.ndarray, group: np.ndarray, groups: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Means f64[g,d] and counts i64[g] of the rows of each group; an empty group has mean zero."""
    from scipy.sparse import csr_matrix

    m = len(group)
    size = int(groups if groups is not None else group.max(initial=-1) + 1)
    pick = csr_matrix((np.ones(m, np.float32), (group, np.arange(m))), shape=(size, m))
    count = np.bincount(group, minlength=size)
    return np.asarray(pick @ values, dtype=np.float64) / np.maximum(count, 1)[:, None], count


def split_halves(author: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Half i8[m] of each message, so that no (author, block) lies in both and an author's halves are
    about equal."""
    pairs, inverse, count = np.unique(
        np.stack([author, block]), axis=1, return_inverse=True, return_counts=True
    )
    side = np.zeros(len(count), np.int8)
    owner, held, current = pairs[0], [0, 0], -1
    for j in np.lexsort((-count, owner)):  # an author's blocks, largest first, each to the lighter half
        if owner[j] != current:
            current, held = owner[j], [0, 0]
        side[j] = held[1] < held[0]
        held[side[j]] += count[j]
    return side[inverse.ravel()]


def halves_of(values: np.ndarray, seen: Observations) -> Halves:
    """Authors' half means of VALUES f[m,p], which need not be the observations' own (they may be
    whitened)."""
    n = seen.authors
    means, count = group_means(values, seen.author + n * seen.half.astype(np.int64), 2 * n)
    return Halves(means[:n], means[n:], count[:n], count[n:])


def whitener(seen: Observations, dims: int = 192, ridge: float = 0.5) -> Whitener:
    """The map to at most DIMS coordinates in which one message's spread about its author is a unit in
    each direction.

    First the DIMS principal directions of messages, then W^-½ with W the pooled within-author-half
    covariance, shrunk by RIDGE towards its mean eigenvalue (WCCN: Hatch, Kajarekar & Stolcke, Interspeech
    2006).
    """
    mean = seen.values.mean(0, dtype=np.float64)
    centred = seen.values - mean.astype(np.float32)
    # Of messages, not of authors, whose chance differences it would favour: [d,p]
    basis = principal(centred, dims, seen.device)
    reduced = product(centred, basis.astype(np.float32), seen.device)  # [m,p]
    group = seen.author + seen.authors * seen.half.astype(np.int64)
    centre, held = group_means(reduced, group, 2 * seen.authors)
    residual = reduced - centre[group]
    freedom = max(len(reduced) - int((held > 0).sum()), 1)
    within = gram(residual, residual, seen.device) / freedom
    p = len(within)
    within = (1 - ridge) * within + ridge * max(np.trace(within) / p, 1e-12) * np.eye(p)
    values, vectors = np.linalg.eigh(within)
    return Whitener(mean, basis @ (vectors / np.sqrt(np.maximum(values, 1e-12))) @ vectors.T)


def principal(rows: np.ndarray, dims: int, device: str = "cpu") -> np.ndarray:
    """The leading DIMS eigenvectors f64[d,p] of ROWSᵀROWS."""
    _, vectors = np.linalg.eigh(gram(rows, rows, device))
    return vectors[:, ::-1][:, :dims]


def shared_directions(halves: Halves, device: str = "cpu") -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues f64[p], descending, and directions f64[p,p] of the covariance between authors' two halves.

    Symmetrised; authors weighted by √(n₁n₂), less where an author stands far out, so that one strange
    account does not become a direction of its own. An eigenvalue is the variance, over authors, of what
    persists in that direction, in units of one message's noise; negative ones are chance.
    """
    weight = np.sqrt(halves.n_first * halves.n_second)
    far = np.linalg.norm(halves.first, axis=1) * np.linalg.norm(halves.second, axis=1) * weight
    if len(far):
        weight = weight * np.minimum(1, FAR * np.median(far) / np.maximum(far, 1e-12))
    weight = weight / max(weight.sum(), 1e-12)
    first, second = halves.first - weight @ halves.first, halves.second - weight @ halves.second
    cross = gram(first * weight[:, None], second, device)
    values, vectors = np.linalg.eigh((cross + cross.T) / 2)
    return values[::-1], vectors[:, ::-1]
