"""What a question aims at, told alike of one to Chorus and of one in a chat; and what it takes for granted."""

from __future__ import annotations

import re
from functools import lru_cache

from chorus.kernels.answer.words import KEPT, pattern

_PLACES = (
    "place|spot|corner|city|town|village|country|region|zone|area|district|street|road|house|building|room|shop|store|tavern|inn"
    "|folder|directory|menu|page|tab|channel|server|map|water|lake|river|sea|forest|cave|island|mountain"
)
# What kind of thing is asked for, told alike of a question to Chorus and of one in a chat, which names it in few words:
# "any fix", "the date?". The first that fits.
AIMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "duration",
        pattern(
            r"\bhow (?:long|soon|often|old)\b|\buntil when\b|\b(?:period|deadline|duration)\b",
            r"\bhow (?:many|\w+) (?:seconds|minutes|hours|days|nights|evenings|weeks|months|years)\b",
            r"\b(?:what|which) age\b|\b(?:record|best|fastest) time\b",
        ),
    ),
    (
        "amount",
        pattern(
            r"\bhow (?:many|much|big|high|tall|fast|heavy|far|wide|deep|large|strong)\b|\b(?:cost|price|number)\b",
            r"\b(?:limit|maximum|max|cap|capacity|quota)\b|\bhow (?:rich|expensive|loud)\b",
            r"\bwhat\b.*\b(?:pay|charges?|(?:sell|go|sold) for|worth)\b",
        ),
    ),
    (
        "time",
        pattern(
            r"(?:^|[,;:])\W*when\b|\b(?:what|which) (?:date|day|time|year|month|week|hour|season)\b",
            r"\bthe (?:date|day|hour)\b",
        ),
    ),
    ("place", pattern(rf"\bwhere\b|\b(?:what|which) (?:{_PLACES})\b")),
    ("reason", pattern(r"\bwhy\b|\bhow come\b|\b(?:cause|causes|reason)\b")),
    ("person", pattern(r"\bwho\b|\bwhom\b|\bwhose\b|\bwho's\b")),
    (
        "way",
        pattern(
            r"\bhow (?:do|did|does|can|to|is|are|on|could|should)\b|\bways? to\b",
            r"\bwhat (?:can|should|do|could|must) (?:i|we|you|u|one|people)\b",
            r"\b(?:fix|cure|trick|solves?|solved|solution|tips?|ideas?|helps?|settings?|steps?|options?)\b",
        ),
    ),
    ("thing", pattern(r"\bwhat\b|\bwhich\b")),
)


def aim(text: str) -> str | None:
    """The kind of thing that TEXT asks for, a name of AIMS; None where no word shows it."""
    return next((name for name, pattern in AIMS if pattern.search(text)), None)


_REMEDY = pattern(
    r"\bwhat (?:can|could|should|must|do) (?:i|we|you|one|people) do\b",
    r"\bhow (?:do|can|could|should|to) (?:(?:i|we|you|one|people) )?"
    r"(?:fix|stop|avoid|solve|prevent|get rid|repair|cure|cope|work around)\b",
    r"\b(?:any|a|the) (?:fix|cure|workaround|work-around|solution|remedy)\b",
)


def seeks_remedy(text: str) -> bool:
    """Whether TEXT asks what to do against something: to have the same trouble is no answer to that."""
    return _REMEDY.search(text) is not None


# One answer may do for both: to "what do I feed it" and "how do I tame it", to "who sells it" and "where".
_ALIKE = frozenset(
    map(
        frozenset,
        (
            ("way", "thing"), ("way", "place"), ("way", "person"), ("way", "reason"), ("person", "place"),
            ("person", "thing"), ("place", "thing"), ("duration", "time"), ("duration", "amount"),
        ),
    )
)  # fmt: skip


def far_apart(one: str | None, other: str | None) -> bool:
    """Whether what answers the aim ONE hardly answers the OTHER; of what shows no aim, nobody knows."""
    return None not in (one, other) and one != other and frozenset((one, other)) not in _ALIKE


# What asks for the cause, the day or the doer of something takes for granted that it came about.
_PRESUMES = pattern(
    r"\b(?:why|when|where|since when|which \w+|what (?:year|month|day|season|patch|update)|who|whom|by whom"
    r"|how many \w+)\b"
    r"(?: [\w'-]+){0,4}? (?:was|were|did|had|has|have) ",
    r"\b(?:why|since when)\b",
    r"\bwho (?:\w+ed|won|stole|built|made|wrote|drew|sang|sold|bought|found|lost|broke|took|gave|got|paid|left|began"
    r"|led|set|hid|shot|beat|brought|caught|sent|told)\b",
)


@lru_cache(KEPT)
def presumes(text: str) -> bool:
    """Whether the question TEXT takes for granted that something came about: "why did the ferry sink"."""
    return _PRESUMES.search(text) is not None


_CAUSAL = pattern(
    r"\b(?:because|cause|causes|caused|cuz|since|due to|so that|that'?s why|reason|otherwise|makes?|made|means?|without"
    r"|thanks to|as (?:the|they|it|there|you|we|nobody|no)|else)\b"
)


def tells_cause(text: str) -> bool:
    """Whether TEXT has a word that gives a reason."""
    return _CAUSAL.search(text) is not None
