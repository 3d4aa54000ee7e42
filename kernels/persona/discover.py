"""From a community's messages to personas: views, fusion, evidence, clusters, and everybody's membership."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from chorus.kernels.persona.community import Community, Discovery, NoStructure
from chorus.kernels.persona.conclude import conclude, describe, describe_degrees, why_not
from chorus.kernels.persona.evidence import Curve, weigh
from chorus.kernels.persona.fuse import degrees_null, gaussian_null, shuffled_null, stand
from chorus.kernels.persona.habits import one_habit
from chorus.kernels.persona.halves import Split, split
from chorus.kernels.persona.space import Observations, group_means, without_language
from chorus.kernels.persona.views import View, make_view

LARGEST = 8  # the most personas that `auto` considers
FEWEST = 12  # authors, below which nothing is claimed
REPEATS = 7.0  # robust deviations above the usual sameness of an author's messages
HEARD = 0.8  # share of authors with a vector, from which words alone may serve
ROUNDS = 2  # of setting tiny groups aside
SMALLEST, SMALLEST_SHARE = 3, 0.03  # core authors that make a persona
TESTED = 1200  # authors in the null tests; more would only cost time
ASKED_FOR = "so many personas were asked for; nothing shows that there are groups of people at all"
MIXES = {
    "words": (1.0, 0.0),
    "both": (1.0, 0.4),
    "deeds": (0.0, 1.0),
}  # weights of what is said and how it is done


def discover(
    community: Community,
    k: int | None = None,
    *,
    least: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    tick: Callable[[], Any] = lambda: None,
) -> Discovery | NoStructure:
    """Personas of COMMUNITY: K of them, or as many as the evidence bears (None), or NoStructure.

    A given K is obeyed, and the evidence says whether structure was there. Authors with fewer than LEAST
    messages take no part but are assigned. Products of many rows, graphs of neighbours and their eigenvectors
    are made on DEVICE. TICK is called often, to allow cancelling. Deterministic given SEED on one device.
    ValueError when K exceeds the authors who wrote enough.
    """
    parted = split(community.author, community.day, community.authors, least)
    repeating = repeaters(community)
    parted = replace(parted, core=parted.core & ~repeating)
    core = int(parted.core.sum())
    about = {
        "authors": community.authors,
        "core": core,
        "least-messages": parted.least,
        "across": parted.across,
        "repeating": int(repeating.sum()),
        "set-aside": 0,
    }
    if k is None and core < FEWEST:
        return NoStructure(f"only {core} authors wrote enough; {FEWEST} are needed", about)
    if k is not None and not 2 <= k <= core:
        raise ValueError(f"{k} personas cannot be made of {core} authors who wrote enough")
    found = _discover(community, parted, k, about, seed, device, tick)
    if isinstance(found, Discovery) and len(np.unique(found.labels)) < found.k:
        raise ValueError(
            f"{found.k} personas cannot be made: the authors fall into {len(np.unique(found.labels))}"
        )
    return found


def _discover(
    community: Community,
    parted: Split,
    k: int | None,
    about: dict[str, Any],
    seed: int,
    device: str,
    tick: Callable[[], Any],
    aside: int = 0,
) -> Discovery | NoStructure:
    """One round; ASIDE rounds before it set authors of tiny groups aside."""
    core = int(parted.core.sum())
    if parted.across == "authors":
        from chorus.kernels.persona.once import discover_once

        return discover_once(community, parted, k, about, seed, device, tick)
    views = _views(community, parted, k, seed, device)
    about |= {f"persistent-{view.name}": view.persistent for view in views}
    tested = _tested(views, parted.core, seed)
    mixes = _mixes(views)
    if not mixes and k is None:
        return NoStructure("authors do not differ from one another in a way that outlasts the day", about)
    curves = {name: _weigh(views, weights, tested, k, seed, tick) for name, weights in mixes.items()}
    name = max(curves, key=lambda mix: _merit(curves[mix], k)) if curves else views[0].name
    curve = curves.get(name)
    about |= {"views": name} | (describe(curve) if curve else {"structure": False})
    if k is None and (curve is None or not curve.structure):
        return NoStructure(why_not(curve), about)
    if curve is not None:
        apart = _apart(views, mixes[name], tested, curve.k, seed, tick)
        about |= describe_degrees(apart)
    if curve is None or not curve.structure:
        about |= {"distinct": False, "caveat": ASKED_FOR}
    number = k if k is not None else curve.k  # type: ignore[union-attr]
    weights = mixes.get(name) or _weights(name, views)
    used, scale = _used(views, weights)
    everyone = np.ones(community.authors, bool)
    place = stand([view.halves for view in used], used, scale, everyone)
    heard = np.logical_and.reduce([parted.core, *(view.halves.heard_twice for view in used)])
    leading = heard if heard.sum() >= max(FEWEST, 3 * number) else parted.core
    found = conclude(place, leading, number, about, seed, tick)
    if k is None and name == "deeds":
        habit = one_habit(community.behaviour, community.author, found.core, found.labels)
        if habit:
            return NoStructure(
                f"authors differ in nothing that they say and in one habit of writing alone ({habit}), which makes no "
                "kind of people",
                about | {"structure": False, "habit": habit},
            )
    odd = _odd(found)
    if not odd.any() or aside >= ROUNDS or (k is not None and core - odd.sum() < k):
        return found
    left = replace(parted, core=parted.core & ~odd)
    about = about | {"set-aside": about["set-aside"] + int(odd.sum())}
    return _discover(community, left, k, about, seed, device, tick, aside + 1)


def _odd(found: Discovery) -> np.ndarray:
    """The core authors bool[n] of groups too small to be a kind of people: strange accounts that escaped notice."""
    size = np.bincount(found.labels[found.core], minlength=found.k)
    return found.core & (size < max(SMALLEST, SMALLEST_SHARE * found.core.sum()))[found.labels]


def repeaters(community: Community, least: int = 5) -> np.ndarray:
    """Accounts bool[n] that say the same over and over (adverts, relays): the mean cosine between two messages of
    theirs is far above what is usual. They take no part in the discovery, where they would be a persona of their own.
    On synthetic communities adverts lie 11 to 16 robust deviations above, people at most 3.4."""
    means, count = group_means(community.vectors, community.author[community.rows], community.authors)
    alike = (count * (means**2).sum(1) - 1) / np.maximum(count - 1, 1)  # mean cosine of pairs of unit vectors
    usual = alike[count >= least]
    if len(usual) < FEWEST:
        return np.zeros(community.authors, bool)
    middle = np.median(usual)
    return (count >= least) & (alike > middle + REPEATS * 1.4826 * np.median(np.abs(usual - middle)))


def _views(community: Community, parted: Split, k: int | None, seed: int, device: str) -> list[View]:
    """What is said (embedded messages) and how it is done (all messages)."""
    made: list[View] = []
    said = community.vectors
    if community.lexical is not None:
        said = np.concatenate([said, community.lexical], axis=1)
    everything = np.arange(len(community.author))
    for name, values, rows in (
        ("words", said, community.rows),
        ("deeds", community.behaviour, everything),
    ):
        if len(rows) == 0 or values.shape[1] == 0:
            continue
        place = community.channel[rows]
        if name == "words" and community.language is not None:
            values = without_language(values, community.language[rows])
        context = np.unique(place * (community.day.max() + 1) + community.day[rows], return_inverse=True)[1]
        seen = Observations(
            values, community.author[rows], parted.half[rows], parted.window[rows], community.authors, device
        )
        wanted = max(k - 1, 2) if k is not None and not made else 0
        made.append(make_view(name, seen, context, place, parted.core, seed=seed, least=wanted))
    return made


def _tested(views: list[View], core: np.ndarray, seed: int) -> np.ndarray:
    """The authors of the tests: heard in both halves of each view; a sample where there are very many."""
    both = np.logical_and.reduce([core, *(view.halves.heard_twice for view in views)])
    held = np.flatnonzero(both)
    if len(held) > TESTED:
        both[:] = False
        both[np.random.default_rng(seed).choice(held, TESTED, replace=False)] = True
    return both


def _mixes(views: list[View]) -> dict[str, tuple[float, ...]]:
    """Which views may be fused: those in which something persists. Words alone only where nearly all were heard in
    them: where few messages are embedded, what most authors do is all that is known of them."""
    alive = {view.name for view in views if view.persistent}
    wanted = set(alive)
    if alive == {"words", "deeds"}:
        said, done = (view.halves.n_first + view.halves.n_second > 0 for view in views)
        wanted = {"both", "words"} if said.sum() >= HEARD * done.sum() else {"both", "deeds"}
    return {mix: _weights(mix, views) for mix in MIXES if mix in wanted}


def _weights(mix: str, views: list[View]) -> tuple[float, ...]:
    return tuple(MIXES[mix][("words", "deeds").index(view.name)] for view in views)


def _weigh(
    views: list[View],
    weights: tuple[float, ...],
    tested: np.ndarray,
    k: int | None,
    seed: int,
    tick: Callable[[], Any],
) -> Curve | None:
    some, scale = _used(views, weights)
    ks = [n for n in range(2, LARGEST + 1) if n * 3 <= tested.sum()]
    if k is not None:
        ks = [k] if k >= 2 and k * 3 <= tested.sum() else []
    if not ks:
        return None
    nulls = {
        "gaussian": (gaussian_null(some, scale, tested), 10),
        "shuffled": (shuffled_null(some, scale, tested), 6),
    }
    data = stand([view.halves for view in some], some, scale, tested)
    return weigh(data, nulls, ks, seed=seed, tick=tick)


def _apart(
    views: list[View],
    weights: tuple[float, ...],
    tested: np.ndarray,
    k: int,
    seed: int,
    tick: Callable[[], Any],
) -> Curve:
    """K clusters against crowds of people by degrees between their middles."""
    some, scale = _used(views, weights)
    null = degrees_null(some, scale, tested, k, seed=seed)
    data = stand([view.halves for view in some], some, scale, tested)
    return weigh(data, {"degrees": (null, 12)}, [k], seed=seed, tick=tick)


def _used(views: list[View], weights: tuple[float, ...]) -> tuple[list[View], list[float]]:
    """The views of some weight in which something is told apart, and their weights."""
    used = [(view, weight) for view, weight in zip(views, weights, strict=True) if weight and len(view.gain)]
    return [view for view, _ in used], [weight for _, weight in used]


def _merit(curve: Curve | None, k: int | None) -> float:
    """What a mix of views is chosen by: evidence where k is open, agreement across time where it is given."""
    if curve is None:
        return -np.inf
    return float(curve.total.max() - (curve.bar if k is None else 0))
