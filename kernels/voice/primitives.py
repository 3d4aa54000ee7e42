"""Primitives over voices: train a base, a voice for each persona, the encoder's adapter; let one speak."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, Keyword, figures, make_list

LEAST = 100  # messages of those who are not held out, for a base
LEAST_EACH = 20  # and for a persona's voice
LEAST_PAIRS = 100  # replies, for the encoder's adapter


@primitive("%train-voice-base", effects="compute")
def train_voice_base(
    ctx: Any, heard: HashTable, *, size: Name | None = None, passes: int | None = None, seed: int = 0
) -> HashTable:
    """A small language model trained on what `%voice-heard` gathered: its :parts, what is said :about it and the
    :marks of what it learnt on.

    > (guard (e (#t (error-object-code e))) (%train-voice-base (hash-table :texts '() :authors '() :contexts '())))
    => too-little
    """
    from dataclasses import replace

    from chorus.kernels.voice.gathered import Gathered
    from chorus.kernels.voice.model import SIZES, fresh, kept
    from chorus.kernels.voice.personas import is_held_out
    from chorus.kernels.voice.scoring import costs, counts, perplexity
    from chorus.kernels.voice.training import BASE, fit, steps_of
    from chorus.kernels.voice.words import learn_words

    size = size or Name("small")
    _check("train-voice-base!", size in SIZES, f"no size is called {size}", f"known: {', '.join(SIZES)}")
    wanted = BASE.passes if passes is None else passes
    plan = replace(
        BASE, passes=_count("train-voice-base!", ":passes", wanted), seed=_seed("train-voice-base!", seed)
    )
    said = Gathered.of(heard)
    learnt = said.where(lambda author: not is_held_out(author, seed))
    _enough("train-voice-base!", len(learnt), LEAST, "messages of people")
    ctx.charge(plan.passes * sum(map(len, said.texts)), 4000 * len(said))
    with ctx.working("training the voices' base") as bar:
        words = learn_words([said.texts[at] for at in learnt])
        base = fresh(words, size, seed)
        rows = said.rows(words, seed, base.longest)
        mine = [rows[at] for at in learnt]
        bar.total = steps_of(mine, plan)
        losses = fit(base.model, mine, base.model.parameters(), plan, bar.advance)
        held = said.where(lambda author: is_held_out(author, seed))
        theirs = [rows[at] for at in held]
        nats = costs(base.model, theirs, ctx.check)
    about = base.about | {
        "parameters": base.parameters(),
        "tokens": words.size,
        "seed": seed,
        "passes": plan.passes,
        "messages": len(learnt),
        "authors": len({said.authors[at] for at in learnt}),
        "loss": losses[-1],
    }
    if held:
        found = perplexity(nats, counts(theirs), [said.authors[at] for at in held], seed)
        about |= {"held-out": {"messages": len(held), "perplexity": found}}
    arrays, shape = kept(base)
    return _made([("base", arrays, shape)], about, said.marks_of(learnt))


@primitive("%voice-folder", effects="read-file compute")
def voice_folder(ctx: Any, path: str, *, seed: int = 0) -> HashTable:
    """The language model in the folder PATH as a base: nothing of it is copied, nothing of it changes.

    > (guard (e (#t (error-object-code e))) (%voice-folder "no-such-folder"))
    => model
    """
    from pathlib import Path

    import numpy as np

    from chorus.kernels.lora.adapter import fingerprint
    from chorus.kernels.voice.model import opened

    seed = _seed("train-voice-base!", seed)
    base = opened(Path(path).expanduser().resolve())
    about = base.about | {"parameters": base.parameters(), "tokens": base.words.size, "seed": seed}
    shape = base.about | {"fingerprint": fingerprint(base.model)}
    return _made([("base", {}, shape)], about, np.zeros(0, np.int64))


@primitive("%load-voice-folder", effects="read-file compute")
def load_voice_folder(ctx: Any, opened: HashTable) -> None:
    """Have the folder's model at hand that the OPENED base names; refused where it is not the one that it was.

    > (guard (e (#t (error-object-code e))) (%load-voice-folder (hash-table :parts '())))
    => …
    """
    from chorus.kernels.voice.at_hand import load_folder

    load_folder(ctx, opened)


@primitive("%train-voices", effects="compute")
def train_voices(
    ctx: Any,
    opened: HashTable,
    heard: HashTable,
    personas: Items,
    *,
    rank: int | None = None,
    passes: int | None = None,
    seed: int = 0,
) -> HashTable:
    """A voice for each of PERSONAS, lists (key name author …), on the base OPENED, from what `%voice-heard`
    gathered: the :parts, what is said :about them, and the :marks of what they learnt on.

    > (guard (e (#t (error-object-code e))) (%train-voices (hash-table :parts '()) (hash-table) '()))
    => too-little
    """
    _enough("train-voices!", len(personas), 2, "personas")
    from chorus.kernels.voice.gathered import voices_of

    given = {"rank": rank, "passes": passes}
    for name, value in given.items():
        if value is not None:
            _count("train-voices!", f":{name}", value)
    _seed("train-voices!", seed)
    people = [(str(row[0]), str(row[1]), [str(author) for author in row[2:]]) for row in map(list, personas)]
    return _made(*voices_of(ctx, opened, heard, people, seed, LEAST_EACH, **given))


@primitive("%speak", effects="compute")
def speak(
    ctx: Any,
    opened: HashTable,
    voice: Any,
    prompt: str,
    *,
    seed: int = 0,
    temperature: float = 0.8,
    nucleus: float = 0.95,
    longest: int = 48,
) -> str:
    """What VOICE, a part of the voices, an adapter, or #f for the base OPENED, says to PROMPT; the same for the same
    SEED.

    > (guard (e (#t (error-object-code e))) (%speak (hash-table :parts '()) #f "hello" :temperature -1))
    => range
    """
    who = "speak"
    _check(who, 0 <= temperature <= 10, f":temperature should be between 0 and 10, not {temperature}", "0.8")
    _check(who, 0 < nucleus <= 1, f":nucleus should be above 0 and at most 1, not {nucleus}", "0.95")
    _count(who, ":longest", longest)
    _seed(who, seed)
    from chorus.kernels.voice.at_hand import speaking
    from chorus.kernels.voice.sampling import Taste, sample

    base, served, adapter = speaking(ctx, opened, voice)
    longest = min(longest, base.longest - 2)
    taste = Taste(temperature, nucleus, longest, seed)
    ctx.charge(longest * 1000)
    with served.using(-1 if adapter is None else adapter):
        return sample(base.model, base.words, prompt, taste, base.longest, ctx.check)


@primitive("%choose-spoken", effects="compute")
def choose_spoken(
    ctx: Any, opened: HashTable, voice: Any, prompt: str, spans: Items, *, count: int = 2, seed: int = 0
) -> Any:
    """The places in SPANS of COUNT that VOICE says to PROMPT, drawn by how much likelier its persona is to say them
    than anybody; the same for the same SEED.

    > (%choose-spoken (hash-table :parts '()) #f "hello" '())
    => ()
    """
    _count("speak", ":sentences", count)
    _seed("speak", seed)
    said = [str(span) for span in spans]
    if not said:
        return make_list([])
    from chorus.kernels.voice.at_hand import speaking
    from chorus.kernels.voice.grounding import chosen, likeness

    base, served, adapter = speaking(ctx, opened, voice)
    ctx.charge(sum(map(len, said)))
    if adapter is None:
        return make_list(chosen([0.0] * len(said), count, seed))
    return make_list(chosen(likeness(served, adapter, base.words, said, prompt), count, seed))


@primitive("%unsupported", effects="pure")
def unsupported(sentences: Items, messages: Items) -> Any:
    """Those of SENTENCES that stand in none of MESSAGES word for word.

    > (%unsupported '("too hard" "too easy") '("way too  hard for me"))
    => ("too easy")
    """
    from chorus.kernels.voice.grounding import unsupported

    return make_list(unsupported([str(each) for each in sentences], [str(each) for each in messages]))


@primitive("%train-encoder", effects="compute")
def train_encoder(ctx: Any, heard: HashTable, *, passes: int | None = None, seed: int = 0) -> HashTable:
    """An adapter of the session's encoder, learnt on the replies that `%voice-heard` gathered: its :parts, what is
    said :about it, whether it is :accepted among that, and the :marks of what it learnt on.

    > (guard (e (#t (error-object-code e)))
        (%train-encoder (hash-table :texts '() :authors '() :contexts '() :threads '())))
    => too-little
    """
    from chorus.kernels.voice.contrast import Encoder, Lesson, steps_of
    from chorus.kernels.voice.gathered import Gathered
    from chorus.kernels.voice.threadsearch import learn, split

    said = Gathered.of(heard)
    wanted = Lesson.passes if passes is None else passes
    lesson = Lesson(
        seed=_seed("train-encoder-adapter!", seed), passes=_count("train-encoder-adapter!", ":passes", wanted)
    )
    pairs, places = said.pairs()
    taught, held = split(pairs, seed)
    _enough("train-encoder-adapter!", len(taught), LEAST_PAIRS, "replies")
    ctx.charge(sum(map(len, said.texts)), 4000 * len(pairs))
    encoder = Encoder.open(ctx.embedder.folder)
    with ctx.working("training the encoder's adapter") as bar:
        bar.total = lesson.passes * steps_of(taught, lesson)
        adapter, verdict = learn(encoder, taught, held, lesson, bar.advance)
    about = {
        "accepted": verdict.accepted,
        "before": verdict.before,
        "after": verdict.after,
        "gain": verdict.gain,
        "replies": verdict.replies,
        "threads": verdict.threads,
        "learnt-on": len(taught),
        "model": ctx.embedder.model,
        "seed": seed,
    }
    learnt = set(taught)
    marks = said.marks_of([at for pair, at in zip(pairs, places, strict=True) if pair in learnt])
    arrays = {name: tensor.numpy() for name, tensor in adapter.tensors().items()}
    return _made([("encoder", arrays, adapter.about())], about, marks)


@primitive("%adapted-encoder", effects="compute write-store")
def adapted_encoder(ctx: Any, opened: HashTable) -> str:
    """A folder of the workspace that holds the session's encoder with the OPENED adapter in its weights.

    > (guard (e (#t 'refused)) (%adapted-encoder (hash-table :parts '() :about {:model "another"})))
    => refused
    """
    from chorus.kernels.voice.at_hand import adapted

    return adapted(ctx, opened)


def _made(parts: list[Any], about: dict[str, Any], marks: Any) -> HashTable:
    rows = make_list(make_list([name, arrays, told]) for name, arrays, told in parts)
    return HashTable(
        [(Keyword("parts"), rows), (Keyword("about"), figures(about)), (Keyword("marks"), marks)]
    )


def _check(who: str, fine: bool, problem: str, hint: str) -> None:
    if not fine:
        raise EvalError(f"{who}: {problem}", code="range", hint=hint)


def _count(who: str, option: str, value: int) -> int:
    _check(who, value >= 1, f"{option} should be 1 or more, not {value}", f"{option} 8")
    return value


def _seed(who: str, seed: int) -> int:
    _check(who, seed >= 0, f":seed should be 0 or more, not {seed}", ":seed 1")
    return seed


def _enough(who: str, there: int, wanted: int, what: str) -> None:
    if there < wanted:
        raise EvalError(
            f"{who}: only {there} {what} can be learnt from; {wanted} or more are needed",
            code="too-little",
            hint="ingest more, or discover the personas first: (discover-personas)",
        )
