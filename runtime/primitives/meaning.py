"""Operators of meaning as primitives: the steps of a cascade, which the stdlib drives so that it can call the model."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive, wrong_type
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list

REMEMBERED = 64  # results, and questions put to a model, that a session keeps


@primitive("%cascade", effects="read-store compute")
def cascade(
    ctx: Any,
    kind: Name,
    table: Table,
    question: str,
    model: Any,
    *,
    right: Any = False,
    column: Name = "content",  # type: ignore[assignment]
    right_column: Name = "content",  # type: ignore[assignment]
    classes: Items | None = None,
    k: int = 10,
    recall: float = 0.95,
    precision: float = 1.0,
    confidence: float = 0.95,
    budget: int | None = None,
) -> Any:
    """A cascade over TABLE's texts (and those of the table RIGHT), or the table that it gave when it was last run with
    the same arguments on the same corpus. KIND is filter, top-k, classify, group or join.

    > (table? (%judged (%cascade 'filter (limit (messages) 0) "praise" car) car "praise"))
    => #t
    """
    from chorus.runtime.index.judging import over_pairs, over_rows

    if not callable(model) and not is_cross_encoder(model):
        raise EvalError(
            f"sem-{kind}: which model is asked?",
            code="model",
            hint="a procedure (model text question) that gives #t, #f or a number, or (cross-encoder folder)",
        )
    _check_target(kind, recall, precision, confidence, budget, k)
    target = {"recall": recall, "precision": precision, "confidence": confidence, "budget": budget}
    named = tuple(_label(kind, label) for label in classes or ())
    form = (
        kind,
        table.plan,
        right.plan if isinstance(right, Table) else None,
        question,
        tuple(target.values()),
        named,
        k,
        column,
    )
    corpus = ctx.reader.corpus_version() if ctx.folder is not None else ""
    found = _kept(ctx, "results", (*form, right_column, _Same(model), corpus), dict)
    if "table" in found:
        made = found["table"].over(found["table"].plan)
        made.report = found["table"].report | {
            "calls": 0,
            "avoided": found["table"].report["asked"],
            "cached": True,
        }
        return made
    memory = _kept(ctx, "verdicts", (_Same(model), question, named, kind == "join"), dict)
    if kind == "join":
        if not isinstance(right, Table):
            raise wrong_type("sem-join", "right", "a table", right)
        judging = over_pairs(ctx, table, right, (column, right_column), target, memory)
    else:
        judging = over_rows(
            ctx, kind, table, column, question, target, {"memory": memory, "classes": named, "k": k}
        )
    return _Under(judging, kind, found)


@primitive("%cascade-parts", effects="pure")
def cascade_parts(run: Any) -> Any:
    """What the kernel needs of a cascade that has not begun: (run kind), #f where RUN is a table that was kept.

    > (%cascade-parts (messages))
    => #f
    """
    return False if isinstance(run, Table) else make_list([run, Symbol(run.kind)])


class _Under:
    """A cascade under way, and where its table will be kept."""

    def __init__(self, judging: Any, kind: str, kept: dict[str, Any]) -> None:
        self.judging = judging
        self.kind = kind
        self.kept = kept

    def __lisp__(self) -> str:
        return "#<cascade>"


class _Same:
    """A model by its identity; holding it keeps the identity from being given to another."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and (
            self.model is other.model or self._path == other._path is not None
        )

    @property
    def _path(self) -> str | None:
        return self.model if isinstance(self.model, str) else None

    def __hash__(self) -> int:
        return hash(self._path) if self._path is not None else id(self.model)


def _kept(ctx: Any, shelf: str, key: Any, make: Any) -> Any:
    """What the session keeps under KEY on SHELF; what was longest not asked for makes room."""
    shelves = ctx.options.setdefault("meaning", {})
    held = shelves.setdefault(shelf, OrderedDict())
    value = held.pop(key, None)
    held[key] = make() if value is None else value
    while len(held) > REMEMBERED:
        held.popitem(last=False)
    return held[key]


@primitive("%cascade-next", effects="compute")
def cascade_next(run: Any) -> Any:
    """What is to be put to the model next, a list of lists of texts; empty when nothing is.

    > (%cascade-next (%begun (%cascade 'filter (limit (messages) 0) "praise" list) 0))
    => ()
    """
    if isinstance(run, Table):
        return make_list([])
    return make_list(make_list(item) for item in run.judging.next())


@primitive("%cascade-tell!", effects="mutate model")
def cascade_tell(run: Any, verdicts: Items) -> None:
    """The model's VERDICTS on what `%cascade-next` gave: truths or numbers, of a classifier its class.

    > (let ((run (%begun (%cascade 'filter (limit (messages) 1) "praise" vector) 0)))
        (%cascade-tell! run (map (lambda (item) #f) (%cascade-next run)))
        (%cascade-next run))
    => ()
    """
    run.judging.tell([_verdict(run, said) for said in verdicts])


def _verdict(run: Any, said: Any) -> float:
    classes = run.judging.classes
    if classes:
        name = said if isinstance(said, str) else getattr(said, "name", None)
        if name not in classes:
            raise EvalError(
                f"the model should give one of {' '.join(classes)}", irritants=(said,), code="type"
            )
        return float(classes.index(name))
    if said.__class__ in (bool, int, float) and said == said:
        return float(said)
    raise wrong_type(f"sem-{run.kind}", "model", "a procedure that gives a truth or a number", said)


@primitive("%cascade-table", effects="read-store")
def cascade_table(ctx: Any, run: Any) -> Table:
    """The table that the cascade RUN came to; `sem-report` tells what it took.

    > (table-columns (%judged (%cascade 'top-k (limit (select (messages) id content) 0) "praise" car) car "praise" 1))
    => (id content model-score judged-by)
    """
    import numpy as np
    import pyarrow as pa

    from chorus.runtime.table_given import given_table

    if isinstance(run, Table):
        return run
    outcome = run.judging.outcome
    if outcome is None:
        raise EvalError("the cascade has not ended: its model was not asked")
    kept = outcome.kept
    rows = run.judging.rows.take(pa.array(kept, pa.int64()))
    values = outcome.scores[kept]
    if run.judging.classes:
        values = pa.array([run.judging.classes[at] for at in values], pa.string())
    by = np.where(outcome.by_model[kept], "model", "vectors")
    name = {"top-k": "model-score", "classify": "class", "group": "class"}.get(run.kind, "likelihood")
    for title, column in ((name, values), ("judged-by", pa.array(by.tolist(), pa.string()))):
        if title in rows.column_names:
            rows = rows.drop_columns([title])
        rows = rows.append_column(title, pa.array(column))
    table = given_table(rows, ctx)
    table.report = run.judging.report()
    run.kept["table"] = table
    return table


@primitive("sem-report", effects="pure")
def sem_report(table: Table) -> Any:
    """What an operator of meaning did to make TABLE: work asked for and done, and what holds of the result.

    :asked rows, :calls of the model, :avoided, :remembered verdicts; :recall-at-least and :precision-at-least (or
    :accuracy-at-least, :unseen-better-at-most) with :confidence, shown on :sample rows. #f for any other table.

    > (sem-report (messages))
    => #f
    """
    if table.report is None:
        return False
    return HashTable((Keyword(name), value) for name, value in table.report.items())


@primitive("cross-encoder", effects="read-file")
def cross_encoder(ctx: Any, path: str) -> Any:
    """The cross-encoder in the folder PATH (of sentence-transformers), a model for `sem-filter`, `rerank` and others.

    It is loaded when first asked, and never fetched from elsewhere.

    > (guard (e (#t (error-object-message e))) (cross-encoder "/no/such/folder"))
    => "there is no cross-encoder in '/no/such/folder'"
    """
    from chorus.runtime.embed.cross import CrossEncoder

    return CrossEncoder(path, ctx.options.get("device") or "auto")


@primitive("cross-encoder?", effects="pure")
def is_cross_encoder(value: Any) -> bool:
    """Whether VALUE is a cross-encoder.

    > (cross-encoder? car)
    => #f
    """
    return value.__class__.__name__ == "CrossEncoder"


@primitive("%cross-scores", effects="compute")
def cross_scores(ctx: Any, encoder: Any, pairs: Items) -> Any:
    """ENCODER's scores of PAIRS of texts, a list; the more a text answers to its partner, the higher.

    > (guard (e (#t 'refused)) (%cross-scores car '()))
    => refused
    """
    if not is_cross_encoder(encoder):
        raise wrong_type("cross-encoder", "encoder", "a cross-encoder", encoder)
    texts = [tuple(str(text) for text in pair) for pair in pairs]
    ctx.charge(steps=sum(len(a) + len(b) for a, b in texts))
    return make_list(encoder.scores(texts, ctx.check))


def _label(kind: str, label: Any) -> str:
    if isinstance(label, Symbol):
        return label.name
    if isinstance(label, str):
        return label
    raise wrong_type(f"sem-{kind}", "classes", "a list of names", label)


def _check_target(
    kind: str, recall: float, precision: float, confidence: float, budget: int | None, k: int
) -> None:
    for name, value in (("recall", recall), ("confidence", confidence)):
        if not 0 < value < 1:
            raise EvalError(f"sem-{kind}: {name} should be between 0 and 1, not {value}", code="range")
    if not 0 <= precision <= 1:
        raise EvalError(f"sem-{kind}: precision should be between 0 and 1, not {precision}", code="range")
    if k < 1 or (budget is not None and budget < 0):
        raise EvalError(f"sem-{kind}: k should be at least 1, and a budget not negative", code="range")
