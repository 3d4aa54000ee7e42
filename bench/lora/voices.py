"""Voices on planted personas: is each persona's speech foretold best by its own voice?

Two invented communities, whose authors' personas are known. A base and one voice a persona learn on four fifths of the
authors; the rest are asked about. The control has the personas dealt out among the authors by lot. With --full also: a
larger base, five communities, and the encoder's adapter beside its own control.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

MESSAGES = 4000
SEEDS, MORE = (7, 11), (7, 11, 23, 31, 47)
SIZE, TOKENS = "nano", 1024
OWN_BEST = 0.85
Row = tuple[str, float, str, bool]


def goals(end: float, full: bool) -> Iterator[Row]:
    seeds = MORE if full else SEEDS
    began = time.monotonic()
    found: list[tuple[int, str, Any]] = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_community, seed, "small" if full else SIZE) for seed in seeds]
        for job in as_completed(jobs, timeout=max(1.0, end - time.monotonic())):
            found += job.result()
            _tell(found[-2:])
    planted = [
        own.best == name for _, kind, made in found if kind == "planted" for name, own in made.own.items()
    ]
    dealt = [own.best == name for _, kind, made in found if kind == "dealt" for name, own in made.own.items()]
    share, chance = sum(planted) / len(planted), sum(dealt) / len(dealt)
    print(
        f"  own voice best: {sum(planted)} of {len(planted)} personas; dealt by lot {sum(dealt)} of {len(dealt)}"
    )
    print(f"  ({time.monotonic() - began:.0f} s; nats a token ahead of the best other in the last column)")
    if full:
        _encoder(seeds[0])
    yield "voices", share, f"≥{OWN_BEST},by-lot-≤0.34(was-{chance:.2f})", share >= OWN_BEST and chance <= 0.34


def _tell(found: list[tuple[int, str, Any]]) -> None:
    for seed, kind, made in found:
        print(f"  community {seed}, personas {kind}:")
        columns = ("base", *made.names)
        print(f"    {'perplexity of':28}" + "".join(f"{name[:11]:>12}" for name in columns))
        for name, cells in made.cells.items():
            own = made.own[name]
            figures = "".join(f"{cell.value:12.1f}" for cell in cells)
            sure = " sure" if own.sure else ""
            lead = f"{own.lead.value:+.3f} ({own.lead.low:+.3f} to {own.lead.high:+.3f}){sure}"
            print(
                f"    {name:28}{figures}  {'own' if own.best == name else own.best}  {lead}  right {own.right:.2f}"
            )


def _community(seed: int, size: str) -> list[tuple[int, str, Any]]:
    """(seed, planted or dealt, confusion) of the community SEED, on one thread."""
    import torch

    from chorus.kernels.lora.chain import attach
    from chorus.kernels.voice import lines, model, personas, training, words

    torch.set_num_threads(1)
    said, planted = planted_lines(seed, MESSAGES)
    held = [personas.is_held_out(line.author) for line in said]
    tokenizer = words.learn_words(
        [line.text for line, out in zip(said, held, strict=True) if not out], TOKENS
    )
    base = model.fresh(tokenizer, size)
    rows = lines.rows_of(said, tokenizer)
    learnt = [at for at, out in enumerate(held) if not out]
    asked = [at for at, out in enumerate(held) if out]
    training.fit(base.model, [rows[at] for at in learnt], base.model.parameters(), training.BASE)
    served = attach(base.model)
    made = []
    for kind, persona in (("planted", planted), ("dealt", personas.shuffled(planted, seed))):
        names = sorted(set(persona.values()))
        voices = [
            personas.train_voice(
                served, name, [rows[at] for at in learnt if persona[said[at].author] == name]
            )
            for name in names
        ]
        theirs = [rows[at] for at in asked]
        nats = personas.costs_by(served, voices, theirs)
        who = [said[at].author for at in asked]
        made.append((seed, kind, personas.confusion(nats, theirs, [persona[w] for w in who], who, names)))
    return made


def planted_lines(seed: int, messages: int) -> tuple[list[Any], dict[str, str]]:
    """(what the players of an invented community wrote, author → persona)."""
    from chorus.kernels.voice.lines import Line
    from chorus.kernels.voice.personas import is_held_out

    export, truth = invented(seed, messages)
    persona = {author: name for author, name in truth["authors"].items() if name}
    by_id = {message["id"]: message for message in export["messages"]}
    said = []
    for message in export["messages"]:
        author = message["author"]["id"]
        above = by_id.get(truth["messages"][message["id"]]["reply-to"])
        if author not in persona or not message["content"].strip():
            continue
        hidden = above and is_held_out(above["author"]["id"]) and not is_held_out(author)
        said.append(Line(message["content"], author, above["content"] if above and not hidden else ""))
    return said, persona


def invented(seed: int, messages: int) -> tuple[Any, Any]:
    from chorus.runtime.synthetic import generate

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export.json"
        generate(messages, seed, out)
        return tuple(json.loads(path.read_text("utf-8")) for path in (out, out.with_suffix(".truth.json")))  # type: ignore[return-value]


def _encoder(seed: int) -> None:
    """What an adapter of the encoder gains on held-out threads, and what one taught on false pairs does."""
    from chorus.kernels.voice.contrast import Encoder, Lesson
    from chorus.kernels.voice.threadsearch import learn, mispaired, split
    from chorus.runtime.embed.folder import default_folder

    encoder = Encoder.open(default_folder())
    taught, held = split(planted_pairs(seed, MESSAGES))
    for kind, pairs in (("true", taught), ("false", mispaired(taught))):
        _, verdict = learn(encoder, pairs, held, Lesson())
        gain, taken = verdict.gain, "taken" if verdict.accepted else "refused"
        print(
            f"  encoder taught on {len(pairs)} {kind} pairs: rank⁻¹ {verdict.before:.3f} → {verdict.after:.3f}, "
            f"gain {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), {taken}"
        )


def planted_pairs(seed: int, messages: int) -> list[Any]:
    """The replies of an invented community, with what they answer and their threads."""
    from chorus.kernels.voice.contrast import Pair

    export, truth = invented(seed, messages)
    text = {message["id"]: message["content"] for message in export["messages"]}
    above = {id_: row["reply-to"] for id_, row in truth["messages"].items() if row["reply-to"] in text}
    made = []
    for reply, asked in above.items():
        root = asked
        while root in above:
            root = above[root]
        if text[reply].strip() and text[asked].strip():
            made.append(Pair(text[asked], text[reply], root))
    return made
