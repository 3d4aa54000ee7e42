"""Text to the words that are searched: any script, case and width folded, plurals joined."""

from __future__ import annotations

import re
import unicodedata

# Scripts that put no spaces between words: their runs are cut into overlapping pairs of characters.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\uff66-\uff9f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
PICTURES = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
WORD = re.compile(rf"[{PICTURES}]|[{UNSPACED}]+|[^\W_{UNSPACED}]+(?:['’][^\W_{UNSPACED}]+)*")
UNSPACED_RUN = re.compile(rf"[{UNSPACED}]+")
LONGEST = 64  # characters of a word that are kept

# English words that carry no topic: left out of a query, when something else is in it, never out of the
# index.
FUNCTION_WORDS = frozenset(
    """a about an and any are as at be been but by can could did do does don't for from had has have he her
    his how i i'm if in into is it it's its me my of on or our she should so some than that the their them
    then there these they this to was we were what what's when where which who why will with would
    you your""".split()
)


def words(text: str) -> list[str]:
    """The words of TEXT in order, folded (NFKC, case) and stemmed.

    `'s` is cut off, other inner apostrophes are dropped; a picture is a word; runs of unspaced scripts give
    bigrams.
    """
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for word in WORD.findall(folded):
        if not word.isascii() and UNSPACED_RUN.match(word):
            found += [word[i : i + 2] for i in range(len(word) - 1)] or [word]
        else:
            found.append(stem(word[:LONGEST]))
    return found


def query_words(text: str) -> list[str]:
    """The distinct words of TEXT that are worth looking up: without function words, unless it is nothing
    else.
    """
    found = list(dict.fromkeys(words(text)))
    return [word for word in found if word not in STEMMED_FUNCTION_WORDS] or found


def stem(word: str) -> str:
    """WORD without its English plural or possessive ending (Harman 1991, the "S" stemmer): rarely wrong, in
    any language.

    Stronger stemmers join words that players keep apart (`patched`, `patches`; `ranked`, `ranks`).
    """
    if "'" in word or "’" in word:
        word = word.replace("’", "'").removesuffix("'s").replace("'", "")
    if len(word) < 4 or word[-1] != "s" or not word.isascii():
        return word
    if word.endswith("ies"):
        return word if word[-4] in "ae" else word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("es"):
        return word if word[-3] in "aeo" else word[:-1]
    return word if word[-2] in "us" else word[:-1]


STEMMED_FUNCTION_WORDS = frozenset(map(stem, FUNCTION_WORDS))
