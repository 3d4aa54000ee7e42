"""Adapters as values: opening one by its digest, taking one apart, listing and checking what the workspace keeps."""

from __future__ import annotations

from typing import Any

from chorus.runtime.adapters import objects
from chorus.runtime.adapters.value import FACTORS, Adapter
from chorus.runtime.errors import EvalError
from chorus.runtime.learnt import DIGITS, HEARD, MARKS
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, lispy, make_list, table

UNSAID = ("name", "base", "alpha", MARKS, HEARD)  # told otherwise, or for nobody to read
PLAIN = (str, int, float, bool)


def insist_on_adapter(value: Any, caller: str) -> Adapter:
    if not isinstance(value, Adapter):
        raise wrong_type(caller, "adapter", "an adapter", value)
    return value


@primitive("adapter", effects="read-store")
def adapter(ctx: Any, digest: str, *more: str) -> Adapter:
    """The adapter DIGEST of this workspace or session, or of several digests their sum. The first six digits will do.

    > (define a (make-adapter 'voice {:q '(4 4)} :rank 2))
    > (equal? a (adapter (adapter-digest a)))
    => #t
    > (guard (e (#t (error-object-message e))) (adapter "000000"))
    => "no adapters begin with 000000"
    """
    digests = [ctx.adapters.found(each) for each in (digest, *more)]
    made = ctx.adapters.sum(digests)
    if not all(map(ctx.adapters.has, digests)):
        made.contents  # noqa: B018 — says which one is missing
    return made


@primitive("adapter?", effects="pure")
def is_adapter(value: Any) -> bool:
    """Whether VALUE is an adapter: a change of low rank to named layers.

    > (list (adapter? (make-adapter 'voice {:q '(4 4)})) (adapter? "voice"))
    => (#t #f)
    """
    return isinstance(value, Adapter)


@primitive("adapter-digest", effects="pure")
def adapter_digest(adapter: Any) -> Any:
    """The digest by which ADAPTER is kept, of a sum a list of them. The same numbers have the same digest anywhere.

    > (string-length (adapter-digest (make-adapter 'voice {:q '(4 4)})))
    => 64
    """
    digests = insist_on_adapter(adapter, "adapter-digest").digests
    return digests[0] if len(digests) == 1 else make_list(digests)


@primitive("adapter-parts", effects="pure")
def adapter_parts(ctx: Any, adapter: Any) -> Any:
    """The adapters that ADAPTER is the sum of, in order; itself alone if it is no sum.

    > (length (adapter-parts (make-adapter 'voice {:q '(4 4)})))
    => 1
    """
    return make_list(ctx.adapters.sum([each]) for each in insist_on_adapter(adapter, "adapter-parts").digests)


@primitive("adapter-about", effects="read-store")
def adapter_about(adapter: Any) -> HashTable:
    """What ADAPTER is: :name, :rank, the :base that it changes, its :layers with their sizes (outputs inputs rank), how
    many :numbers it holds, its :digest, and what was noted where it was made, as the :held-out figures of a training
    and how many messages of the workspace it was :learnt-from.

    > (hash-ref (adapter-about (make-adapter 'voice {:q '(4 6)} :rank 2)) :layers)
    => {q (4 6 2)}
    """
    of = insist_on_adapter(adapter, "adapter-about")
    noted: dict[str, Any] = {}
    for content in of.contents:
        noted |= {key: value for key, value in content.about.items() if key not in UNSAID}
        if marks := content.about.get(MARKS):
            noted["learnt-from"] = noted.get("learnt-from", 0) + len(marks) // DIGITS
    layers = of.layers
    said = {
        "name": of.name,
        "rank": of.rank,
        "base": of.base or False,
        "layers": HashTable((Symbol(name), make_list(sizes)) for name, sizes in layers.items()),
        "numbers": sum(rank * (o + d) for o, d, rank in layers.values()),
        "digest": adapter_digest(of),
    }
    made = table(**said)
    for key, value in noted.items():
        made.set(Keyword(key), lispy(value))
    return made


@primitive("adapter-factors", effects="read-store")
def adapter_factors(adapter: Any, layer: Any) -> Any:
    """The matrices (A B) of ADAPTER's LAYER, A rank × inputs, B outputs × rank with the scale α/r in it: its change is
    B·A.

    > (adapter-factors (make-adapter 'voice {:q '(4 6)} :rank 2) 'q)
    => (#<tensor 2×6 float32> #<tensor 4×2 float32>)
    """
    import numpy as np

    of = insist_on_adapter(adapter, "adapter-factors")
    name = str(getattr(layer, "name", layer))
    if name not in of.layers:
        raise EvalError(
            f"the adapter changes no layer {name}", code="adapter", hint=f"it changes {', '.join(of.layers)}"
        )
    found = []
    for content in of.contents:
        if name in content.layers:
            a, b = (content.tensors[name + end] for end in FACTORS)
            most = max(rank for _, _, rank in content.layers.values())
            found.append((a, b * (float(content.about.get("alpha", most)) / most)))
    return make_list([np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found], axis=1)])


@primitive("adapters", effects="read-store")
def adapters(ctx: Any) -> Any:
    """The adapters that the workspace keeps, and those bound in this session. A damaged one is listed, too: printing
    says so.

    > (list? (adapters))
    => #t
    """
    return make_list(ctx.adapters.sum([digest]) for digest in ctx.adapters.listed())


@primitive("%as-adapter", effects="pure")
def as_adapter(ctx: Any, made: HashTable) -> Adapter:
    """The adapter of MADE's :tensors and what is said :about it, as kernels give them.

    > (guard (e (#t (error-object-message e))) (%as-adapter {:tensors #f :about #f}))
    => …
    """
    tensors, about = made.get(Keyword("tensors")), made.get(Keyword("about"))
    if not isinstance(tensors, dict) or not isinstance(about, dict):
        raise wrong_type("%as-adapter", "made", "tensors by name and what is said about them", made)
    ctx.charge(1, sum(array.nbytes for array in tensors.values()))
    return ctx.adapters.make(tensors, about)


@primitive("%adapters-damaged", effects="read-store")
def damaged(ctx: Any) -> Any:
    """The digests of the files of adapters that are not what was written.

    > (%adapters-damaged)
    => ()
    """
    folder = ctx.adapters.folder
    if folder is None:
        return make_list([])
    return make_list(digest for digest in objects.listed(folder) if not objects.is_sound(folder, digest))
