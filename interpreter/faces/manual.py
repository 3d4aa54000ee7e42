"""The reference manual: a page for each subject, made of what every name declares of itself, and an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from chorus.interpreter.effects import Effects
from chorus.interpreter.loader import stdlib_files, stdlib_text
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.session import Session
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import brief
from chorus.runtime.values import Pair, Symbol, list_items

ANYTHING = ("", "…")  # what an example says that only shows that it runs
MADE = "*Made by `make docs` from the declarations in the sources; to change it, change those.*"


class Subject(NamedTuple):
    """A page. SOURCES: the files whose names stand on it, without their folder and ending."""

    page: str
    title: str
    about: str
    sources: str


SUBJECTS = (
    Subject("forms", "Forms", "What is no procedure call: the core forms and the macros on them.", "core"),
    Subject("matching", "Pattern matching", "Taking values apart by what they look like.", "match"),
    Subject("procedures", "Procedures and control", "Calling, composing, continuations, parameters, promises.",
            "procedures control continuations srfi"),
    Subject("conditions", "Errors", "Raising, handling, and what an error knows of itself.", "conditions"),
    Subject("numbers", "Numbers", "The whole tower: integers, rationals, reals, complex numbers.",
            "numbers numberkinds integers mathematics complexes random"),
    Subject("booleans-symbols", "Booleans, symbols, equality", "The small values, and when two values are the same.",
            "equality symbols boxes"),
    Subject("lists", "Pairs and lists", "Pairs, lists, and all of SRFI 1.", "pairs lists sublists membership srfi-1"),
    Subject("strings", "Strings and characters", "Text: characters, strings, regular expressions, formatting.",
            "strings chars texts regex"),
    Subject("vectors", "Vectors and bytevectors", "Sequences with places.", "vectors bytevectors sequences"),
    Subject("hash-tables", "Hash tables", "Keys and values, as SRFI 69 and 125 have them and by shorter names.",
            "hashtables hashtables_whole hash srfi-125"),
    Subject("records", "Records", "Types of one's own.", "records"),
    Subject("input-output", "Input and output", "Ports, reading and writing, files, JSON.",
            "ports ports_reading output io json"),
    Subject("time", "Time", "Instants and what is counted between them.", "time"),
    Subject("system", "Evaluation and the system", "eval, environments, libraries, the process around the program.",
            "environments evaluators system"),
    Subject("frames", "Versions of the environment", "Definitions have versions: rewriting, going back, merging.",
            "frames versions"),
    Subject("adapters", "Adapters", "Small changes of a model as values: made, learnt, added up, moved outward.",
            "adapters adapter-dynamics lora"),
    Subject("gate", "The gate", "What stands between a proposal and a definition: checks, evidence, decisions.",
            "gate surface"),
    Subject("tools", "Tools", "For whoever writes programs: documentation, expansion, stepping, profiles, timing.",
            "tools primitives disassembly tracing timing profiling stepping why following what-if assuming dry-run"
            " plugins"),
    Subject("tables", "Tables", "The relational algebra over the workspace and over lists of rows.",
            "tables table_shapes table_given table-shapes generators lineage spark"),
    Subject("series", "Signals in time", "Days, changes of level, forecasts, topics and what comes up.",
            "series daily topics"),
    Subject("plots", "Plots", "Tables as Vega-Lite values: in a terminal, a notebook, a file.", "plots"),
    Subject("workspace", "The workspace", "Taking data in, keeping it, the turns of a conversation.",
            "ingest store turns embedding"),
    Subject("search", "Search", "Messages by meaning and by words; operators of meaning.",
            "search search_fusion retrieval meaning threads thread_links"),
    Subject("personas", "Personas", "Groups of people who talk and act alike.", "personas persona persona-changes"),
    Subject("heads", "Classifier heads", "Labels learnt from examples, and said of other texts.", "heads"),
    Subject("voices", "Voices", "How personas write, simulated and marked so; the encoder's adapter.", "voices"),
    Subject("answers", "Questions and answers", "The query forms, what an answer is, how it is found and shown.",
            "query query-values queries answers inquiry questions answer-text present composition evidence"
            " support answer heard parts"),
    Subject("analytics", "Analytics and predictions", "How much was said, in what tone, and what changes did.",
            "analytics analyses counts reactions reaction"),
    Subject("spectra", "Spectra", "Flows, graphs and signals by their spectra: who drives, what comes back.",
            "spectral"),
    Subject("feedback", "Settings and feedback",
            "What may be chosen from question to question; ratings and signs; turns asked again.",
            "settings signals feedback replay"),
    Subject("policy", "Policy", "Every number and word that decides how a question is answered; `set!` changes them.",
            "policy"),
    Subject("learning", "Learning", "What is tried, what ratings teach, what is proposed because of it, how it goes.",
            "feedback learners wishes levels bandit patterns learning-report"),
)  # fmt: skip
OTHER = Subject("other", "Other", "What belongs to no other page.", "")
PAGE_OF = {source: subject for subject in SUBJECTS for source in subject.sources.split()}


class Entry(NamedTuple):
    """Names of one thing, and what is known of it."""

    names: list[str]
    known: dict[str, Any]
    subject: Subject


def pages(session: Session) -> dict[str, str]:
    """File name → text of every page, the index among them."""
    entries = sorted(_entries(session), key=lambda each: each.names[0].lower())
    made = {"README.md": _index(entries)}
    for subject in (*SUBJECTS, OTHER):
        own = [each for each in entries if each.subject is subject]
        if own:
            made[f"{subject.page}.md"] = _page(subject, own)
    return made


def _entries(session: Session) -> Iterator[Entry]:
    defined = _definitions()
    effects = Effects(session.space)
    aliases: dict[str, Entry] = {}
    for name in session.names():
        if name.startswith("%"):
            continue
        known = session.describe(name) or {}
        own = TABLE[name].name if known["kind"] == "primitive" else name
        if own in aliases:
            aliases[own].names.append(name)
            continue
        file, note = defined.get(name, ("", ""))
        known["doc"] = known["doc"] or note
        if known["kind"] == "variable":
            known["value"] = brief(session.space.get(name), 100)
        elif known["kind"] != "form":
            known["effects"] = sorted(effects.of(name)) or ["pure"]
        aliases[own] = Entry([name], known, _subject(known["source"] or file))
        yield aliases[own]


def _subject(source: str) -> Subject:
    """The page of what is written in the file SOURCE; core forms are written in none."""
    folders, _, file = (source.split(":")[0] or "stdlib/core.sexp").rpartition("/")
    stem = file.rpartition(".")[0]
    if stem.startswith("primitives") and folders.startswith("kernels"):
        stem = folders.rpartition("/")[2]
    return PAGE_OF.get(stem, OTHER)


def _definitions() -> dict[str, tuple[str, str]]:
    """Name → the stdlib's file that defines it, and the comment beside it."""
    found: dict[str, tuple[str, str]] = {}
    for name in stdlib_files():
        text = stdlib_text(name)
        lines = text.split("\n")
        for form, span in read_spanned(text, f"stdlib/{name}"):
            for defined in _defined_by(form):
                found[defined] = (f"stdlib/{name}", _comment(lines, span.line, span.end_line))
    return found


def _defined_by(form: Any) -> list[str]:
    parts = list_items(form) or []
    if len(parts) < 2 or parts[0] not in map(Symbol, ("define", "define-record-type", "define-setting")):
        return []
    names = []
    work = parts[1:] if parts[0] is Symbol("define-record-type") else parts[1:2]
    while work:
        part = work.pop()
        if isinstance(part, Symbol):
            names.append(part.name)
        elif isinstance(part, Pair):
            work += (list_items(part) or [part.car]) if parts[0] is not Symbol("define") else [part.car]
    return names


def _comment(lines: list[str], first: int, last: int) -> str:
    """The comment behind a definition, or the lines of comment just above it."""
    _, behind, text = lines[last - 1].partition(" ; ")
    if behind:
        return text.strip()
    above = []
    for line in reversed(lines[: first - 1]):
        if not line.startswith(";"):
            break
        above.append(line.lstrip("; ").rstrip())
    return " ".join(reversed(above))


# — Markdown —


def _page(subject: Subject, entries: list[Entry]) -> str:
    names = " · ".join(f"[{_code(name)}](#{anchor(name)})" for each in entries for name in each.names[:1])
    parts = [f"# {subject.title}", subject.about, f"{MADE} [All names](README.md)", names]
    return "\n\n".join([*parts, *map(_entry, entries)]) + "\n"


def _entry(entry: Entry) -> str:
    known = entry.known
    anchors = "".join(f'<a id="{anchor(name)}"></a>' for name in entry.names)
    also = f", also {', '.join(map(_code, entry.names[1:]))}" if entry.names[1:] else ""
    effects = [each for each in known.get("effects") or [] if each != "pure"]
    is_pure = known["kind"] not in ("form", "variable") and not effects
    kind = known["kind"] + (f"; effects: {', '.join(effects)}" if effects else "; pure" if is_pure else "")
    shown = known["usage"] if known["kind"] != "variable" else f"{known['name']} = {known['value']}"
    parts = [
        f"{anchors}\n### {_code(entry.names[0])}{also}",
        f"{_code(shown)} — {kind}",
        _prose(known["doc"]),
    ]
    if known["examples"]:
        parts.append("```scheme\n" + "\n".join(map(_example, known["examples"])) + "\n```")
    return "\n\n".join(part for part in parts if part)


def _example(example: tuple[str, str]) -> str:
    form, value = example
    return f"> {form}" + ("" if value in ANYTHING else f"\n=> {value}")


def _index(entries: list[Entry]) -> str:
    rows = []
    for subject in (*SUBJECTS, OTHER):
        count = sum(each.subject is subject for each in entries)
        if count:
            rows.append(f"| [{subject.title}]({subject.page}.md) | {count} | {subject.about} |")
    pages = sorted((name.lower(), name, each.subject.page) for each in entries for name in each.names)
    links: dict[str, list[str]] = {}  # first letter → the names that begin with it
    for lower, name, page in pages:
        letter = lower[0].upper() if lower[0].isalpha() else "*"
        links.setdefault(letter, []).append(f"[{_code(name)}]({page}.md#{anchor(name)})")
    return "\n".join(
        [
            "# Reference",
            "",
            "Every name of the language. [A tour](../language.md) comes first for whoever has not seen a Lisp; at the",
            "prompt, `?name` shows what stands here.",
            "",
            MADE,
            "",
            "| page | entries | about |",
            "|---|---|---|",
            *rows,
            "",
            "## All names",
            "",
            *(f"{' · '.join(each)}\n" for _, each in sorted(links.items())),
        ]
    )


def anchor(name: str) -> str:
    """NAME as an identifier of HTML."""
    return "n-" + re.sub(r"[^a-z0-9-]", lambda found: f"_{ord(found[0]):x}", name)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _prose(text: str) -> str:
    """TEXT with what Markdown would take for marks escaped, outside of code."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(each if at % 2 else re.sub(r"([*<_\[])", r"\\\1", each) for at, each in enumerate(pieces))
