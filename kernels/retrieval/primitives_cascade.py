"""The cascades as a primitive: what gathers a table's texts and signals is given the steps to take."""

from __future__ import annotations

from typing import Any

from chorus.runtime.primitive import primitive


@primitive("%cascade-begin!", effects="mutate compute")
def cascade_begin(run: Any, kind: str, k: int = 0) -> None:
    """Give RUN, of `%cascade`, the steps of its KIND: filter, join, top-k, classify, or group into K.

    > (let ((run (%cascade 'filter (limit (messages) 1) "praise" cdr))) (%cascade-begin! run "filter"))
    """
    from chorus.kernels.retrieval import cascade, grouping

    judging = run.judging
    target = cascade.Target(**judging.target)
    if kind == "group":
        judging.classes, judging.outcome = grouping.outcome(judging.features, judging.words(), k)
    elif kind == "top-k":
        judging.steps = cascade.ranking(judging.signals, k, target)
    else:
        steps = cascade.classifying if kind == "classify" else cascade.filtering
        judging.steps = steps(judging.signals, judging.features, target)
