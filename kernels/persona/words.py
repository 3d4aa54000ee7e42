"""Words of messages for labels: tokens, pairs of tokens, and the words that say nothing about who is
speaking."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Function words; English whole, of other languages only the most frequent, which would otherwise name every
# persona.
_STOP = """
    a about above after again against ago all almost already also although always am an and another any
    anybody anyone anything anyway are aren arent around as at away back be became because been before
    behind being below between both but by came can cannot cant come comes could couldn couldnt did didn
    didnt do does doesn doesnt doing don done dont down during each either else end enough even ever every
    everyone everything except far few first for from further gave get gets getting give given gives go
    goes going gone gonna got gotta had hadn has hasn hasnt have haven havent having he hello hence her
    here hers herself hey hi him himself his hmm how however i id if ill im in instead into is isn isnt it
    its itself ive just keep kind knew know known knows last least less let lets like liked likely lol lot
    lots made make makes making many may maybe me mean means might mine more most much must my myself near
    need needs neither never new next no nobody none nope nor not nothing now of off often oh ok okay on
    once one ones only onto or other others otherwise our ours ourselves out over own per perhaps please
    probably put quite rather re really right said same saw say saying says see seem seemed seems seen
    sent several shall she should shouldn shouldnt since so some somebody somehow someone something
    sometimes somewhere soon still stuff such sure take taken takes tell than thank thanks that thats the
    their theirs them themselves then there theres therefore these they theyre thing things think this
    those though thought through thru thus till to today together told tomorrow too took toward tried
    tries try trying two u under until up upon ur us use used uses using usually very via want wanted
    wants was wasn wasnt way we well went were weren werent weve what whats whatever when where whether
    which while who whole whom whose why will with within without won wont would wouldn wouldnt yea yeah
    yep yes yesterday yet you youd youll your youre yours yourself youve actually basically literally
    kinda sorta bit wanna lmao haha hehe omg btw imo imho tbh idk pls plz thx ty np wow guys guy man bro
    dude folks people person anymore honestly feel feels felt look looks looking looked good great nice
    bad better best worse worst big little long old able time day days week weeks month months year
    years hour hours minute minutes tonight morning night der die das und ist nicht ein eine einen ich du
    wir ihr sie es mit auf für von zu den dem auch aber oder noch nur wie wenn schon mal hab habe bin sind
    war el la los las un una unos de del que y en se lo por con para su al como más pero sus le ya este
    esta muy son fue hay yo tu mi te si sin les des et est pas je vous nous il elle ils une dans pour sur
    avec ce cette qui plus mais sont été c'est j'ai à ça não os um uma em é na dos da com eu você isso mas
    foi ele ela и в не на я что он с как это по но они мы она так его ты а из у же за бы
"""
STOP: frozenset[str] = frozenset(_STOP.split())

LINK = re.compile(r"\w+://\S+|www\.\S+")
MARK = re.compile(r"<a?:\w+:\d+>|<[@#][!&]?\d+>|```.*?```", re.DOTALL)  # emoji, mentions and code of chat
TOKEN = re.compile(r"[^\W\d_][\w'’+-]*[^\W_]", re.UNICODE)


def tokens(text: str) -> list[str]:
    """Lower-case words of TEXT of at least three letters (two, where the script has no spaces), stop
    words as ""."""
    plain = MARK.sub(" ", LINK.sub(" ", text)).lower().replace("’", "'")
    return ["" if _empty(word) else word for word in TOKEN.findall(plain)]


def _empty(word: str) -> bool:
    bare = word.replace("'", "")
    return bare in STOP or (len(bare) < 3 and bare.isascii()) or len(bare) > 24 or word.split("'")[0] in STOP


def terms(text: str) -> Iterator[str]:
    """The words of TEXT that carry meaning, and the pairs of them that stand side by side ("queue times")."""
    found = tokens(text)
    for at, word in enumerate(found):
        if not word:
            continue
        yield word
        if at + 1 < len(found) and found[at + 1] and found[at + 1] != word:
            yield f"{word} {found[at + 1]}"


# The commonest function words that are a language's own; enough to tell a sentence's language, not to read it.
_SPOKEN = {
    "en": "the and you is it to of that in for with this have not are was but they what my just",
    "de": "der die das und ist nicht ein eine ich wir ihr sie mit auf für von dem auch aber oder wie bei",
    "fr": "le les des du et est pas je vous nous il elle une dans pour sur avec ce cette qui mais depuis",
    "es": "el los las del que y en es no por con para como más pero muy fue hay",
    "pt": "o os um uma em não da do com eu você isso mas foi ele ela alguém está hoje muito",
    "it": "il lo gli un una di che è non per con sono ma come anche della questo c'è oggi",
    "nl": "de het een en van ik je niet dat op te zijn met voor maar ook wel wat naar",
    "pl": "nie to się na jest z do że jak ale co tak po czy mam dla ktoś",
}
_SCRIPTS = {
    "ru": "[\u0400-\u04ff]",
    "ja": "[\u3040-\u30ff]",
    "zh": "[\u4e00-\u9fff]",
    "ko": "[\uac00-\ud7af]",
}
LANGUAGES = (*_SPOKEN, *_SCRIPTS)
_OWN = {language: frozenset(text.split()) for language, text in _SPOKEN.items()}
_LETTERS = {language: re.compile(pattern) for language, pattern in _SCRIPTS.items()}


def language(text: str) -> str | None:
    """The language of TEXT by its script or its function words; None where it shows neither, or is torn."""
    for code, letters in _LETTERS.items():
        if len(letters.findall(text)) > 0.3 * len(text.replace(" ", "")):
            return code
    found = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    hits = {code: sum(word in own for word in found) for code, own in _OWN.items()}
    best, second = sorted(hits, key=lambda code: -hits[code])[:2]
    return best if hits[best] > hits[second] else None
