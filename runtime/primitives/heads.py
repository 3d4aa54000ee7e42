"""Classifier heads and the workspace: labelled rows go out to the kernels; heads are kept by name and version."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

from chorus.runtime.errors import EvalError, StoreError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable, Keyword, figures, make_list

LAYOUT = 1
SPELLING = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # names are names of folders
PLANTED = 4_000  # messages of the synthetic community
PLANTED_SEED = 11
WAITING = ("question", "fact-question")  # intents of messages whose writers wait for an answer
STOPPED = ("servers",)  # and, in a bad tone, of those who are kept from playing now
TONES = {-1: "negative", 0: "neutral", 1: "positive"}


@primitive("%labelled", effects="read-store")
def labelled(ctx: Any, table: Table, text: Name, label: Any, group: Name | None = None) -> HashTable:
    """The rows of TABLE that have a TEXT and a LABEL (a column, or a list of columns of 0 and 1), for a head.

    > (hash-ref (%labelled (rows->table '({:t "a" :l "x"} {:t #f :l "y"})) 't 'l #f) :texts)
    => …
    """
    import numpy as np

    columns = [name_of(each) for each in (label if several_columns(label) else [label])]
    wanted = [text, *columns, *([group] if group else [])]
    rows = _columns(table, wanted)
    there = [at for at, row in enumerate(rows) if row[0] and None not in row]
    chosen = [rows[at] for at in there]
    ctx.charge(len(rows), sum(len(str(row[0])) for row in chosen))
    if several_columns(label):
        labels, several = columns, True
        truth = np.array([[_yes(value) for value in row[1 : 1 + len(columns)]] for row in chosen], bool)
    else:
        said = [_spelled(row[1]) for row in chosen]
        labels, several = sorted(set(said)), False
        truth = np.array([[each == one for one in labels] for each in said], bool)
    made = {
        "texts": [str(row[0]) for row in chosen],
        "truth": truth.reshape(len(chosen), len(labels)),
        "labels": labels,
        "several": several,
        "groups": np.unique([str(row[-1]) for row in chosen], return_inverse=True)[1] if group else None,
        "source": {"rows": len(chosen), "left-out": len(rows) - len(chosen), "text": text, "label": columns}
        | ({"group": group} if group else {}),
    }
    return HashTable((Keyword(name), value) for name, value in made.items())


def several_columns(label: Any) -> bool:
    """Whether LABEL is a list of columns."""
    return label.__class__ is not str and hasattr(label, "__iter__") and not hasattr(label, "name")


def name_of(column: Any) -> str:
    return str(getattr(column, "name", column))


def _columns(table: Table, names: list[str]) -> list[tuple[Any, ...]]:
    """The columns NAMES of all rows of TABLE, missing as None."""
    for name in names:
        if name not in table.columns:
            raise EvalError(
                f"the table has no column {name}", code="column", hint=f"it has {', '.join(table.columns)}"
            )
    read = table.arrow()
    return list(zip(*(read.column(name).to_pylist() for name in names), strict=True))


def _yes(value: Any) -> bool:
    return value in (True, 1, "1", "true", "yes")


def _spelled(value: Any) -> str:
    return ("true" if value else "false") if value.__class__ is bool else str(value)


@primitive("%column-texts", effects="read-store")
def column_texts(table: Table, text: Name) -> Any:
    """The column TEXT of TABLE as a list of strings; what is missing is an empty one.

    > (%column-texts (rows->table '({:t "a"} {:t #f})) 't)
    => ("a" "")
    """
    return make_list("" if value is None else str(value) for (value,) in _columns(table, [text]))


@primitive("%with-labels", effects="read-store")
def with_labels(ctx: Any, table: Table, name: Name, said: Items) -> Table:
    """TABLE with columns for what a head NAME SAID of its rows: NAME, NAME-confidence and NAME-sure.

    > (table-columns (%with-labels (rows->table '({:t "a"})) 'mood '(("glad" 0.9 #t))))
    => (t mood mood-confidence mood-sure)
    """
    import pyarrow as pa

    from chorus.runtime.table_given import given_table

    for column in (name, f"{name}-confidence", f"{name}-sure"):
        if column in table.columns:
            raise EvalError(
                f"the table has a column {column} already",
                code="column",
                hint=f"give the head's columns room: (rename table ({column} other-name)), or select other columns",
            )
    rows = [list(row) for row in said]
    flat = lambda value: value if value.__class__ in (str, float, bool) else [*value]
    made = table.arrow()
    for at, (ending, of_several) in enumerate(
        (("", ", ".join), ("-confidence", lambda c: min(c, default=0.0)))
    ):
        values = [flat(row[at]) for row in rows]
        values = [of_several(v) if v.__class__ is list else v for v in values]
        made = made.append_column(name + ending, pa.array(values, pa.float64() if at else pa.string()))
    return given_table(made.append_column(f"{name}-sure", pa.array([r[2] for r in rows], pa.bool_())), ctx)


@primitive("%save-head!", effects="write-store clock")
def save_head(ctx: Any, name: Name, head: HashTable, source: Any) -> HashTable:
    """Keep HEAD, trained on SOURCE, as the next version of NAME; what is known of it.

    > (guard (e (#t (error-object-message e))) (%save-head! "../x" {} #f))
    => "a head's name is small letters, digits and hyphens, not ../x"
    """
    from chorus.runtime.index import artefact

    folder = _folder(ctx, name)
    version = max(_versions(folder), default=0) + 1
    about = head.get(Keyword("about")) | {
        "name": name,
        "version": version,
        "trained-on": source,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    sections = {key: artefact.Section.of(array) for key, array in head.get(Keyword("arrays")).items()}
    key = {"kind": "head", "layout": LAYOUT, "about": about}
    artefact.write(folder / f"{version}.safetensors", key, sections, ctx.check)
    return report(about)


@primitive("%open-head", effects="read-store compute")
def open_head(ctx: Any, name: Name, version: int | None = None) -> HashTable:
    """The head NAME, its latest VERSION unless told: its :arrays, :about and :report.

    > (guard (e (#t (error-object-message e))) (%open-head 'no-such-head))
    => "there is no head no-such-head"
    """
    from chorus.runtime.index import artefact

    folder = _folder(ctx, name)
    known = _versions(folder)
    if not known or (version is not None and version not in known):
        what = "" if version is None or not known else f" in version {version}"
        raise EvalError(f"there is no head {name}{what}", code="unknown-head", hint=_there_are(ctx, known))
    path = folder / f"{version or max(known)}.safetensors"
    kept = ctx.__dict__.setdefault("_heads", {})
    stamp = (str(path), path.stat().st_mtime_ns)
    if stamp not in kept:
        found = artefact.read(path, ctx.check)
        if found is None or found.key.get("kind") != "head" or found.key.get("layout") != LAYOUT:
            raise StoreError(
                f"the file of head {name} is damaged or of another layout",
                code="corrupt",
                hint="train it again",
            )
        kept[stamp] = found
    found = kept[stamp]
    about = found.key["about"]
    if about["model"] != ctx.embedder.model:
        raise EvalError(
            f"head {name} was trained on vectors of {about['model']}, and this session makes others",
            code="model",
            hint="use that model (use-embedding-model!), or train the head again",
        )
    parts = {"arrays": found.arrays, "about": about, "report": report(about)}
    return HashTable((Keyword(key), value) for key, value in parts.items())


@primitive("heads", effects="read-store")
def heads(ctx: Any) -> Any:
    """The heads of the workspace: (name version …) each, by name.

    > (heads)
    => ()
    """
    from chorus.runtime.values import Symbol

    return make_list(make_list([Symbol(name), *versions]) for name, versions in sorted(_all(ctx).items()))


def report(about: dict[str, Any]) -> HashTable:
    """What is known of a head as the language's values."""
    shown = ("name", "version", "kind", "labels", "trained-on", "held-out", "seed", "at")
    return figures({key: about[key] for key in shown if key in about})


def _folder(ctx: Any, name: str) -> Path:
    if not SPELLING.fullmatch(name):
        raise EvalError(
            f"a head's name is small letters, digits and hyphens, not {name}", code="range", hint="e.g. 'mood"
        )
    if ctx.workspace is None:
        raise StoreError(
            "this session has no workspace",
            code="no-workspace",
            hint="start with --workspace DIR, or Session(workspace=DIR)",
        )
    return Path(ctx.workspace.expanduser() / "heads" / name)


def _versions(folder: Path) -> list[int]:
    stems = (path.stem for path in folder.glob("*.safetensors"))
    return sorted(int(stem) for stem in stems if stem.isdigit())


def _all(ctx: Any) -> dict[str, list[int]]:
    if ctx.workspace is None:
        return {}
    found = {path.name: _versions(path) for path in (ctx.workspace.expanduser() / "heads").glob("*")}
    return {name: versions for name, versions in found.items() if versions}


def _there_are(ctx: Any, versions: list[int]) -> str:
    if versions:
        return f"there are versions {', '.join(map(str, versions))}"
    names = ", ".join(sorted(_all(ctx)))
    return f"there are {names}" if names else "(train-head! name table :text … :label …) makes one"


@primitive("planted-messages", effects="compute")
def planted_messages(ctx: Any, *, messages: int = PLANTED, seed: int = PLANTED_SEED) -> Table:
    """Messages of an invented community as a table: text, the tone and intent planted, urgency, author, persona.

    Nobody wrote them: a grammar did, so what is learnt from them is known to hold of such text only. Urgency follows
    from what was planted: a question, or a complaint about the servers, is urgent; anything else can wait.

    > (table-columns (planted-messages :messages 100))
    => (text tone intent urgency author persona)
    """
    import json
    import tempfile

    import pyarrow as pa

    from chorus.runtime.synthetic import generate
    from chorus.runtime.table_given import given_table

    try:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "export.json"
            generate(messages, seed, out)
            export = json.loads(out.read_text(encoding="utf-8"))
            truth = json.loads(out.with_suffix(".truth.json").read_text(encoding="utf-8"))["messages"]
    except ValueError as problem:
        raise EvalError(f"planted-messages: {problem}", code="range") from None
    ctx.charge(messages, 400 * messages)
    said = [(m, truth[m["id"]]) for m in export["messages"] if truth.get(m["id"], {}).get("persona")]
    columns = {
        "text": [m["content"] for m, _ in said],
        "tone": [None if t["tone"] is None else TONES[(t["tone"] > 0) - (t["tone"] < 0)] for _, t in said],
        "intent": [t["intent"] for _, t in said],
        "urgency": ["urgent" if _urgent(t) else "can-wait" for _, t in said],
        "author": [m["author"]["id"] for m, _ in said],
        "persona": [t["persona"] for _, t in said],
    }
    return given_table(pa.table(columns), ctx)


def _urgent(planted: dict[str, Any]) -> bool:
    """Whether the writer of a PLANTED message waits for an answer, or is kept from playing."""
    return planted["intent"] in WAITING or (planted["intent"] in STOPPED and (planted["tone"] or 0) < 0)
