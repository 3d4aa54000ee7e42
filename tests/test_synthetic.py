"""The synthetic community: same bytes for a seed, an exporter's shape, varied language, no leaks."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chorus.runtime.synthetic import generate, shuffle_dates
from chorus.runtime.synthetic.facts import KEPT_SETS, NEWEST_KEPT, load_facts
from chorus.runtime.synthetic.personas import PERSONAS, SUBJECTS, TOPICS, opposite_pairs, pick_personas
from chorus.runtime.synthetic.phrase import expand, load, parse
from chorus.runtime.synthetic.questions import load_wordings

TOP = ["guild", "channel", "dateRange", "exportedAt", "messages", "messageCount"]
MESSAGE = [
    "id", "type", "timestamp", "timestampEdited", "callEndedTimestamp", "isPinned", "content", "author",
    "attachments", "embeds", "stickers", "reactions", "mentions", "reference", "forwardedMessage",
    "inlineEmojis",
]  # fmt: skip
AUTHOR = ["id", "name", "discriminator", "nickname", "color", "isBot", "roles", "avatarUrl"]
KINDS = """concern opinion patch reply agree disagree question joke noise offtopic servers smalltalk spam bot
patch-notes picture forwarded mention fact-question fact-answer""".split()
# Words of the personas' own names (and their near kin) that would give them away.
TELLTALE = re.compile(
    r"\b(competitive|social|lore-?explorers?|explorers?|builders?|modders?|collectors?|completionists?"
    r"|spenders?|cosmetics|newcomers?|personas?)\b",
    re.IGNORECASE,
)


class Made:
    """One generated community, read back."""

    def __init__(self, folder: Path, messages: int, seed: int, reserved: int = 0) -> None:
        self.path = folder / "export.json"
        self.summary = generate(messages, seed, self.path, reserved=reserved)
        self.export: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        self.messages: list[dict[str, Any]] = self.export["messages"]
        self.truth: dict[str, Any] = json.loads(
            self.path.with_suffix(".truth.json").read_text(encoding="utf-8")
        )
        self.patches = self.rows(".patches.jsonl")
        self.events = self.rows(".events.jsonl")

    def rows(self, suffix: str) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for line in self.path.with_suffix(suffix).read_text(encoding="utf-8").splitlines()
        ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("synthetic"), 5000, 7)


def test_same_seed_same_bytes_other_seed_other_words(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(600, seed, tmp_path / f"{name}.json")
    for suffix in (".json", ".events.jsonl", ".patches.jsonl", ".truth.json"):
        a, b, c = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "abc")
        assert a == b and a != c, suffix


def test_keys_stand_in_the_exporters_order(made: Made) -> None:
    assert list(made.export) == TOP
    assert made.export["messageCount"] == len(made.messages) == 5000
    for message in made.messages:
        assert list(message) == [key for key in MESSAGE if key in message]
        assert set(MESSAGE) - set(message) <= {"reference", "forwardedMessage"}
        assert list(message["author"]) == AUTHOR
        for reaction in message["reactions"]:
            assert list(reaction) == ["emoji", "count", "users"]
            assert "roles" not in reaction["users"][0] and reaction["count"] == len(reaction["users"])


def test_ids_are_strings_unique_and_tell_the_time(made: Made) -> None:
    ids = [message["id"] for message in made.messages]
    assert all(type(i) is str and i.isdecimal() and int(i) < 2**63 for i in ids)
    assert len(set(ids)) == len(ids) and ids == sorted(ids, key=int)
    for message in made.messages[::50]:
        at = dt.datetime.fromisoformat(message["timestamp"])
        assert (int(message["id"]) >> 22) + 1_420_070_400_000 == round(at.timestamp() * 1000)


def test_times_carry_offsets_not_all_utc(made: Made) -> None:
    offsets = {dt.datetime.fromisoformat(message["timestamp"]).utcoffset() for message in made.messages}
    assert None not in offsets and len(offsets) == 2 and any(offsets)
    stamps = [dt.datetime.fromisoformat(message["timestamp"]) for message in made.messages]
    assert stamps == sorted(stamps)
    assert dt.timedelta(days=180) < stamps[-1] - stamps[0] < dt.timedelta(days=370)


def test_replies_point_at_earlier_messages(made: Made) -> None:
    place = {message["id"]: n for n, message in enumerate(made.messages)}
    replies = [m for m in made.messages if m["type"] == "Reply"]
    assert 0.1 < len(replies) / len(made.messages) < 0.4
    for m in replies:
        assert place[m["reference"]["messageId"]] < place[m["id"]]
        assert m["reference"]["channelId"] == made.export["channel"]["id"]


def test_everything_an_export_can_hold_is_there(made: Made) -> None:
    kinds = Counter(row["intent"] for row in made.truth["messages"].values())
    for kind in KINDS:
        assert kinds[kind] >= 5, kind
    assert any(m["timestampEdited"] for m in made.messages) and any(m["isPinned"] for m in made.messages)
    assert any(m["attachments"] and not m["content"] for m in made.messages)
    assert any(m["mentions"] for m in made.messages) and any(m["author"]["isBot"] for m in made.messages)
    languages = Counter(row["language"] for row in made.truth["messages"].values())
    assert 0.02 < 1 - languages["en"] / 5000 < 0.06 and len(languages) >= 4


def test_no_sentence_is_worn_out(made: Made) -> None:
    said: Counter[str] = Counter()
    for message in made.messages:
        parts = re.split(r"[.!?…\n]+", message["content"].lower())
        said.update({part.strip() for part in parts if part.strip()})
    sentence, times = said.most_common(1)[0]
    assert times <= 0.005 * len(made.messages), (sentence, times)


def test_most_messages_are_said_once(made: Made) -> None:
    texts = [m["content"] for m in made.messages if len(m["content"].split()) > 5]
    assert not any(re.search(r"[{}\[\]|]| ,|\bthe the\b", text, re.IGNORECASE) for text in texts)
    assert len(set(texts)) > 0.97 * len(texts)


def test_nothing_gives_the_persona_away(made: Made) -> None:
    for message in made.messages:
        assert not TELLTALE.search(message["content"]), message["content"]
        author = message["author"]
        assert not TELLTALE.search(
            " ".join([author["name"], author["nickname"], *(r["name"] for r in author["roles"])])
        )


def test_roles_say_nothing_about_the_persona(made: Made) -> None:
    authors = {m["author"]["id"]: m["author"] for m in made.messages}
    groups: dict[str, list[int]] = {}
    for i, author in authors.items():
        if persona := made.truth["authors"][i]:
            groups.setdefault(persona, []).append(len(author["roles"]))
    means = [sum(counts) / len(counts) for counts in groups.values()]
    assert max(means) - min(means) < 1.0


def test_every_persona_speaks_of_every_subject(made: Made) -> None:
    counts = Counter(
        (row["persona"], row["subject"], row["stance"] > 0)
        for row in made.truth["messages"].values()
        if row["stance"]
    )
    for persona, planted in made.truth["personas"].items():
        for subject in SUBJECTS:
            stance = planted["stance"][subject]
            for_it, against = counts[persona, subject, stance > 0], counts[persona, subject, stance < 0]
            assert for_it >= 12, (persona, subject, for_it)
            assert for_it > (1.2 if abs(stance) < 0.5 else 2) * against, (persona, subject, for_it, against)


@pytest.mark.parametrize("seed", range(12))
def test_personas_disagree_on_every_subject(seed: int) -> None:
    import random

    some = pick_personas(random.Random(seed))
    assert 3 <= len(some) <= 6
    assert all(opposite_pairs(some).values())
    with pytest.raises(ValueError, match="3 to"):
        pick_personas(random.Random(seed), 2)


def test_facts_are_asked_and_answered_and_the_rest_is_not(made: Made) -> None:
    content = _planted(made)
    everything = " ".join(content.values())
    for word in (
        "orchestra",
        "mortgage",
        "tomato",
        "marathon",
        "submarine",
        "insurance",
        "telescope",
        "korean",
    ):
        assert word not in everything
    assert len(made.truth["near-miss"]) == len(made.truth["facts"]) and len(made.truth["untouched"]) >= 10


def test_the_newest_set_kept_for_evaluation_is_planted_as_well(tmp_path: Path) -> None:
    everything = " ".join(_planted(Made(tmp_path, 3000, 7, reserved=NEWEST_KEPT)).values())
    for thing in load_wordings(NEWEST_KEPT)["never"]["plain"]:
        assert thing.removeprefix("the ").lower() not in everything


def _planted(made: Made) -> dict[str, str]:
    """What is said in MADE by id, all its facts being asked and answered, in words that are seldom the same."""
    content = {m["id"]: m["content"].lower() for m in made.messages}
    assert len(made.truth["facts"]) >= 15
    for fact in made.truth["facts"]:
        assert fact["asked"] and fact["answered"]
        assert all(content[i] for i in fact["asked"] + fact["answered"])
        shared = [_overlap(content[q], content[a]) for q in fact["asked"] for a in fact["answered"]]
        assert sum(shared) / len(shared) < 0.35, fact["key"]
    return content


def _overlap(question: str, answer: str) -> float:
    """Share of the answer's longer words that the question has too."""
    words = {w for w in re.findall(r"\w+", answer) if len(w) > 3}
    return len(words & set(re.findall(r"\w+", question))) / max(1, len(words))


def test_spam_comes_from_few_and_is_nearly_the_same(made: Made) -> None:
    rows = [m for m in made.messages if made.truth["messages"][m["id"]]["intent"] == "spam"]
    assert {m["author"]["id"] for m in rows} == set(made.truth["spammers"]) and 0.005 < len(
        rows
    ) / 5000 < 0.03


def test_patches_are_dated_structured_and_told(made: Made) -> None:
    assert len(made.patches) >= 12
    assert [p["timestamp"] for p in made.patches] == sorted(p["timestamp"] for p in made.patches)
    moves = Counter((c["feature"], c["action"]) for p in made.patches for c in p["changes"])
    assert moves["weapon-damage", "nerf"] >= 3 and moves["difficulty", "increase"] >= 3
    for patch in made.patches:
        assert set(patch) == {"id", "timestamp", "version", "title", "notes", "changes"}
        assert patch["notes"].count("\n") == len(patch["changes"]) - 1
        assert all(0 < c["amount"] <= 1 for c in patch["changes"])


def test_shuffled_dates_keep_away_from_the_true_ones(made: Made, tmp_path: Path) -> None:
    copy = tmp_path / "x.patches.jsonl"
    copy.write_bytes(made.path.with_suffix(".patches.jsonl").read_bytes())
    shuffle_dates(copy, 1)
    rows = [json.loads(line) for line in copy.read_text(encoding="utf-8").splitlines()]
    true = [dt.datetime.fromisoformat(p["timestamp"]) for p in made.patches]
    assert sorted(r["id"] for r in rows) == sorted(p["id"] for p in made.patches)
    for row in rows:
        at = dt.datetime.fromisoformat(row["timestamp"])
        assert min(abs(at - other) for other in true) >= dt.timedelta(days=4)


def test_a_small_community_is_whole_and_a_tiny_one_is_refused(tmp_path: Path) -> None:
    small = Made(tmp_path, 100, 5)
    assert len(small.messages) == 100 and small.events and small.patches
    with pytest.raises(ValueError, match="at least"):
        generate(20, 5, tmp_path / "b.json")


@pytest.mark.parametrize("kept", range(len(KEPT_SETS)))
def test_each_set_of_facts_has_its_questions_and_no_word_of_another(kept: int) -> None:
    """Every fact can be asked for, answered and missed in words of its own; no set has a fact of another's."""
    facts, untouched = load_facts(kept)
    wordings = load_wordings(kept)
    assert len(facts) >= 20 and len(untouched) >= 10
    for fact in facts:
        assert (
            len(fact.questions) >= 2 and len(fact.answers) >= 2 and fact.mentions and fact.ask and fact.answer
        )
        said = wordings[fact.key]
        assert len(said["ask"]) >= 2 and said["not"] and said["presumes"] and fact.near, fact.key
    others = [fact.key for other in range(len(KEPT_SETS)) if other != kept for fact in load_facts(other)[0]]
    assert not {fact.key for fact in facts} & set(others)
    opinions = {key for key in wordings if key.startswith("opinion ")}
    rest = {"never", "never-asked", "crossed"}
    assert set(wordings) == {fact.key for fact in facts} | opinions | rest
    assert opinions == {key for key in load_wordings(0) if key.startswith("opinion ")}


def test_phrases_are_whole() -> None:
    """Every heading that talk can ask for is there, every slot has words, no bracket is left over."""
    import random

    from chorus.runtime.synthetic.world import make_world

    world = make_world(random.Random(0)) | {
        "number": [("1.2.3",)],
        "feature": [("price",)],
        "amount": [("5%",)],
        "code": [("x",)],
    }
    concerns = load("concerns")
    assert set(concerns) == {f"{topic} {tone}" for topic in TOPICS for tone in "+-0"}
    assert set(load("reasons")) == {persona.key for persona in PERSONAS}
    for book in (
        "stances",
        "reasons",
        "concerns",
        "shared",
        "replies",
        "patches",
        "languages",
        "sidelines",
        "notes",
    ):
        for heading, lines in load(book).items():
            assert lines, heading
            for line in lines:
                said = expand(line, world, random.Random(1), {})
                assert said and not re.search(r"[\[\]{}|]|  | ,", said), (heading, said)


@pytest.mark.parametrize("broken", ["a [b|c", "a b] c", "[a|[b] c"])
def test_an_unbalanced_bracket_is_an_error(broken: str) -> None:
    with pytest.raises(ValueError, match=r"unbalanced|never closed"):
        parse(broken)
