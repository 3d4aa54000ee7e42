"""Primitives on evidence: scored, chosen, weighed, cited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from chorus.kernels.answer.convert import (
    encoder_of,
    heard,
    numbers,
    plain,
    reading_of,
    scored,
    sense_of,
    shown,
    strings,
)
from chorus.runtime.pools import on_one_thread
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, MutableString, make_list

Tensor = Any


@primitive("%evidence", effects="compute")
@on_one_thread
def evidence(ctx: Any, reading: HashTable, candidates: Items, rarity: HashTable, weights: HashTable) -> Any:
    """The sentences of CANDIDATES scored against the question READING, best first, as hash tables.

    A candidate is a hash table with :id :author :name :text :timestamp :vector (a unit vector) and :context
    (what it answers, or #f). A scored sentence has :message-id :author :name :timestamp :text (of the whole
    message) :span :start :vector :dense :coverage :weakest :missing (words it has not) :named :typed and
    :score.

    > (%evidence (%read-question "What of the price?" '() '()) '() {} {})
    => ()
    """
    from chorus.kernels.answer.evidence import Candidate, score_sentences, split_candidates

    if not candidates:
        return make_list([])
    asked = reading_of(reading)
    rows = [plain(candidate) for candidate in candidates]
    for row in rows:
        if not isinstance(row["text"], str | MutableString):  # a simulated voice, say, which nobody said
            raise wrong_type("%evidence", "candidates", "tables whose :text is a string", row["text"])
    ctx.charge(steps=sum(len(row["text"]) for row in rows))
    found = [
        Candidate(
            row["id"],
            row["author"],
            row["text"],
            row["vector"],
            row["context"] or "",
            row["timestamp"],
            row["name"] or "",
            row.get("context-vector", None) if row.get("context-vector") is not False else None,
            row.get("channel") or None,
            row.get("context-id") or None,
            float(row.get("link", 0.0)),
        )
        for row in rows
    ]
    encode = encoder_of(ctx)
    question = encode([asked.text])[0]
    weight = numbers(weights, "evidence")
    cut = split_candidates(found, question, encode, int(weight["soft"]))
    ranked = score_sentences(asked, question, cut, dict(rarity.items()), sense_of(ctx), weight)
    return shown(ranked, asked)


@primitive("%choose-evidence", effects="compute")
@on_one_thread
def choose_evidence(
    evidence: Items, *, count: int = 4, diversity: float = 0.3, duplicate: float = 0.9, per_author: int = 1
) -> Any:
    """At most COUNT of EVIDENCE by maximal marginal relevance, no near-duplicates, PER-AUTHOR of one author.

    [Carbonell & Goldstein 1998]

    > (%choose-evidence '())
    => ()
    """
    from chorus.kernels.answer.evidence import choose

    chosen = choose(scored(evidence), count, diversity, duplicate, per_author)
    return make_list(e.origin for e in chosen)


@primitive("%voices", effects="compute")
@on_one_thread
def voices(evidence: Items, *, duplicate: float = 0.9) -> int:
    """How many authors say it in words of their own: near-duplicates in EVIDENCE, from this cosine on, count
    as one.

    > (%voices '())
    => 0
    """
    from chorus.kernels.answer.evidence import independent_authors

    return len(independent_authors(*heard(evidence), duplicate))


@primitive("%speakers", effects="compute")
@on_one_thread
def speakers(evidence: Items, *, duplicate: float = 0.9) -> Any:
    """The authors that `%voices` counts, the first of each in EVIDENCE.

    > (%speakers '())
    => ()
    """
    from chorus.kernels.answer.evidence import independent_authors

    return make_list(independent_authors(*heard(evidence), duplicate))


@primitive("%one-a-message", effects="pure")
def one_a_message(evidence: Items) -> Any:
    """The first sentence of each message in EVIDENCE.

    > (%one-a-message '())
    => ()
    """
    first: dict[str, Any] = {}
    for item in evidence:
        first.setdefault(item.get(Keyword("message-id")), item)
    return make_list(first.values())


@primitive("%greatest-first", effects="pure")
def greatest_first(items: Items, key: Keyword) -> Any:
    """ITEMS, hash tables, in the order of their numbers under KEY, the greatest first, equals as they stand; one that
    has none there counts as 0.

    > (%greatest-first '({:at 1} {:at 2 :score 0.2} {:at 3 :score 0.7}) :score)
    => ({:at 3 :score 0.7} {:at 2 :score 0.2} {:at 1})
    """
    return make_list(sorted(items, key=lambda item: -item.values.get(key, 0.0)))


@primitive("%with-values", effects="pure")
def with_values(evidence: Items, values: Annotated[Tensor, "n"]) -> Any:
    """Each of EVIDENCE with its number of VALUES as :value.

    > (hash-ref (car (%with-values (list (hash-table)) #(0.5))) :value)
    => 0.5
    """
    made = [item.copy() for item in evidence]
    for item, value in zip(made, values, strict=True):
        item.set(Keyword("value"), round(float(value), 4))
    return make_list(made)


@primitive("check-citations", effects="pure")
def check_citations(sentences: Items, citations: Items, messages: HashTable, *, verbatim: bool = True) -> Any:
    """What is wrong with an answer: a list of strings, empty when every sentence is borne out by what it
    cites.

    SENTENCES: lists (text number …) with the numbers of citations, from 1. CITATIONS: lists (message-id
    span). MESSAGES: id → whole text. Each span must stand in its message character by character, and in the
    sentence when VERBATIM.

    > (check-citations '(("So: \\"too hard\\" [1]" 1)) '(("m1" "too hard")) {"m1" "way too hard for me"})
    => ()
    > (check-citations '(("All is well." 1)) '(("m1" "too hard")) {"m1" "too easy"})
    => ("sentence 1 does not quote its citation 1" "citation 1: its span does not stand in message m1")
    """
    from chorus.kernels.answer.compose import Citation, check_citations

    said = [(str(row[0]), [int(n) - 1 for n in row[1:]]) for row in map(list, sentences)]
    cited = [Citation(str(row[0]), str(row[1])) for row in map(list, citations)]
    texts: Mapping[str, str] = {str(id_): str(text) for id_, text in messages.items()}
    return make_list(check_citations(said, cited, texts, verbatim))


@primitive("%align", effects="compute")
def align(ctx: Any, draft: str, spans: Items, *, nearest: float = 0.6, covered: float = 0.6) -> Any:
    """The sentences of a generated DRAFT that one of SPANS bears out, as lists (sentence number-of-span),
    from 1.

    > (%align "It is great." '())
    => ()
    """
    from chorus.kernels.answer.compose import align

    kept = align(draft, strings(spans, "align"), encoder_of(ctx), nearest, covered)
    return make_list(make_list([text, at + 1]) for text, at in kept)
