"""What moves outward, and what leaves: the queue of migrations, what is everybody's, releases with a stated ε."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive, seeded
from chorus.runtime.values import HashTable, Keyword, Symbol, lispy, list_items, make_list


@primitive("%migration-queue", effects="compute")
def migration_queue(store: Any, *, capacity: int = 64, spill: int = 1024) -> Any:
    """The queue of adapters that STORE of the host keeps: CAPACITY of those that wait in memory, SPILL more on disk.
    Programs have `migrate!`.

    > (procedure? %migration-queue)
    => #t
    """
    from chorus.kernels.lora.migrate import Queue
    from chorus.kernels.lora.moves import algebra

    if not hasattr(store, "lines"):
        raise EvalError(
            "%migration-queue: a store of the host", code="type", hint="(migrate! 'name) proposes"
        )
    return Queue(None, capacity, spill, approval=True, algebra=algebra(store.make), store=store)


@primitive("%universal", effects="compute")
def universal(ctx: Any, patterns: HashTable, q: float, seed: int) -> Any:
    """(name u p batches universal) of each of PATTERNS, lists of adapters, one a batch; see `universal-patterns`.

    > (let ((a (make-adapter 'v {:q '(((1 0)) ((2) (0)))})))
        (map (lambda (row) (list (car row) (cadddr row))) (%universal {:same (list a a a)} 0.05 0)))
    => ((same 3))
    """
    from chorus.kernels.lora.likeness import cosines, products
    from chorus.kernels.lora.universal import discoveries, from_gram
    from chorus.kernels.lora.values import kernel_of

    if not 0 < q < 1:
        raise EvalError(f"universal-patterns: q is between 0 and 1, not {q}", code="range")
    seeded(seed, "universal-patterns")
    judged = {}
    for name, batches in patterns.items():
        whole = [kernel_of(one, "universal-patterns") for one in list_items(batches) or []]
        if len(whole) < 2:
            raise EvalError(
                f"universal-patterns: {len(whole)} batches show {getattr(name, 'name', name)}; 2 or more are needed",
                code="too-little",
            )
        ctx.charge(len(whole) ** 2 + 4096, 8 * sum(one.size for one in whole))
        judged[name] = from_gram(cosines(products(whole)).numpy(), seed)
    marks = discoveries([each.p for each in judged.values()], q)
    return make_list(
        make_list([Symbol(str(getattr(name, "name", name))), round(u, 4), round(p, 5), batches, bool(found)])
        for (name, (u, p, batches)), found in zip(judged.items(), marks, strict=True)
    )


@primitive("%release", effects="compute")
def release(
    ctx: Any, adapters: Any, mode: Any, clip: float, epsilon: float, delta: float, rank: Any, name: str
) -> HashTable:
    """The mean of ADAPTERS as MODE lets it leave, and what is stated of it; see `adapter-share`.

    > (guard (e (#t (error-object-code e)))
        (%release (list (make-adapter 'v {:q '(((1 0)) ((2) (0)))})) 'private 1.0 1.0 1e-5 #f "v"))
    => private
    """
    from chorus.kernels.lora.primitives import _rank, _told, items_of
    from chorus.kernels.lora.sharing import shared
    from chorus.kernels.lora.values import heard_by, kernel_of

    given = items_of(adapters, "adapter-share", "adapters")
    whole = [kernel_of(one, "adapter-share") for one in given]
    if not whole:
        raise EvalError("adapter-share: one adapter or more", code="range")
    ctx.charge(len(whole), 8 * sum(one.size for one in whole))
    made, said = shared(
        whole,
        str(getattr(mode, "name", mode)),
        float(clip),
        float(epsilon),
        float(delta),
        None if rank is False else _rank(rank, "adapter-share"),
    )
    told = _told(made.renamed(name), shared=said, **heard_by(given))
    told.set(Keyword("said"), lispy({key: _short(value) for key, value in said.items()}))
    return told


def _short(value: Any) -> Any:
    """A figure with four digits that count: a δ of 1e-5 must not be stated as 0."""
    return float(f"{value:.4g}") if value.__class__ is float else value


@primitive("privacy-spent", effects="compute")
def privacy_spent(sigmas: Any, delta: float = 1e-5) -> float:
    """The ε at DELTA of all releases about the same people together, of noise SIGMAS (as `adapter-share` tells :sigma).
    Gaussian differential privacy (Dong, Roth & Su 2022): their 1/σ² add up, exactly.

    > (round (* 100 (privacy-spent '(1.99))))
    => 200.0
    > (> (privacy-spent '(2 2)) (privacy-spent '(2)))
    => #t
    """
    from chorus.kernels.lora.primitives import items_of, number_of
    from chorus.kernels.lora.privacy import Spent

    spent = Spent()
    for sigma in items_of(sigmas, "privacy-spent", "sigmas"):
        noise = number_of(sigma, "privacy-spent", "sigmas")
        if not noise > 0:
            raise EvalError("privacy-spent: noise is above 0", code="range", irritants=(sigma,))
        spent.note(noise)
    return round(spent.epsilon(float(delta)), 4)
