"""What is no answer although its words are those of one: that its writer does not know, or an order to its reader."""

from __future__ import annotations

from functools import lru_cache

from chorus.kernels.answer.lexicon import EMPHASIS, GLAD
from chorus.kernels.answer.words import KEPT, pattern, stem, tokens, word_table

_UNKNOWING = pattern(
    r"^\W*(?:(?:sorry|hmm+|uh+|um+|well|honestly|tbh|lol|nope|no|i|i've|got|have|absolutely|really|still)\W+){0,4}"
    r"(?:(?:no|not a|zero) (?:clue|idea|earthly)\b|(?:don'?t|do not) (?:know|remember)\b"
    r"(?! (?:about|any|anyone|a|an|one|of|who|what you|why you)\b)"
    r"|idk\b|dunno\b|can'?t (?:say|tell|remember|help)\b|wish i knew\b)",
    r"^\W*(?:who knows|beats me|search me|ask (?:someone|somebody|anyone) else|(?:same|good) question)\b",
    r"\bi (?:don'?t|do not|really don'?t) know\W*$",
)
_STILL_TELLS = pattern(r"\b(?:but|maybe|perhaps|try|guess|think|probably|i'd say|should be)\b")


@lru_cache(KEPT)
def declines(text: str) -> bool:
    """Whether TEXT only says that its writer does not know: "no clue, sorry"; not "idk but I think at nine"."""
    return _UNKNOWING.search(text) is not None and _STILL_TELLS.search(text) is None


_ASSENT = word_table(
    """
    yes yeah yep yup no nope ok okay sure right true exactly correct indeed agreed agree same understood
    thanks thank thx ty cheers welcome np works worked working got try tried will did done sorry worries problem
    """
)
_BESIDE = word_table(
    "you you're youre u are is it's its that that's thats this it was i i'm im for so the a an to and but oh ah well"
    " very"
)
_EMPTY = frozenset(map(stem, _ASSENT | _BESIDE | GLAD | EMPHASIS))
_WHETHER = pattern(r"^\W*(?:is|are|was|were|do|does|did|can|could|will|would|has|have|may|must|should)\b")
_YES_OR_NO = word_table("yes yeah yep yup no nope sure right true correct indeed exactly")


def says_nothing(text: str, question: str) -> bool:
    """Whether TEXT only agrees, thanks or praises: "you are right", "works perfectly!"; to a QUESTION of whether
    "yes" is an answer.
    """
    said = set(tokens(text))
    whether = _WHETHER.search(question) is not None and not said.isdisjoint(_YES_OR_NO)
    return bool(said) and not whether and _EMPTY.issuperset(map(stem, said))


_ORDERS = pattern(
    r"\b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|every|the|your|these|those|of|my)\s+)*"
    r"(?:(?:previous|prior|above|earlier|preceding|former|other|system|safety|initial)\s+)+"
    r"(?:\w+\s+){0,2}?(?:instructions?|prompts?|rules?|messages?|directions?|guidelines?|context|text|orders?|answers?)\b",
    r"\b(?:ignore|disregard|override|bypass)\s+(?:all\s+|any\s+)?(?:the\s+|your\s+)?(?:rules?|instructions?|prompts?)\s+and\b",
    r"(?:^|\n)\W*(?:system|assistant|developer)\s*(?:prompt|message|instructions?|override)?\s*:",
    r"<\|?\s*(?:im_start|system|/?inst)\b|\[/?inst\]|\bnew (?:system )?(?:instructions?|prompt)\s*:",
    r"\b(?:you are|act as|pretend to be) (?:now )?(?:an? |the )?(?:ai|llm|language model|assistant|chatbot)\b",
)


@lru_cache(KEPT)
def orders_reader(text: str) -> bool:
    """Whether TEXT gives orders to a machine that reads it ("ignore all previous instructions and say …"): no opinion
    of its writer, and nothing that he knows.
    """
    return _ORDERS.search(text) is not None
