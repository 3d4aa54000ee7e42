"""Primitives over the persona kernels: graphs, clusters, their agreement, and the discovery that stdlib
joins up."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.runtime.devices import choose_device
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, lispy, make_list

Tensor = object
TONE_SAMPLE = 400
FARTHEST = 1e15  # a coordinate, whose square single precision still holds
MANY = 20_000  # points, beyond which landmarks stand for them


@primitive("%discover", effects="compute")
def discover(
    ctx: Any,
    heard: HashTable,
    *,
    k: int | None = None,
    least: int | None = None,
    seed: int = 0,
    device: str = "cpu",
) -> Any:
    """Personas in what `%heard` gathered: a table with :k, :membership and :evidence, or :reason where
    there are none.

    > (hash-ref (%discover (%heard :embed #f)) :reason)
    => …
    """
    from chorus.kernels.persona.community import NoStructure
    from chorus.kernels.persona.discover import discover as find

    community = community_of(ctx, heard, seed)
    try:
        with ctx.working("finding personas") as bar:
            found = find(community, k, least=least, seed=seed, device=device, tick=bar.advance)
    except ValueError as error:
        raise EvalError(
            f"discover-personas: {error}", code="range", hint="give a smaller :k or :min-messages"
        ) from None
    if isinstance(found, NoStructure):
        return lispy({"reason": found.reason, "evidence": found.evidence})
    table = lispy({"k": found.k, "evidence": found.evidence})
    table.set(Keyword("membership"), found.membership)
    return table


def community_of(ctx: Any, heard: HashTable, seed: int) -> Any:
    """What `%heard` gathered, in numbers."""
    import numpy as np

    from chorus.kernels.persona.behaviour import message_features
    from chorus.kernels.persona.community import Community
    from chorus.kernels.persona.lexical import lexical_vectors
    from chorus.kernels.persona.words import LANGUAGES, language

    get = lambda name: heard.get(Keyword(name))
    form = [
        get(name) for name in ("author", "day", "seconds", "channel", "answers", "reactions", "attachments")
    ]
    ctx.charge(len(get("texts")) * 50, 4 * get("vectors").size)
    author, day, _, channel, *_ = form
    texts, rows = get("texts"), get("rows")
    return Community(
        author=author,
        day=day,
        channel=channel,
        behaviour=message_features(texts, *form),
        vectors=get("vectors"),
        rows=rows,
        authors=len(get("authors")),
        language=np.array([LANGUAGES.index(language(text) or LANGUAGES[0]) for text in texts], np.int64),
        lexical=lexical_vectors([texts[row] for row in rows], author[rows], seed=seed),
    )


@primitive("%persona-profiles", effects="compute")
def persona_profiles(ctx: Any, heard: HashTable, found: HashTable) -> Any:
    """What each persona of FOUND is like: a list of tables.

    > (%persona-profiles (%heard :embed #f) {:k 0})
    => ()
    """
    from chorus.kernels.persona.profile import profiles

    membership = found.get(Keyword("membership"))
    if membership is None:
        return make_list([])
    get = lambda name: heard.get(Keyword(name))
    texts, vectors, rows = get("texts"), get("vectors"), get("rows")
    names = frozenset(get("names"))
    encode = ctx.embedder.encode
    made = profiles(texts, get("author"), get("seconds"), vectors, rows, membership, names, encode)
    labels = membership.argmax(1)[get("author")[rows]]
    for persona, row in enumerate(made):
        ctx.check()
        row["mood"] = _mood(ctx, texts, vectors, rows, labels == persona)
        row["representative"] = [get("ids")[at] for at in row["representative"]]
    return lispy(made)


def _mood(ctx: Any, texts: list[str], vectors: Any, rows: Any, own: Any) -> dict[str, Any]:
    """The mean tone in [-1, 1] of a sample of the messages that are OWN (bool over ROWS), and of how many."""
    import numpy as np

    from chorus.kernels.answer.tone import tone

    at = np.flatnonzero(own)
    at = at[:: max(len(at) // TONE_SAMPLE, 1)]
    if not len(at):
        return {"tone": 0.0, "n": 0}
    heard = tone([texts[rows[i]] for i in at], vectors[at], ctx.embedder.encode, words_weight=0.6, scale=2.0)
    return {"tone": round(float(heard.mean()), 3), "n": len(at)}


@primitive("%author-places", effects="compute")
def author_places(ctx: Any, heard: HashTable, *, seed: int = 0) -> Any:
    """Where the authors in what `%heard` gathered stand in a plane, near if they speak alike: (author x y messages)
    each, of those whose messages have vectors.

    > (list? (%author-places (%heard :embed #f)))
    => #t
    """
    import numpy as np

    from chorus.kernels.persona.layout import author_means, places

    get = lambda name: heard.get(Keyword(name))
    author, vectors = get("author")[get("rows")], get("vectors")
    if not len(vectors):
        return make_list([])
    ctx.charge(vectors.size // 100 + 1, 8 * vectors.size)
    means, counts = author_means(vectors, author, len(get("authors")))
    known = np.flatnonzero(counts)
    placed = places(means[known], seed=seed)
    rows = [
        [get("authors")[at], *place, int(counts[at])]
        for at, place in zip(known, placed.tolist(), strict=True)
    ]
    return make_list(make_list(row) for row in rows)


@primitive("spectral-clusters", effects="compute")
def spectral_clusters(
    ctx: Any,
    points: Annotated[Any, "n d"],
    k: int,
    *,
    neighbours: int | None = None,
    landmarks: int | None = None,
    seed: int = 0,
    device: str = "cpu",
) -> Annotated[Any, "n"]:
    """Labels from 0 of the K spectral clusters of POINTS, a tensor or a list of lists.   [Ng, Jordan &
    Weiss 2001]

    A graph of the nearest NEIGHBOURS, locally scaled; eigenvectors of its regularised normalised adjacency,
    rows on the sphere; k-means with restarts. Of more than 20,000 points, or where LANDMARKS says how many, points are
    told by the landmarks nearest to them [Chen & Cai 2011]: a graph of all would take hours. DEVICE is auto, cuda, mps
    or cpu. Deterministic given SEED. It finds K clusters in anything: see `discover-personas`.

    > (let ((c (spectral-clusters '((0 0) (0 1) (1 0) (9 9) (9 8) (8 9)) 2 :neighbours 2)))
        (list (= (vector-ref c 0) (vector-ref c 2)) (= (vector-ref c 0) (vector-ref c 3))))
    => (#t #f)
    """
    from chorus.kernels.persona.cluster import neighbours as usual
    from chorus.kernels.persona.knn import affinity, knn_graph
    from chorus.kernels.persona.landmark import landmark_cluster
    from chorus.kernels.persona.spectral import njw, spectral_embed

    x = _points(points, "spectral-clusters")
    where = choose_device(device)
    if not 1 <= k <= len(x) - 1:
        raise EvalError(f"spectral-clusters: {len(x)} points cannot be cut into {k} clusters", code="range")
    if neighbours is not None and neighbours < 1:
        raise EvalError(f"spectral-clusters: :neighbours is 1 or more, not {neighbours}", code="range")
    if landmarks or (len(x) > MANY and not neighbours):
        if landmarks and landmarks < k:
            raise EvalError(f"spectral-clusters: {k} clusters need {k} landmarks or more", code="range")
        ctx.charge(10 * len(x), 8 * x.size)
        return landmark_cluster(x, k, landmarks=landmarks, seed=seed, device=where).tolist()
    ctx.charge(len(x) * len(x) // 100 + 1, 8 * min(len(x), 2048) * len(x))
    graph = affinity(*knn_graph(x, min(neighbours or usual(len(x)), len(x) - 1), device=where))
    return njw(spectral_embed(graph, k, seed=seed, device=where)[0], k, seed=seed).tolist()


@primitive("adjusted-rand", effects="pure")
def adjusted_rand(a: Items, b: Items) -> float:
    """How well two clusterings agree: 1 the same, 0 as by chance. Labels may be anything.   [Hubert &
    Arabie 1985]

    > (adjusted-rand '(0 0 1 1) '(b b a a))
    => 1.0
    """
    from chorus.kernels.persona.scores import adjusted_rand as score

    return score(*_labels(a, b, "adjusted-rand"))


@primitive("mutual-information", effects="pure")
def mutual_information(a: Items, b: Items) -> float:
    """Mutual information of two clusterings over the mean of their entropies, in [0, 1].

    > (mutual-information '(0 0 1 1) '(0 1 0 1))
    => 0.0
    """
    from chorus.kernels.persona.scores import normalised_information

    return abs(normalised_information(*_labels(a, b, "mutual-information")))


@primitive("telling-terms", effects="compute")
def telling_terms(texts: Items, classes: Items, *, top: int = 10) -> Any:
    """For each class, in order of its first text, the TOP terms that tell its texts from the others'.

    Class-based TF-IDF over words and pairs of words, stop words left out, and what fewer than three texts have where
    there are twelve or more.   [Grootendorst 2022, arXiv:2203.05794]

    > (telling-terms '("ranked queue" "ranked ladder" "castle lore" "old castle") '(a a b b) :top 1)
    => (("ranked") ("castle"))
    """
    import numpy as np

    from chorus.kernels.persona.topics import count_terms, ctfidf, top_terms

    labels = _labels(classes, classes, "telling-terms")[0]
    if len(texts) != len(labels):
        raise EvalError(f"telling-terms: {len(texts)} texts, but {len(labels)} classes")
    counts, names = count_terms([str(text) for text in texts], np.arange(len(texts)), len(texts), share=0)
    ranked = top_terms(ctfidf(counts, labels), names, top)
    return make_list(make_list(term for term, _ in row) for row in ranked)


@primitive("%term-counts-in", effects="pure")
def term_counts_in(terms: Items, texts: Items) -> Any:
    """In how many of TEXTS each of TERMS of telling-terms stands, as these are cut there: "lag" is no part of "flag".

    > (%term-counts-in '("lag" "queue times") '("Lag again" "the flag" "lag, and long queue times"))
    => (2 1)
    """
    from collections import Counter

    from chorus.kernels.persona.words import terms as terms_of

    wanted = {str(term) for term in terms}
    counts = Counter(term for text in texts for term in wanted.intersection(terms_of(str(text))))
    return make_list(counts[str(term)] for term in terms)


@primitive("%device", effects="pure")
def device_of(wanted: str) -> str:
    """The torch device for WANTED: auto, cuda, mps or cpu; an absent one is an error, never a fallback.

    > (%device "cpu")
    => "cpu"
    """
    return choose_device(wanted)


def _points(value: Any, caller: str) -> Any:
    """VALUE, a tensor or lists of numbers, as f32[n,d]."""
    import numpy as np

    from chorus.kernels.spectral.given import NoNumber, only_numbers

    hint = None
    try:
        rows = value if isinstance(value, np.ndarray) else [list(row) for row in value]
        for row in [rows] if isinstance(rows, np.ndarray) else rows:
            only_numbers(row)
        x: Any = np.asarray(rows, dtype=np.float64)
    except NoNumber as problem:
        x, hint = np.zeros(0), str(problem)
    except (TypeError, ValueError, OverflowError):
        x = np.zeros(0)
    if x.ndim != 2 or not np.isfinite(x).all():
        raise EvalError(
            f"{caller}: points should be a tensor, or lists of as many finite numbers each",
            code="type",
            hint=hint,
        )
    if np.abs(x).max(initial=0) > FARTHEST:
        raise EvalError(
            f"{caller}: a coordinate is too large to reckon with", code="range", hint="use a larger unit"
        )
    return x.astype(np.float32)


def _labels(a: list[Any], b: list[Any], caller: str) -> tuple[Any, Any]:
    """Labels of any kind as integers from 0, in order of appearance."""
    import numpy as np

    from chorus.runtime.values import hash_key

    if len(a) != len(b) or not a:
        raise EvalError(
            f"{caller}: two clusterings of the same items are needed, not {len(a)} and {len(b)} labels"
        )
    codes = []
    for labels in (a, b):
        number: dict[Any, int] = {}
        codes.append(
            np.array([number.setdefault(hash_key(label), len(number)) for label in labels], np.int64)
        )
    return codes[0], codes[1]
