"""The tone of a text in [−1, 1]: nearness to sentences of known tone, joined with a lexicon of words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from chorus.kernels.answer import lexicon

Encode = Callable[[list[str]], np.ndarray]  # texts -> f32[n, d], unit rows

# Sentences of one tone and of many subjects, in pairs, so that the subjects cancel in the difference.
GLAD = (
    "I love this", "This is great, I am having so much fun", "Amazing game, highly recommend it",
    "Best update ever, thank you devs", "I am really happy with this", "This feels good and satisfying",
    "Well done, this is a big improvement", "I enjoy this a lot", "I can't stop playing, it is addictive",
    "Great price, worth every penny", "I agree, that was a good change",
    "It runs smoothly and looks beautiful", "What a relief, finally fixed",
    "Had a blast with my friends tonight", "Fair and balanced, good job",
    "I am excited for what comes next",
)  # fmt: skip
SORE = (
    "I hate this", "This is terrible, I am not having fun", "Awful game, do not recommend it",
    "Worst update ever, the devs ruined it", "I am really angry about this",
    "This feels bad and frustrating", "What a failure, this got so much worse", "I am sick of this",
    "I stopped playing, it is boring", "Overpriced, a waste of money", "I disagree, that was a bad change",
    "It lags, crashes and looks ugly", "What a disappointment, still broken",
    "Had a miserable time with toxic people", "Unfair and unbalanced, bad job",
    "I am worried and uninstalling",
)  # fmt: skip

_WORD = re.compile(r"[a-z0-9]+(?:['’-][a-z0-9]+)*|[\U0001f300-\U0001faff❤]")

_anchors: WeakKeyDictionary[Encode, tuple[np.ndarray, float]] = WeakKeyDictionary()


def lexicon_tone(texts: Sequence[str]) -> np.ndarray:
    """f32[n] in [−1, 1] from words alone, negation and emphasis counted; 0 where no word of tone stands."""
    return np.array([_word_score(text[:600]) for text in texts], dtype=np.float32)


@lru_cache(maxsize=200_000)
def _word_score(text: str) -> float:
    """Σ of the words' tones, turned by a negation and raised by emphasis shortly before, over √(Σ² + 15).

    The form is Hutto & Gilbert's (2014); on 2,000 Steam reviews this small table has an AUC of .76 where their
    lexicon of 7,500 words, with the same words of players added, has .74 as well.
    """
    words = _WORD.findall(text.lower())
    total = 0.0
    for at, word in enumerate(words):
        tone = lexicon.TONE.get(word)
        if tone is not None:
            before = words[max(0, at - 3) : at]
            turned = -0.74 if any(w in lexicon.NEGATIONS for w in before) else 1.0
            total += tone * turned * (1.2 if any(w in lexicon.EMPHASIS for w in before[-2:]) else 1.0)
    return total / math.sqrt(total * total + 15)


def anchor_axis(encode: Encode) -> tuple[np.ndarray, float]:
    """(axis f32[d], middle): a text's vector times AXIS, less MIDDLE, grows with gladness. Made once per
    encoder.
    """
    if encode not in _anchors:
        _anchors[encode] = contrast(encode, GLAD, SORE)
    return _anchors[encode]


def contrast(encode: Encode, high: Sequence[str], low: Sequence[str]) -> tuple[np.ndarray, float]:
    """(axis f32[d], middle): the difference of the means of the vectors of HIGH and LOW, in spreads of both.

    The sentences belong to the program: an encoder may have a `constant` way that keeps what it made of them.
    """
    fixed = getattr(encode, "constant", encode)
    up, down = fixed(list(high)), fixed(list(low))  # [n, d] each
    axis = up.mean(0) - down.mean(0)
    spread = float(np.std(np.concatenate([up @ axis, down @ axis])))
    return axis / spread, float((up.mean(0) + down.mean(0)) @ axis) / (2 * spread)


def tone(
    texts: Sequence[str],
    vectors: np.ndarray | None,
    encode: Encode,
    *,
    words_weight: float = 0.4,
    scale: float = 1.0,
) -> np.ndarray:
    """The tone of each of TEXTS, f32[n] in [−1, 1]; VECTORS f32[n, d] are their embeddings where already
    known.

    (1 − w)·tanh(scale·(v·axis − middle)) + w·lexicon, w = WORDS_WEIGHT. The contrast of anchor sentences is
    the difference of class means of Turney & Littman 2003, in an embedding.
    """
    if not len(texts):
        return np.zeros(0, dtype=np.float32)
    known = encode(list(texts)) if vectors is None else vectors
    axis, middle = anchor_axis(encode)
    meaning = np.tanh(scale * (known @ axis - middle))
    words = lexicon_tone(texts)
    joined = (1 - words_weight) * meaning + words_weight * words
    return np.where(known.any(axis=1), joined, words).astype(np.float32)
