"""Phrases whose words do not mean what they say apart: each becomes one word of the lexicon, or a verdict."""

from __future__ import annotations

import re


def _table(*rows: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in rows)


_FEW_WORDS = r"(?:[\w']+ ){0,2}"
_NOT_ABLE = r"(?:can(?:no|')?t|cannot|can not|could(?: not|n't)|never|nobody can|unable to)"
_ROUNDS = r"(?:magazines?|mags?|clips?|rounds|bullets|arrows|shots|hits)"
_RANK = r"(?:level|rank|skill|tier)s?"
# What moves a quantity or judges it, as a word that the tables of the lexicon know.
PHRASES = _table(
    (r"\bha(?:s|ve) (?:got )?to\b|\bgotta\b|\bought to\b", "must"),
    (r"\b(?:ok|okay|fine|cool|good|happy|alright) with\b", "welcome"),
    (r"\bno thank(?:s| you)\b", "refuse"),
    (r"\bwhy can(?:'t|not) we (?:get|have)\b", "want"),
    (r"\bwho (?:thought|asked for|wanted|needs)\b", "refuse"),
    (r"\bno more\b", "without"),
    (r"\b(?:go|goes|went|going) (?:down|over) (?=well|badly|poorly|smoothly)", ""),
    (r"\bget(?:ting)? rid of\b", "remove"),
    (r"\b(?:took|takes|taken|take) (?:away|out)\b", "removed"),
    (r"\b(?:go(?:es|ing)?|went|gone|come|crank|turn|dial|bring|brought|push|speed)(?: way)? up\b", "increase"),
    (r"\b(?:is|are|was|were) (?:way )?up\b", "increased"),
    (r"\b(?:go(?:es|ing)?|went|gone|come|turn|dial|tone|toned|toning|slow)(?: way)? down\b", "reduce"),
    (r"\b(?:bring|turn|dial|tone|get|take|slow)s? ((?:\w+ ){1,3})down\b", r"reduce \1"),
    (r"\b(?:bring|turn|dial|crank|push|speed)s? ((?:\w+ ){1,3})up\b", r"increase \1"),
    (r"\b(?:do|does|did|doing|deal|deals|dealt) (?:no|zero|barely any|hardly any|little)\b", "underpowered"),
    (r"\bhalf (?:of )?(?:the |its |that )?(?=price|cost)", "halved "),
    (r"\bout of (?:control|hand)\b|\bthrough the roof\b|\bover the top\b|\boff the charts\b", "overtuned"),
    # money
    (rf"\b{_NOT_ABLE} {_FEW_WORDS}afford\b", "overpriced"),
    (r"\bmore than (?:i|we|anyone|most \w+) (?:can|could|would|want)\b", "overpriced"),
    (r"\b(?:out of|over|beyond) my (?:range|budget|limit|reach|means)\b", "overpriced"),
    # fights
    (r"\btime to kill\b", "ttk"),
    (r"\b(?:no|zero|without(?: any)?) (?:real )?(?:challenge|risk|danger)\b", "braindead"),
    (r"\b(?:hit|hits|hitting) (?:[\w']+ ){0,2}harder\b", "deadlier"),
    (r"\b(?:hit|hits|hitting) ((?:[\w']+ ){0,2})hard\b", r"\1lethal"),
    (r"\bpunish(?:es|ed)? (?:\w+ )?mistakes?\b", "punishing"),
    (rf"\b{_NOT_ABLE} {_FEW_WORDS}(?:get past|got past|beat|finish|keep up|get close|got close|clear)\b", "unbeatable"),
    (r"\bstuck (?:at|on)\b|\b(?:brick|hit a) wall\b", "unbeatable"),
    (r"\b(?:fell|half|falling|fall) asleep\b|\bin (?:my|our) sleep\b|\bcakewalk\b|\bwalk in the park\b", "braindead"),
    (r"\b(?:hold(?:ing)?|held) (?:our|my|your|their|players'?) hands?\b|\bbabysit\w*|\bhandhold\w*", "handholding"),
    (r"\b(?:dead|died|killed) (?:before|instantly|in (?:a|one|two) (?:blink|hit|shot|second)s?)\b", "instakill"),
    (r"\bblink and (?:i'm|i am|you're|you are) (?:dead|gone)\b|\b(?:ends?|ended) (?:it|me|you|fights) in a\b",
     "instakill"),
    (r"\bno time to (?:react|answer|respond|turn)\b", "instakill"),
    (rf"\b(?:takes?|took|needs?|emptied|empty) {_FEW_WORDS}"
     rf"(?:(?:whole|entire|full) {_ROUNDS}|(?:two|\d|\d\d) (?:magazines|mags|clips)|"
     rf"(?:five|six|seven|eight|nine|ten|a dozen|\d\d) {_ROUNDS})", "underpowered"),
    (r"\b(?:pea ?shooters?|water pistols?|squirt guns?|wet noodles?|toothpicks?|feather dusters?)\b", "underpowered"),
    (r"\b(?:drags?|dragging) on\b|\b(?:takes?|lasts?) (?:forever|ages)\b", "too long"),
    # opponents
    (rf"\b(?:(?:my|their|your|our)(?: own)?|the same|equal|similar|same) {_RANK}\b|\bby {_RANK}\b", "matched"),
    (rf"\b(?:any|all|mixed|every) {_RANK}\b|\b(?:random|any) (?:lobby|lobbies|opponents?)\b", "unmatched"),
)  # fmt: skip

# What the writer makes of what happened, whatever the tone of the single words: (phrase, tone).
VERDICTS: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), tone)
    for pattern, tone in (
        (r"\bthanks for nothing\b|\bnobody asked for\b|\bfed up\b|\bno thank(?:s| you)\b", -0.8),
        (r"\b(?:i'm|i am|im|we're|we are|so) (?:so )?(?:done|out|gone)\b(?! of)", -0.8),
        (r"\b(?:undo|revert|reverse) (?:it|this|that|them)\b|\b(?:put|turn|roll|change) (?:it|this|that|them) back\b",
         -0.8),
        (r"\b(?:go|roll) back(?: please)?\s*[.!]*$", -0.8),
        (r"\bkill(?:s|ed|ing)? (?:the|this|my|our) (?!boss|enem|guy|dragon|player|other|last|first)\w+", -0.8),
        (r"\b(?:took|takes|taking|sucked|sucks) (?:all )?the (?:fun|joy|soul|thrill|life)\b", -0.8),
        (r"\bkeep (?:it|them|this) coming\b|\bmore (?:of|like) (?:this|that)\b", 0.8),
    )
)  # fmt: skip


def joined(sentence: str) -> str:
    """SENTENCE with each phrase of the table as its one word."""
    for pattern, word in PHRASES:
        sentence = pattern.sub(word, sentence)
    return sentence


def verdict(sentence: str, tone: float) -> float:
    """What SENTENCE makes of what happened: that of the first phrase that says it, else its TONE."""
    return next((value for pattern, value in VERDICTS if pattern.search(sentence)), tone)
