"""Voices and the workspace: messages go out to the kernels; the base, the voices and the encoder's adapter are kept.

What was learnt remembers by a mark each message that it was learnt on. Once one of these is gone from the
workspace, erased or taken back by an edit, nothing that saw it speaks any more, until it is trained again.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from chorus.runtime.adapters.value import Adapter
from chorus.runtime.errors import EvalError, StoreError
from chorus.runtime.learnt import DIGITS, HEARD, MARKS, listed
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.adapters import insist_on_adapter
from chorus.runtime.values import HashTable, Keyword, lispy, list_items, make_list

LAYOUT = 1
CURRENT = "current.json"
PARTS = ("base", "voices", "encoder")
ASKS = {
    "base": ("there is no base for voices yet", "(train-voice-base!) trains one on the workspace's messages"),
    "voices": ("no voices have been trained yet", "(train-voices!) trains one for each persona"),
    "encoder": ("no adapter of the encoder was accepted yet", "(train-encoder-adapter!) trains one"),
}
SAME = "marks"  # the array of an object that holds the marks of what was heard


@primitive("%voice-heard", effects="read-store")
def voice_heard(ctx: Any) -> HashTable:
    """What people wrote, for voices to learn from: :ids, :texts and :authors of all messages, what each answers
    (:contexts, by :context-authors), its :threads and the :marks of both. What programs wrote is left out.

    > (hash-ref (%voice-heard) :texts)
    => …
    """
    import numpy as np

    from chorus.runtime.index.documents import MARK, SAID

    rows = ctx.reader.rows(
        f"""WITH said AS (SELECT id, said, {MARK} AS mark FROM {SAID})
            SELECT s.id, s.said, m."author-id", coalesce(a.said, ''), coalesce(a."author-id", ''),
                   coalesce(m."reply-to", ''), s.mark, coalesce(a.mark, 0)
            FROM said s JOIN messages m ON m.id = s.id
            LEFT JOIN (SELECT id, said, mark, "author-id" FROM said JOIN messages USING (id)) a ON a.id = m."reply-to"
            LEFT JOIN authors p ON p.id = m."author-id"
            WHERE NOT coalesce(p."is-bot", false) ORDER BY s.id"""
    )
    ctx.charge(len(rows), sum(len(row[1]) for row in rows))
    ids, texts, authors, contexts, context_authors, above, marks, context_marks = map(
        list, zip(*rows, strict=True) if rows else [()] * 8
    )
    made = {
        "ids": ids,
        "texts": texts,
        "authors": authors,
        "contexts": contexts,
        "context-authors": context_authors,
        "threads": _threads(dict(zip(ids, above, strict=True))),
        "marks": np.array(marks, np.uint64).view(np.int64),
        "context-marks": np.array(context_marks, np.uint64).view(np.int64),
    }
    return HashTable((Keyword(name), value) for name, value in made.items())


def _threads(above: dict[str, str]) -> list[str]:
    """The first message of the thread of each of ABOVE, message → what it answers ("": nothing)."""
    root: dict[str, str] = {}
    for message in above:
        path = []
        here = message
        while here not in root and above.get(here) and here not in path:
            path.append(here)
            here = above[here]
        first = root.get(here, here)
        root.update(dict.fromkeys(path, first))
    return [root.get(message, message) for message in above]


@primitive("%keep-voices!", effects="write-store clock")
def keep_voices(ctx: Any, part: str, made: HashTable, marks: Any) -> HashTable:
    """Keep as the workspace's PART, "base", "voices" or "encoder", what was MADE: :parts, (name arrays about) each,
    and what is said :about it all; MARKS are of the messages that it learnt on. What is said about it.

    > (guard (e (#t (error-object-code e))) (%keep-voices! "tail" {} #f))
    => range
    """
    from chorus.runtime.adapters import objects
    from chorus.runtime.durable import replace_file

    _checked(part)
    folder = _folder(ctx)
    folder.mkdir(parents=True, exist_ok=True)
    heard = objects.put(folder, {SAME: marks}, {"kind": "heard"})
    parts = {}
    for name, arrays, about in map(list, made.get(Keyword("parts"))):
        parts[name] = objects.put(_place(ctx, part), arrays, dict(about) | {"heard": heard})
    state = _state(ctx)
    about = _plain(made.get(Keyword("about"))) | {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "corpus": ctx.reader.corpus_version(),
    }
    state["kept"] = sorted({*state["kept"], heard, *parts.values()})
    state[part] = {"parts": parts, "heard": heard, "about": about}
    if part == "base":
        state.pop("voices", None)  # they changed the base that was before
    replace_file(folder / CURRENT, json.dumps(state, sort_keys=True).encode())
    return lispy(about)


@primitive("%open-voices", effects="read-store")
def open_voices(ctx: Any, part: str) -> HashTable:
    """The workspace's PART, "base", "voices" or "encoder": its :parts, (name digest arrays about) each, and what is
    said :about it. Refused where a message that it learnt on is no longer in the workspace.

    > (guard (e (#t (error-object-message e))) (%open-voices "voices"))
    => "no voices have been trained yet"
    """
    from chorus.runtime.adapters import objects

    kept = _kept(ctx, part)
    gone = _gone(ctx, kept["heard"])
    if gone:
        raise EvalError(
            f"the {part} learnt on {gone} message{'s' * (gone > 1)} that the workspace no longer holds",
            code="stale",
            hint="(forget-voices!) deletes what was learnt; (train-voice-base!) and (train-voices!) learn anew",
        )
    opened = [
        make_list([name, digest, *objects.get(_place(ctx, part), digest)])
        for name, digest in kept["parts"].items()
    ]
    return HashTable([(Keyword("parts"), make_list(opened)), (Keyword("about"), lispy(kept["about"]))])


@primitive("%text-marks", effects="read-store")
def text_marks(ctx: Any, texts: Any) -> str:
    """The marks of the messages that say one of TEXTS, sixteen digits each: what an adapter that learns from these
    keeps.

    > (%text-marks '("said by nobody"))
    => ""
    """
    from chorus.runtime.index.documents import MARK, SAID

    if ctx.workspace is None:
        return ""
    wanted = {str(each) for each in list_items(texts) or [] if each}
    rows = ctx.reader.rows(f"SELECT said, {MARK} FROM {SAID}")
    ctx.charge(len(rows))
    return "".join(sorted(f"{mark:016x}" for said, mark in rows if said in wanted))


@primitive("%insist-on-heard", effects="read-store")
def insist_on_heard(ctx: Any, adapter: Any) -> None:
    """Refuse ADAPTER once a message that it learnt on is no longer in the workspace as it was.

    > (%insist-on-heard (make-adapter 'v {:q '(4 4)}))
    """
    gone = 0
    for content in insist_on_adapter(adapter, "adapter").contents if ctx.workspace is not None else ():
        marks = content.about.get(MARKS, "")
        gone += sum(_gone(ctx, heard) for heard in _lists(ctx, adapter, content))
        gone += _known_missing(ctx, marks, partial(_read_marks, marks)) if marks else 0
    if gone:
        raise EvalError(
            f"the adapter {adapter.name} learnt on {gone} message{'s' * (gone > 1)} that the workspace no longer holds",
            code="stale",
            hint="train it again: (adapter-train! …) or (train-voices!); one of another workspace comes in by "
            '(adapter-import "folder" :trusted #t)',
        )


def _lists(ctx: Any, adapter: Any, content: Any) -> list[str]:
    """The digests of the lists of marks that CONTENT names; refused where one was deleted, as nobody can tell then."""
    from chorus.runtime.adapters import objects

    named = listed(content.about.get(HEARD))
    if any(not objects.has(_folder(ctx), each) for each in named):
        raise EvalError(
            f"what the adapter {adapter.name} learnt on is not known here: its list was deleted or never came here",
            code="stale",
            hint="train it again: (train-voices!)",
        )
    return named


@primitive("%adapter-marked?", effects="pure")
def is_marked(value: Any) -> bool:
    """Whether VALUE is an adapter that keeps marks of messages that it learnt on.

    > (%adapter-marked? (make-adapter 'v {:q '(4 4)}))
    => #f
    """
    contents = value.contents if isinstance(value, Adapter) else ()
    return any(content.about.get(key) for content in contents for key in (MARKS, HEARD))


@primitive("%adapter-marks", effects="read-store")
def adapter_marks(ctx: Any, adapter: Any) -> str:
    """The marks of all messages that ADAPTER learnt on, sixteen digits each.

    > (%adapter-marks (make-adapter 'v {:q '(4 4)}))
    => ""
    """
    from chorus.runtime.adapters import objects

    marks: set[str] = set()
    for content in insist_on_adapter(adapter, "adapter").contents:
        told = content.about.get(MARKS, "")
        marks.update(told[at : at + DIGITS] for at in range(0, len(told), DIGITS))
        for heard in _lists(ctx, adapter, content) if content.about.get(HEARD) else ():
            found = objects.get(_folder(ctx), heard)[0][SAME].view("uint64")
            marks.update(f"{mark:0{DIGITS}x}" for mark in found.tolist())
    return "".join(sorted(marks))


@primitive("%voice-state", effects="read-store")
def voice_state(ctx: Any, part: str) -> Any:
    """What is said about the workspace's PART, with how many messages that it learnt on are :gone since; #f without
    one.

    > (%voice-state "base")
    => …
    """
    kept = _state(ctx).get(_checked(part))
    return lispy(kept["about"] | {"gone": _gone(ctx, kept["heard"])}) if kept else False


@primitive("%forget-voices!", effects="write-store")
def forget_voices(ctx: Any) -> int:
    """Delete every base, voice and adapter of the encoder that this workspace ever trained; how many files that were.

    > (%forget-voices!)
    => …
    """
    from chorus.runtime.adapters import objects

    if ctx.workspace is None:
        return 0
    deleted = 0
    for digest in _state(ctx)["kept"]:
        for folder in (_folder(ctx), _place(ctx, "voices")):
            path = objects.path_of(folder, digest)
            if path.is_file():
                path.unlink()
                deleted += 1
    for encoder in _folder(ctx).glob("encoder-*"):
        deleted += sum(path.is_file() for path in encoder.rglob("*"))
        shutil.rmtree(encoder)
    (_folder(ctx) / CURRENT).unlink(missing_ok=True)
    ctx.__dict__.pop("_voice_models", None)
    return deleted


@primitive("%use-adapted-encoder", effects="read-store environment")
def use_adapted_encoder(ctx: Any, folder: str) -> str:
    """Make the session's vectors with the encoder in FOLDER, one of those below the workspace's voices; its name.

    > (guard (e (#t (error-object-code e))) (%use-adapted-encoder "/etc"))
    => range
    """
    from chorus.runtime.embed.embedder import Embedder

    if Path(folder).resolve().parent != _folder(ctx).resolve():
        raise EvalError(f"{folder} is no encoder of this workspace", code="range")
    options = ctx.options | {"embedding-model": folder}
    made = Embedder.from_options(options)
    name = made.model
    ctx.options.update(options)
    ctx.__dict__["embedder"] = made
    return name


def _checked(part: str) -> str:
    if part not in PARTS:
        raise EvalError(f"{part} is no part of voices", code="range", hint=f"known: {', '.join(PARTS)}")
    return part


def _folder(ctx: Any) -> Path:
    if ctx.workspace is None:
        raise StoreError(
            "this session has no workspace",
            code="no-workspace",
            hint="start with --workspace DIR, or Session(workspace=DIR)",
        )
    return Path(ctx.workspace.expanduser() / "voices")


def _place(ctx: Any, part: str) -> Path:
    """Where the objects of PART lie: adapters with all other adapters, so that frames can bind them."""
    return _folder(ctx) if part == "base" else _folder(ctx).with_name("adapters")


def _state(ctx: Any) -> dict[str, Any]:
    """What the workspace says that it keeps."""
    blank: dict[str, Any] = {"layout": LAYOUT, "kept": []}
    if ctx.workspace is None:
        return blank
    try:
        state = json.loads((_folder(ctx) / CURRENT).read_bytes())
        if state["layout"] != LAYOUT or state["kept"].__class__ is not list:
            raise ValueError("of another layout")
    except FileNotFoundError:
        return blank
    except (ValueError, KeyError, TypeError) as problem:
        raise StoreError(
            "the list of the workspace's voices is damaged",
            code="corrupt",
            hint=f"delete {_folder(ctx)}, and train them again",
        ) from problem
    return dict(state)


def _kept(ctx: Any, part: str) -> dict[str, Any]:
    kept = _state(ctx).get(_checked(part))
    if kept is None:
        missing, hint = ASKS[part]
        raise EvalError(missing, code="unknown-voice", hint=hint)
    return dict(kept)


def _gone(ctx: Any, heard: str) -> int:
    """How many of the messages HEARD the workspace no longer holds as they were."""
    from chorus.runtime.adapters import objects

    return _known_missing(ctx, heard, lambda: objects.get(_folder(ctx), heard)[0][SAME].view("uint64"))


def _read_marks(marks: str) -> Any:
    import numpy as np

    return np.array([int(marks[at : at + 16], 16) for at in range(0, len(marks), 16)], np.uint64)


def _known_missing(ctx: Any, key: str, marks: Callable[[], Any]) -> int:
    """How many of MARKS are of no message in the workspace; found once for each KEY as long as nothing is written."""
    import numpy as np

    from chorus.runtime.index.documents import spoken

    version, known = ctx.__dict__.get("_missing_marks", (None, {}))
    if version is None or version != ctx.reader.version:
        known = {}
        ctx.__dict__["_missing_marks"] = ctx.reader.version, known
    if key not in known:
        known[key] = int((~np.isin(marks(), spoken(ctx.reader).marks)).sum())
    return int(known[key])


def _plain(value: Any) -> Any:
    """VALUE of the language as JSON has it."""
    from chorus.runtime.jsonout import to_json

    return to_json(value) if not isinstance(value, dict) else {k: _plain(v) for k, v in value.items()}
