"""What a question asks: its kind, what would answer it, the words that its answer must speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from chorus.kernels.answer.aims import aim
from chorus.kernels.answer.lexicon import MILD
from chorus.kernels.answer.numerals import NUMERAL, SPANS, in_figures
from chorus.kernels.answer.quantities import quantity, tells_quantity
from chorus.kernels.answer.roles import ROLE
from chorus.kernels.answer.stance import direction, excess, moves
from chorus.kernels.answer.words import KEPT, STOP, pattern, short_for, stem, tokens, written_out

WEEKDAY = r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b"
_SPAN = rf"(?:{'|'.join([*SPANS, 'moon', 'season'])})s?\b"
# What the answer must contain, by how the question is put; the first match counts.
EXPECTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "duration",
        pattern(
            r"\bhow (?:long|often|old|soon)\b(?! ago)",
            r"\b(?:at|until) (?:what|which) age\b|\b(?:what|which) (?:\w+ )?(?:record|best) time\b",
            r"\bwhat(?: is|'s) the (?:record|best|fastest) time\b",
            r"\bhow (?:many|\w+) (?:seconds|minutes|hours|days|weeks|months|years)\b",
            r"\b(?:after|for|within) (?:what|how much) time\b|\bhow much (?:longer|time)\b",
        ),
    ),
    (
        "number",
        pattern(
            r"\bhow (?:many|far|big|high|tall)\b",
            r"\bhow (?:heavy|wide|deep|large|small) (?:is|are|was|were|may|can|do|does)\b",
        ),
    ),
    (
        "amount",
        pattern(
            r"\bhow (?:much|fast)\b",
            r"\bwhat (?:percentage|percent|number|share)\b",
            r"\bhow \w+ (?:points|dollars|euros)\b",
            r"\bhow (?:strong|rich|loud|expensive) (?:is|are|was|were|may|can|do|does)\b",
            r"\bwhat (?:do|does|did|would|will|must)\b.*\b(?:cost|pay|weigh|(?:sell|go) for|charge)\b",
            r"\bwhat (?:is|are|was|were)\b.*\b(?:sold for|worth)\b",
            r"\bwhat(?: is|'s) the (?:price|cost|fee|rent|toll|postage|weight|height|depth|width)\b",
        ),
    ),
    ("version", pattern(r"\b(?:what|which) (?:patch|update|version|build|hotfix)\b")),
    ("color", pattern(r"\b(?:what|which) (?:colou?r|shade|hue)s?\b")),
    (
        "time",
        pattern(
            r"^(?:\W*(?:and|so|but)\b)?\W*when\b|\b(?:know|tell me|remember) when\b",
            r"\b(?:what|which) (?:date|day|time|year|month|week|hour)\b",
            r"\bsince when\b|\bhow long ago\b",
        ),
    ),
    (
        "person",
        pattern(
            r"\bwho\b|\bwhose\b|\bwhom\b",
            r"\bwhat(?: is|'s) the name of\b",
            r"\b(?:what|which) (?:player|dev|developer|moderator|admin|streamer|caster|actor|artist|author|writer"
            r"|composer|singer|doctor|lawyer|teacher|scientist|scholar|architect|engineer|captain|leader)s?\b",
        ),
    ),
    ("place", pattern(r"\bwhere\b")),
    ("reason", pattern(r"\bwhy\b|\bhow come\b|\bwhat makes\b|\bfor what reason\b")),
)
# "how much do they like", "when prices rise", "those who": the word, but no such expectation.
_NOT_ASKED = pattern(
    r"\bhow much (?:do|did|would|does|will|are|is) (?:they|it|people|players|this|that|he|she|we)\b(?! cost)",
    r"^(?!when\b|since when\b|at what\b|what\b|which\b|how long ago\b).*\bwhen\b"
    r"(?! (?:did|does|do|is|was|are|were|will|can)\b)",
    r"\b(?:those|players|people|member|someone|somebody|anyone|anybody|everyone|everybody|the ones?) who\b",
)
# "Which bait and which hour", "can I, and until when": what answers one of two need not be of the other's kind.
_TWO_ASKED = pattern(
    r"^.*\b(?:who|whom|what|which|where|when|how|can|may)\b"
    r".*\band (?:\w+ )?(?:who|whom|what|which|where|when|why|how|until)\b"
)
# What a thing costs, told without a number.
_NO_SUM = pattern(r"\b(?:free|nothing|no charge|gratis|a lot)\b|\d\s?%|\b(?:percent|per cent)\b")
_SEEN = {
    "amount": _NO_SUM,
    "version": pattern(r"\bv?\d+\.\d+", r"\b(?:patch|update|version|build|hotfix|season)\b"),
    "color": pattern(
        r"\b(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|gold(?:en)?|silver\w*|bronze"
        r"|copper|crimson|scarlet|azure|teal|cyan|magenta|turquoise|ivory|beige|amber|emerald|maroon|navy|lilac"
        r"|transparent|rainbow)\b|#[0-9a-f]{3,6}\b"
    ),
    "duration": pattern(
        rf"(?:\d|{NUMERAL})[\w\s-]{{0,12}}(?:{'|'.join(SPANS)}|season)",
        r"\b(?:every|each|once|twice) (?:\w+ )?(?:second|minute|hour|day|week|month|year|night|season)",
        r"\b(?:daily|weekly|monthly|hourly|instantly|forever|overnight|ages)\b|\d\s?[smhd]\b",
    ),
    "time": pattern(
        r"\d{1,2}(?::\d\d)?\s?(?:am|pm|utc|cet|est|pst)\b|\b(?:(?:19|20)\d\d|0\d{3}|\d{4}\s?(?:utc|hrs|h))\b"
        r"|\d[./-]\d",
        r"\b(?:today|yesterday|tomorrow|tonight|morning|evening|noon|midnight|weekend|dawn|dusk|sunrise|sunset)\b",
        r"\b(?:ago|soon|now|already|daily|weekly|monthly|hourly|spring|summer|autumn|winter)\b",
        rf"\b(?:in|on|at|after|before|until|till|by|since|from|every|each|this|next|last|during|within|end|start|first"
        rf"|second|third|new|full|once)\s(?:[\w-]+\s){{0,3}}{_SPAN}|{_SPAN}\s+(?:later|after|before|from now|in)\b",
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
        WEEKDAY,
    ),
    "reason": pattern(
        r"\b(?:because|cause|cuz|since|due to|so that|that'?s why|reason|otherwise|makes?|means?|without)\b",
        r"\b(?:too|so|ruin\w*|broken|lost|bad|terrible|insane|delay\w*|\w+less)\b",
    ),
    "place": pattern(
        r"\b(?:at|in|on|near|behind|under|inside|outside|north|south|east|west|from|next to)\s+\w+",
        r"https?://|#\w+",
    ),
    "person": re.compile(
        r"@\w+|(?<=[a-z,;]\s)[A-Z]\w+|\b(?:[Dd]evs?|developers?|mods?|moderators?|[Hh]e|[Ss]he|him|her|his)\b"
        rf"|^[A-Z]\w+ (?:is|was|made|did|said|won)\b|{ROLE}"
    ),
}
NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b(?:[A-Z][\w'-]*|[A-Z]{2,}\w*)\b|“[^”]+”|\"[^\"]+\"")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*%?(?!\w)|\bv?\d+(?:\.\d+)+\b")


class Matter(NamedTuple):
    """What people judge of a game: WORDS for it, and its BEARERS, the things that have it; all as stems but NAME."""

    name: str
    words: frozenset[str]
    bearers: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """A question taken apart. WORDS are its topic as written, TERMS their stems, in the same order."""

    text: str
    kind: str  # a name of the table of kinds; "fact" when none fits
    expects: str | None  # duration | number | amount | color | time | person | place | reason
    words: tuple[str, ...]
    terms: tuple[str, ...]
    must: tuple[str, ...]  # names and numbers that an answer has to contain, in lower case
    direction: int  # which way the change asked about moves: 1 more, −1 less, 0 none
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # term → words that nearly mean it
    focus: tuple[int, ...] = ()  # places in TERMS of what is asked for, one of which an answer must touch
    matter: str | None = (
        None  # what the question comes to, where it names it by other words or by what has it
    )
    judges: bool = (
        False  # whether it puts a judgement to them, "too hard", of which DIRECTION is what follows: less
    )


def read_question(
    text: str,
    kinds: Sequence[tuple[str, Sequence[str]]],
    frame: Sequence[str],
    implied: Mapping[str, str] | None = None,
    places: Sequence[tuple[str, str]] = (),
    matters: Sequence[Matter] = (),
    asides: Iterable[str] = (),
) -> Reading:
    """Take TEXT apart. KINDS are kinds and the phrases that show them, tried in order; FRAME are words of no topic,
    and so is, for each of PLACES, what stands ("after", "they") or ("before", "them"). Where a judgement is asked for,
    the words of one of MATTERS are that matter, and ASIDES say but how it is taken: "how would it be RECEIVED".
    """
    written, text = text, written_out(text)
    low = " ^ " + " ".join(tokens(text)) + " "  # in a phrase, ^ is where the question begins
    kind = next((k for k, phrases in kinds if any(f" {p} " in low for p in phrases)), "fact")
    if kind in _OPINIONS and _OF_ONE.search(text):
        kind = "fact"
    expects = None
    if not _NOT_ASKED.search(text) and not _TWO_ASKED.search(text):
        expects = next((name for name, pattern in EXPECTS if pattern.search(text)), None)
    framing = _placed(tokens(text), places)
    moved = kind not in ("fact", "reason")  # "what does the boss drop" is no question of less
    stems = {stem(word) for word in frame} if moved else set()  # in whatever form: "giving", "tolerated"
    said = [w for w in tokens(text) if w not in STOP and w not in frame and stem(w) not in stems]
    for aside in (_taking(text) if moved else set(), framing):
        said = [w for w in said if w not in aside] or said
    measure = re.search(r"\bhow (\w+)", text.lower()) if expects in ("number", "amount", "duration") else None
    if measure:  # "how long" asks for a time, not for something long
        said = [w for w in said if w != measure[1]] or said
    reception = {stem(word) for word in asides} if moved else set()
    said = [w for w in said if stem(w) not in reception] or said
    topic = [w for w in said if not (moved and moves(w))] or said
    topic += [implied[w] for w in said if moved and implied and w in implied and implied[w] not in topic]
    topic = [w for w in topic if not (moved and implied and w in implied)] or topic
    heading = direction(text) if moved else 0
    judged = 0 if heading or not moved else excess(text)
    matter = _matter(topic, said, heading or judged, matters) if moved else None
    if matter:
        own = matter.words | matter.bearers
        topic = [matter.name, *(w for w in topic if not _means(w, own))]
    unique = {stem(w): w for w in reversed(topic)}
    ordered = list(dict.fromkeys(stem(w) for w in topic))
    return Reading(
        text=written,
        kind=kind,
        expects=expects,
        words=tuple(unique[t] for t in ordered),
        terms=tuple(ordered),
        must=_must(text, frame),
        direction=heading or judged,
        focus=_focus(text, ordered),
        matter=matter.name if matter else None,
        judges=judged != 0,
    )


_OPINIONS = frozenset(("attitude", "reaction"))
_GROUPS = r"community|crowd|base|group|persona|majority|public|audience|people|playerbase"
# Of a single thing or of a number of things no feeling is asked: "what does the brewery want", "how many have a view".
_OF_ONE = pattern(
    r"^(?!.*\b(?:they|them|their|people|players|members)\b)\W*(?:what|which)\b.*?"
    rf" does (?:the|a|an|my|our|this|that) (?!(?:\w+ )?(?:{_GROUPS})\b)",
    r"^\W*how many (?!(?:of (?:the|them|these) )?(?:people|players|members|persons|users|authors|of them)\b)"
    r"(?!.*\b(?:they|them|their)\b)",
)
# How people take a thing, told by where it stands: "how ANGRY would they be", "would people be FINE with", "is it a
# RIP-OFF?".
_GROUP = "they|people|players|members|folks|everyone|everybody|the community"
_HOW_TAKEN = re.compile(
    rf"\bhow (?P<taken>[\w-]+) (?:would|will|are|were|do|did|might|could|is) (?:{_GROUP})\b"
)
_SUBJECT = re.compile(
    rf"\b(?:would|will|are|were|do|did|might|could|is|does) (?:{_GROUP})(?: (?:be|all|really|still|rather|even|just))*"
    r" (?P<taken>[\w-]+) (?=\w)"
)
_PREDICATE = re.compile(
    r"\b(?:is|are|was|were|be|being|it's)(?: (?:a|an|too|so|just|way|really|such|pretty|quite|kinda|very|all))*"
    r" (?P<taken>[\w-]+)\W*$"
)
_MOOD = re.compile(
    r"\b(?:the|a) (?P<taken>[\w-]+) (?:feeling|opinion|mood|view|sentiment|consensus|verdict)\b"
)
_FAR = re.compile(r"\b(?P<taken>far|much|way) too\b")


def _taking(text: str) -> set[str]:
    """The words of TEXT, a question of opinion, by which people only take what it is about."""
    low = text.lower()
    found = (way.search(low) for way in (_HOW_TAKEN, _SUBJECT, _PREDICATE, _MOOD, _FAR))
    return {way["taken"] for way in found if way} | {word for word in tokens(text) if word in MILD}


def _placed(words: Sequence[str], places: Sequence[tuple[str, str]]) -> set[str]:
    """The words that stand in one of PLACES, function words and adverbs in -ly skipped."""
    plain = [at for at, word in enumerate(words) if word not in STOP and not word.endswith("ly")]
    found = set()
    for where, mark in places:
        for at in (at for at, word in enumerate(words) if word == mark):
            beside = (
                [p for p in plain if p > at][:1] if where == "after" else [p for p in plain if p < at][-1:]
            )
            found |= {words[p] for p in beside}
    return found


def _matter(
    topic: Sequence[str], said: Sequence[str], heading: int, matters: Sequence[Matter]
) -> Matter | None:
    """The one of MATTERS that the words SAID name; else the first whose bearers are all of the TOPIC, asked to be
    moved: "more health for bosses". None where the words are those of two, and none where the TOPIC holds but its name.
    """
    stems = {stem(word) for word in topic}
    named = [m for m in matters if any(_means(word, m.words) for word in said)]
    if not named and heading:
        named = [m for m in matters if (m.bearers | {stem(m.name)}).issuperset(stems)]
        named = named[:1]
    return named[0] if len(named) == 1 and list(topic) != [named[0].name] else None


def _means(word: str, stems: frozenset[str]) -> bool:
    """Whether WORD is one of those with these STEMS, or short for one."""
    return stem(word) in stems or any(short_for(word, known) for known in stems)


# Where the thing asked for stands: "which BREED is", "how many PANES", "what is the MEMBER LIMIT of", "who BUILT".
_FOCUS = (
    re.compile(
        r"\bwhat(?:'s| is| are| was| were) (?!(?:inside|in|on|under|behind|between)\b)"
        r"(?:the |a |an )?(?P<focus>.+?)"
        r"(?: (?:of|for|in|on|at|to|from|with)\b|\W*$)"
    ),
    re.compile(
        r"\b(?:which|what|whose) (?!(?:is|are|was|were|do|does|did|can|should)\b)(?P<focus>[\w-]+)\b"
        r"(?! (?:the|a|an|my|your|this)\b)"
    ),
    re.compile(r"\bhow (?:many|much) (?!do\b|does\b|did\b|is\b|are\b)(?P<focus>[\w-]+)"),
    re.compile(r"\bwho (?P<focus>[\w-]+)"),
    re.compile(
        r"\bwhat (?:do|does|did)\b.*?\b(?P<focus>[\w-]+)(?: (?:for|at|to|with|on|in|of|about|from|by|into))?\W*$"
    ),
)


def _focus(text: str, terms: Sequence[str]) -> tuple[int, ...]:
    """The places in TERMS of what TEXT asks for; none for how, why, when and where, or a unit of time."""
    if EXPECTS[-1][1].search(text):
        return ()
    for way in _FOCUS:
        found = way.search(text.lower())
        if found:
            wanted = {stem(word) for word in tokens(found["focus"])}
            return tuple(at for at, term in enumerate(terms) if term in wanted and term not in _UNITS)
    return ()


_UNITS = frozenset(map(stem, SPANS))


def _must(text: str, frame: Sequence[str]) -> tuple[str, ...]:
    names = [m.group().strip('“”"').lower() for m in NAME.finditer(text)]
    names = [n for n in names if n not in STOP and n not in frame and n != "i"]
    return tuple(dict.fromkeys(names + [m.group().lower() for m in NUMBER.finditer(text)]))


_ASKS = re.compile(
    r"\?\s*\W*$|^\W*(?:who|what|where|when|why|how|which|whose|is|are|do|does|did|can|could|has|have|should|would)\s"
    r"|^\W*(?:who|what|where|how)['’]?s\s"
    r"|\b(?:any|some)(?:one|body) (?:else )?(?:know|seen|have|has|tested|tried|got|able|remember|find|found)"
    r"|[,;:–-]\s*(?:who|what|where|when|why|how|which)\s+(?:do|does|did|is|are|was|can|could|to|u|you|i)\b"
    r"|[,;:–-]\s*(?:who|what|where|when|why|how)\s*(?:[,;.!…]|$)"  # "no light, why, fuel is full"
    r"|[,;:–-]\s*(?:in |at |for |with |from )?which (?!\w*(?:s|ed)\b)[\w-]+\s*(?:[,;.!…]|$)"  # "stays dark, which fuel"
    r"|[,;:–-]\s*(?:is|are|does|did|can) (?:it|that|this|they|he|she|there|i|we|you|u|any\w*)\b"
    r"|[,;:–-]\s*(?:how (?:many|much|long|often|far|big|old|fast)|what['’]?s the|where['’]?s|who['’]?s)\b"
    r"|[,;:–-]\s*(?:and |or |so |but )?(?:who|whom|what|where|when|why|how|which)(?: [\w-]+){0,2}"
    r" (?:do|does|did|is|are|can|could|may|should|must|will|would)"
    r" (?:it|that|this|they|he|she|there|i|we|you|u|one|people)\b"
    r"|\b(?:please|pls|can you|could you) (?:\w+ )?(?:pastebin|paste|post|show|tell|state|describe)\b"
    r"|\b(?:wondering|no idea|not sure|stuck at|cannot find|can't find|help me)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"^\W*(?:do(?: not|n't)|do (?:it|that|this|the|a|an|\d+|one|two|three|four|five)\b(?!.*\?)"
    r"|can'?t|could(?: not|n't| be| use)|should be|would (?:not|be|love|like))\b",
    re.I,
)


@lru_cache(KEPT)
def asks(text: str) -> bool:
    """Whether TEXT puts a question rather than states something: no evidence, but a place to find some."""
    return _ASKS.search(text) is not None and _TELLS.search(text) is None


STRICT = frozenset(
    {"number", "amount", "version", "color", "duration", "time", "person"}
)  # what can be told from the words alone

COUNTED = frozenset({"number", "color"})  # what no other words can stand for


def satisfies(expects: str | None, text: str, question: str = "", context: str = "") -> bool:
    """Whether TEXT contains the kind of thing that QUESTION expects; nothing expected is always satisfied. CONTEXT is
    what TEXT answers: a number without a unit is of what was asked there.
    """
    if expects == "duration":
        text = in_figures(text)  # "an hour" has its number then
    if expects == "number" or (expects == "amount" and _NO_SUM.search(text) is None):
        wanted = quantity(question)
        return tells_quantity(text, wanted, _measures_else(wanted.dimension, context))
    return expects is None or _SEEN[expects].search(text) is not None


def _measures_else(dimension: str | None, context: str) -> bool:
    """Whether CONTEXT asks for a number of something that is not measured in DIMENSION."""
    asked = aim(context) in ("amount", "duration", "time")
    return dimension is not None and asked and quantity(context).dimension != dimension
