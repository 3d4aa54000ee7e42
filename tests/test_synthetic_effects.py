"""What is planted can be found again, and what is not cannot: effects of changes, personas, series."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chorus.runtime.synthetic import generate
from chorus.runtime.synthetic.series import mixed, planted_pairs
from chorus.runtime.synthetic.timeline import DIRECTION, NO_EFFECT

DAY = 86400.0
WINDOW = 7.0  # days on either side of a change: whole weeks


def when(stamp: str) -> float:
    return dt.datetime.fromisoformat(stamp).timestamp()


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The truth of one community, with its events and messages beside it."""
    path: Path = tmp_path_factory.mktemp("effects") / "export.json"
    generate(12_000, 21, path)
    truth = json.loads(path.with_suffix(".truth.json").read_text(encoding="utf-8"))
    lines = path.with_suffix(".events.jsonl").read_text(encoding="utf-8").splitlines()
    truth["events"] = [json.loads(line) for line in lines]
    truth["export"] = json.loads(path.read_text(encoding="utf-8"))["messages"]
    return truth


def sessions_around(truth: dict[str, Any]) -> list[tuple[float, float]]:
    """(planted effect, log ratio of sessions after and before) of every persona and change."""
    starts = defaultdict(list)
    for event in truth["events"]:
        if event["event"] == "session_start":
            starts[truth["authors"][event["user_id"]]].append(when(event["timestamp"]))
    return [
        (change["effect"][persona], _log_ratio(np.array(times), when(change["timestamp"])))
        for persona, times in starts.items()
        for change in truth["changes"]
    ]


def _log_ratio(times: np.ndarray, at: float) -> float:
    after = np.sum((times >= at) & (times < at + WINDOW * DAY))
    before = np.sum((times < at) & (times >= at - WINDOW * DAY))
    return math.log((after + 1) / (before + 1))


def tones_around(truth: dict[str, Any]) -> list[tuple[float, float]]:
    """(planted effect, mean tone after less before) of every persona and change, without talk of patches."""
    tones = defaultdict(list)
    for message in truth["export"]:
        row = truth["messages"][message["id"]]
        if row["intent"] == "concern":
            tones[row["persona"]].append((when(message["timestamp"]), row["tone"]))
    pairs = []
    for persona, rows in tones.items():
        table = np.array(rows)
        for change in truth["changes"]:
            since = (table[:, 0] - when(change["timestamp"])) / DAY
            after = table[(since >= 0) & (since < WINDOW), 1]
            before = table[(since < 0) & (since >= -WINDOW), 1]
            pairs.append((change["effect"][persona], after.mean() - before.mean()))
    return pairs


@pytest.mark.parametrize(("measure", "agree"), [(sessions_around, 0.9), (tones_around, 0.8)])
def test_planted_effects_are_found_again(truth: dict[str, Any], measure: Any, agree: float) -> None:
    pairs = np.array(measure(truth))
    planted, seen = pairs[:, 0], pairs[:, 1]
    assert np.corrcoef(planted, seen)[0, 1] > agree - 0.25
    strong = np.abs(planted) > 0.4
    assert strong.sum() >= 15
    assert np.mean(np.sign(planted[strong]) == np.sign(seen[strong])) > agree


def test_changes_without_effect_move_nothing(truth: dict[str, Any]) -> None:
    without = {feature for feature, _ in NO_EFFECT}
    idle = [c for c in truth["changes"] if {line["feature"] for line in c["changes"]} <= without]
    assert len(idle) >= 3
    assert all(effect == 0 for change in idle for effect in change["effect"].values())
    pairs = np.array(sessions_around(truth))
    still, moved = pairs[pairs[:, 0] == 0, 1], pairs[np.abs(pairs[:, 0]) > 0.4, 1]
    assert np.abs(still).mean() < 0.5 * np.abs(moved).mean()
    assert abs(still.mean()) < 2.5 * still.std() / math.sqrt(len(still))


def test_effects_follow_the_rule_and_recur(truth: dict[str, Any]) -> None:
    rows = [
        (
            c["effect"][persona],
            planted["stance"][line["feature"]] * DIRECTION[line["action"]] * line["amount"],
        )
        for c in truth["changes"]
        for line in c["changes"]
        for persona, planted in truth["personas"].items()
        if line["feature"] in planted["stance"]
    ]
    effect, rule = np.array(rows).T
    assert 0.02 < np.std(effect - rule) < 0.1
    nerfs = [
        c
        for c in truth["changes"]
        for line in c["changes"]
        if (line["feature"], line["action"]) == ("weapon-damage", "nerf")
    ]
    assert len(nerfs) >= 3


def test_the_departed_are_silent_afterwards(truth: dict[str, Any]) -> None:
    left = {author: when(row["at"]) for author, row in truth["departed"].items()}
    assert len(left) >= 10
    assert not any(when(e["timestamp"]) > left.get(e["user_id"], math.inf) + DAY for e in truth["events"])
    bad = sum(sum(c["departures"][p] for p, e in c["effect"].items() if e < -0.3) for c in truth["changes"])
    good = sum(sum(c["departures"][p] for p, e in c["effect"].items() if e > 0.3) for c in truth["changes"])
    assert bad > 2 * good


def shared_information(personas: list[str], said: np.ndarray) -> float:
    """Normalised mutual information of PERSONAS (one an author) with SAID, bool [authors]."""
    table = np.array(
        [[np.mean((np.array(personas) == p) & (said == s)) for s in (False, True)] for p in set(personas)]
    )
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, columns)
    held = table > 0
    shared = np.sum(table[held] * np.log(table[held] / expected[held]))
    entropy = sum(-np.sum(p[p > 0] * np.log(p[p > 0])) for p in (rows, columns))
    return float(2 * shared / entropy)


def test_no_few_words_give_the_personas_away(truth: dict[str, Any]) -> None:
    """Control: neither the best single word nor k-means on the five that vary most finds the personas."""
    from scipy.sparse import csr_array
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.metrics import normalized_mutual_info_score as nmi

    rows = [m for m in truth["export"] if truth["authors"].get(m["author"]["id"])]
    many = Counter(m["author"]["id"] for m in rows)
    authors = [author for author, count in many.items() if count >= 10]
    personas = [truth["authors"][author] for author in authors]
    counter = CountVectorizer(binary=True, max_features=500, token_pattern=r"[a-z']{3,}")
    said = counter.fit_transform(m["content"] for m in rows)  # [messages, words]
    place = {author: row for row, author in enumerate(authors)}
    own = [(place[m["author"]["id"]], n) for n, m in enumerate(rows) if m["author"]["id"] in place]
    who, which = np.array(own).T
    groups = csr_array((np.ones(len(who)), (who, which)), shape=(len(authors), len(rows)))
    shares = (groups @ said).toarray() / groups.sum(axis=1)[:, None]  # [authors, words]
    assert max(shared_information(personas, column > np.median(column)) for column in shares.T) < 0.45
    five = shares[:, np.argsort(-shares.var(axis=0))[:5]]
    labels = KMeans(len(set(personas)), n_init=10, random_state=0).fit_predict(five)
    assert nmi(personas, labels) < 0.4


def test_planted_pairs_hold_what_they_say() -> None:
    pairs = planted_pairs(200, 1)
    assert pairs == planted_pairs(200, 1) and pairs != planted_pairs(200, 2)
    assert sum(p.sensitivity == 0 for p in pairs) == 40
    fitted = []
    for pair in pairs:
        moved = np.array([DIRECTION[action] * amount for action, amount, _ in pair.past])
        fitted.append(np.polyfit(moved, [seen for _, _, seen in pair.past], 1)[0])
    true = np.array([pair.sensitivity for pair in pairs])
    assert np.corrcoef(fitted, true)[0, 1] > 0.95
    shuffled = mixed(pairs[0], 3)
    assert sorted(r[2] for r in shuffled.past) == sorted(r[2] for r in pairs[0].past) and shuffled != pairs[0]


def test_an_exact_interval_covers_planted_pairs() -> None:
    """The textbook prediction interval of a regression holds 95 % of what truly followed."""
    from scipy.stats import t

    held = 0
    pairs = planted_pairs(400, 5)
    for pair in pairs:
        x = np.array([DIRECTION[action] * amount for action, amount, _ in pair.past])
        y = np.array([seen for _, _, seen in pair.past])
        slope, level = np.polyfit(x, y, 1)
        at, n = DIRECTION[pair.next_action] * pair.next_amount, len(x)
        spread = math.sqrt(np.sum((y - level - slope * x) ** 2) / (n - 2))
        width = spread * math.sqrt(1 + 1 / n + (at - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2))
        held += abs(pair.true - level - slope * at) <= t.ppf(0.975, n - 2) * width
    assert 0.92 <= held / len(pairs) <= 0.98
