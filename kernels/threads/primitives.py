"""Primitives over the kernels of threads: links of logs, a model fitted to known links, how well links agree."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, make_list


def _channel(log: HashTable) -> Any:
    from chorus.kernels.threads.channels import Channel
    from chorus.kernels.threads.log import Message

    get = lambda name: log.get(Keyword(name))
    columns = zip(*(get(name) for name in ("author", "at", "said", "system", "bot", "to")), strict=True)
    messages = [
        Message(author, at, said or "", system, bot, tuple(to or ()))
        for author, at, said, system, bot, to in columns
    ]
    return Channel(messages, get("names"), get("known"))


def _model(given: Any) -> Any:
    from chorus.kernels.threads.keeping import shipped, unpacked

    if given is False:
        return shipped()
    try:
        return unpacked(bytes(given))
    except Exception as problem:
        raise EvalError(
            f"this is no model of threads: {problem}",
            code="range",
            hint="make one with (train-threads! links)",
        ) from None


@primitive("%thread-model-name", effects="compute")
def thread_model_name(model: Any) -> str:
    """What tells MODEL, a bytevector, or #f for the one that comes with Chorus, from any other.

    > (substring (%thread-model-name #f) 0 8)
    => "threads@"
    """
    from chorus.kernels.threads.keeping import name_of

    return name_of(_model(model))


@primitive("%link-threads", effects="compute")
def link_threads(ctx: Any, logs: Items, model: Any, *, device: str = "cpu") -> Any:
    """What each of the :rows of LOGS answers as MODEL has it, reckoned on DEVICE: of each log a list of (row answered
    score).

    > (%link-threads '() #f)
    => ()
    """
    import numpy as np

    from chorus.kernels.persona.primitives import device_of
    from chorus.kernels.threads.channels import PIECE, linked

    place = device_of(device)
    made, found = _model(model), []
    with ctx.working("rebuilding threads") as bar:
        for log in logs:
            channel, rows = _channel(log), np.array(log.get(Keyword("rows")), np.int64)
            links: list[Any] = []
            for start in range(0, len(rows), PIECE):
                links += linked(made, channel, rows[start : start + PIECE], place)
                ctx.charge(PIECE * 100)
                bar.advance(min(PIECE, len(rows) - start))
            found.append(links)
    return make_list(found)


@primitive("%fit-threads", effects="compute")
def fit_threads(ctx: Any, logs: Items, seed: int, *, device: str = "cpu") -> bytearray:
    """A model, a bytevector, fitted on DEVICE to the links that are :known in LOGS.

    > (guard (e (#t 'refused)) (%fit-threads '() 0))
    => refused
    """
    from chorus.kernels.persona.primitives import device_of
    from chorus.kernels.threads.channels import labelled
    from chorus.kernels.threads.keeping import packed
    from chorus.kernels.threads.training import fit

    place = device_of(device)
    known = [piece for log in logs for piece in labelled(_channel(log))]
    began = sum(answered == [message] for _, links in known for message, answered in links.items())
    total = sum(len(links) for _, links in known)
    if total < LEAST or began in (0, total):
        raise EvalError(
            f"train-threads!: {total} links to messages that are there, {began} of which begin a conversation",
            code="range",
            hint=f"{LEAST} links (message reply-to) are needed; a message that begins a conversation answers itself",
        )
    with ctx.working("training") as bar:
        return bytearray(packed(fit(known, seed, tick=bar.advance, device=place)))


LEAST = 200  # links


@primitive("%thread-agreement", effects="compute")
def thread_agreement(marked: Items, made: Items) -> HashTable:
    """How the links MADE agree with those MARKED, both lists of (message answered) by number: a hash table with
    :precision :recall :f of links, :vi :one-to-one :exact of conversations, in percent.

    > (hash-ref (%thread-agreement '((0 0) (1 0) (2 2)) '((0 0) (1 0) (2 1))) :f)
    => 66.66666666666666
    """
    from chorus.kernels.threads.measures import agreement

    sides = [{(int(a), int(b)) for a, b in map(list, side)} for side in (marked, made)]
    found = agreement([sides[0]], [sides[1]])
    return HashTable((Keyword(name.replace("_", "-")), value) for name, value in found._asdict().items())
