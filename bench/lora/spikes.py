"""Whether health foretells leaps of the loss: runs that go wrong for reasons that build up, and for one that does not.

A small network learns the digits. Its rate creeps up until it leaves stability, or its labels rot; the control is
lightning: five poisoned batches out of nowhere, of which no measure of the past can know. The weights of the risk were
fitted on the first half of the seeds; it is judged on the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chorus.kernels.lora.health import WINDOW, History, Measures, leaps, measures, risk, verdict

STEPS, HIDDEN, BATCH = 320, 24, 96
SETTLED = (
    96  # the first descent is over: before it a measure could tell the phase of learning, not what comes
)
CAUSES = ("rate", "rot", "nothing")
CONTROL = "lightning"
Row = tuple[str, float, Any, bool]
Array = np.ndarray[Any, Any]
Cases = tuple[Array, Array]  # measures f[cases, 4], whether the loss leapt b[cases]


def goals(end: float, full: bool) -> Iterator[Row]:
    each = 24 if full else 8
    made = {cause: [_cases(cause, seed) for seed in range(2 * each)] for cause in (*CAUSES, CONTROL)}
    learnt = [case for cause in CAUSES for case in made[cause][:each]]
    weights, level = _fit(np.concatenate([x for x, _ in learnt]), np.concatenate([y for _, y in learnt]))
    print(f"{'measure':10} {'weight':>7} {'alone':>7}")
    held_out = [case for cause in CAUSES for case in made[cause][each:]]
    for at, name in enumerate(Measures._fields):
        alone = verdict([(x[:, at], y) for x, y in held_out], draws=1)
        print(f"{name:10} {weights[at]:7.2f} {alone.auc:7.2f}")
    fitted, usual = (
        verdict([([risk(Measures(*row), *how) for row in x], y) for x, y in held_out])
        for how in ((Measures(*weights), level), ())
    )
    told = {}
    for cause in (*CAUSES, CONTROL):
        cases = made[cause][each:]
        said = verdict([([risk(Measures(*row)) for row in x], y) for x, y in cases])
        told[cause] = said
        share = np.concatenate([y for _, y in cases]).mean()
        print(
            f"  {cause:10} {share:5.0%} of windows leap   AUC {said.auc:.2f} ({said.low:.2f}–{said.high:.2f})"
        )
    print(
        f"  fitted on other seeds: AUC {fitted.auc:.2f} ({fitted.low:.2f}–{fitted.high:.2f}), level {level:.2f}"
    )
    print(f"  Verdict: {usual.words}")
    control = told[CONTROL]
    above = [cause for cause in CAUSES if told[cause].low > max(0.5, control.auc)]
    print(f"  Clearly above the control, {CONTROL} ({control.auc:.2f}): {', '.join(above) or 'none'}.")
    yield "health-auc", usual.auc, ">0.7-or-says-it-does-not", usual.predicts or "does not" in usual.words


def _cases(cause: str, seed: int) -> Cases:
    """Measures at every quarter of a window up to the first leap, and whether the loss leaps in the next window."""
    history = run(cause, seed)
    ends = list(range(SETTLED, STEPS - WINDOW, WINDOW // 4))
    leapt = [leaps(history.losses, end) for end in ends]
    last = leapt.index(True) + WINDOW // 4 if True in leapt else len(ends)
    return np.array([measures(history, end) for end in ends[:last]]), np.array(leapt[:last])


def run(cause: str, seed: int) -> History:
    """A run of a network of one hidden layer by plain steps, with what health looks at."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng([seed, len(cause)])
    digits = load_digits()
    x, y = digits.data / 16, np.eye(10)[digits.target]
    w = [rng.standard_normal((64, HIDDEN)) / 8, rng.standard_normal((HIDDEN, 10)) / np.sqrt(HIDDEN)]
    start, growth = rng.uniform(SETTLED, 200), rng.uniform(1.01, 1.03)
    strikes = {at + more for at in rng.integers(SETTLED, STEPS, 3).tolist() for more in range(5)}
    losses, lengths, cosines, before = [], [], [], np.zeros(1)
    for step in range(STEPS):
        pick = rng.integers(0, len(x), BATCH)
        xs, ys = x[pick], y[pick]
        rate = 0.5 * (growth ** max(0, step - start) if cause == "rate" else 1)
        if cause == "rot" and step > start:
            wrong = rng.random(BATCH) < min(0.9, (step - start) / 100)
            ys = np.where(wrong[:, None], y[rng.integers(0, len(x), BATCH)], ys)
        if cause == CONTROL and step in strikes:
            ys = np.roll(ys, 1, axis=1)
        loss, gradient = _gradient(w, xs, ys)
        flat = np.concatenate([part.ravel() for part in gradient])
        length = float(np.linalg.norm(flat))
        turned = float(flat @ before / (length * np.linalg.norm(before) + 1e-12)) if len(before) > 1 else 0.0
        losses.append(loss)
        lengths.append(length)
        cosines.append(turned)
        before = flat
        w = [
            part - rate * min(1, 10 / (length + 1e-12)) * change
            for part, change in zip(w, gradient, strict=True)
        ]
    return History(losses, lengths, cosines)


def _gradient(w: list[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    inner = np.tanh(x @ w[0])
    scores = inner @ w[1]
    scores = scores - scores.max(1, keepdims=True)
    chances = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    loss = -float(np.log((chances * y).sum(1) + 1e-9).mean())
    off = (chances - y) / len(x)
    return loss, [x.T @ (off @ w[1].T * (1 - inner**2)), inner.T @ off]


def _fit(x: Array, y: Array) -> tuple[Array, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, class_weight=None).fit(x, y)
    return model.coef_[0], float(model.intercept_[0])
