"""Vectors as primitives: of a text, of the messages, and how alike two of them are."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.values import NIL, HashTable, Keyword, MultipleValues, MutableString, Pair, make_list

Tensor = Any


@primitive("embed-text", effects="compute")
def embed_text(ctx: Any, text: str) -> Annotated[Tensor, "d"]:
    """The unit vector of TEXT under the session's embedding model.

    all-MiniLM-L6-v2 unless another was chosen: 384 numbers; what lies behind its 256th token is not seen.

    > (< 0.5 (cosine (embed-text "a wireless driver") (embed-text "driver for the wifi card")) 1)
    => #t
    """
    return ctx.embedder.encode([text], ctx.check)[0]


@primitive("embed-texts", effects="compute")
def embed_texts(ctx: Any, texts: Items) -> Annotated[Tensor, "n d"]:
    """The unit vectors of TEXTS, one row each; equal texts are computed once.

    > (embed-texts '("hello" "goodbye" "hello"))
    => #<tensor 3×384 float32>
    """
    plain = [str(text) if text.__class__ in (str, MutableString) else None for text in texts]
    for given, text in zip(texts, plain, strict=True):
        if text is None:
            raise wrong_type("embed-texts", "texts", "a list of strings", given)
    ctx.charge(steps=sum(map(len, plain)), bytes=len(plain) * 4 * 384)  # type: ignore[arg-type]
    return ctx.embedder.encode(plain, ctx.check)


@primitive("cosine", effects="compute")
def cosine(a: Annotated[Tensor, "d"], b: Annotated[Tensor, "d"]) -> float:
    """The cosine of the angle between the vectors A and B: 1 alike, 0 unrelated, -1 opposite. 0 when one is
    all zeros.

    > (cosine #(1 0) #(2 0))
    => 1.0
    > (cosine #(1 0) #(0 3))
    => 0.0
    """
    import numpy as np

    x, y = (_vector(value, name) for value, name in ((a, "a"), (b, "b")))
    if x.shape != y.shape:
        raise EvalError(f"cosine: the vectors have {x.size} and {y.size} numbers")
    lengths = float(np.linalg.norm(x) * np.linalg.norm(y))
    return round(max(-1.0, min(1.0, float(x @ y) / lengths)), 7) if lengths else 0.0


@primitive("embed!", effects="read-store write-store compute")
def embed(ctx: Any, *, limit: int | None = None, seconds: float | None = None) -> HashTable:
    """Give a vector to every message that has none: to at most LIMIT texts, for at most SECONDS.

    Work is committed every few seconds, so it can be cancelled or killed and called again. With a LIMIT the
    texts are an even sample of the whole community, and a larger limit later adds to it. The value tells
    :embedded texts, messages :reused because their text had a vector, messages :remaining, vectors :dropped
    because no message says their text any more, :seconds, the :rate in texts a second and the :model.

    > (hash-ref (embed! :limit 100) :remaining)
    => 0
    """
    from chorus.runtime.index.embedding import sweep

    if (limit is not None and limit < 0) or (seconds is not None and not seconds >= 0):
        raise EvalError("embed!: the limit and the seconds should not be negative")
    done = ctx.indexes.ensure(limit, seconds=seconds)
    swept = sweep(ctx) if ctx.workspace is not None else 0
    shown = {
        "embedded": done.embedded,
        "reused": done.reused,
        "remaining": done.remaining,
        "dropped": swept,
        "seconds": round(done.seconds, 2),
        "rate": round(done.rate, 1),
        "model": done.model,
    }
    return HashTable((Keyword(name), value) for name, value in shown.items())


@primitive("embedding-coverage", effects="read-store")
def embedding_coverage(ctx: Any) -> HashTable:
    """How many messages have a vector of the session's model, and how many say anything at all.

    > (hash-ref (embedding-coverage) :messages)
    => …
    """
    there, total = ctx.indexes.coverage()
    return HashTable([(Keyword("embedded"), there), (Keyword("messages"), total)])


@primitive("embedding-model", effects="compute")
def embedding_model(ctx: Any) -> str:
    """The name and content digest of the model that makes the session's vectors.

    > (string? (embedding-model))
    => #t
    """
    return ctx.embedder.model


@primitive("use-embedding-model!", effects="read-file environment")
def use_embedding_model(
    ctx: Any, path: str | None = None, *, device: str = "auto", precision: str = "auto"
) -> str:
    """Make the session's vectors with the sentence-transformers model in the folder PATH, or the default; its
    name.

    DEVICE is auto, cuda, mps or cpu; PRECISION auto, fp32 or bf16. Vectors of different models are kept
    apart, so changing back costs nothing. Only weights in safetensors are opened.

    > (string? (use-embedding-model!))
    => #t
    """
    from chorus.runtime.embed.embedder import Embedder

    options = {"embedding-model": path, "device": device, "precision": precision}
    made = Embedder.from_options(options)
    name = made.model
    ctx.options.update(options)
    ctx.__dict__["embedder"] = made
    return name


@primitive("%message-vectors", effects="read-store compute")
def message_vectors(ctx: Any, ids: Items | None = None) -> MultipleValues:
    """Two values: which of the messages IDS (default: all) have a vector, in order, and these vectors as
    rows.

    > (call-with-values (lambda () (%message-vectors '("no-such-message"))) (lambda (ids rows) ids))
    => ()
    """
    if ids is None:
        there, rows = ctx.indexes.vectors.matrix()
    else:
        there, rows = ctx.indexes.vectors.of([str(message) for message in ids])
    return MultipleValues([make_list(there), rows])


def _vector(value: Any, parameter: str) -> Any:
    """VALUE, a one-dimensional tensor, vector or list of numbers, as a float array."""
    import numpy as np

    try:
        found = np.asarray(
            list(value) if isinstance(value, Pair) or value is NIL else value, dtype=np.float64
        )
    except (TypeError, ValueError):
        found = None
    if found is None or found.ndim != 1 or not np.isfinite(found).all():
        raise wrong_type("cosine", parameter, "a vector of finite numbers", value)
    return found
