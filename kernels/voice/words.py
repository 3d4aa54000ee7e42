"""Tokenizers: one trained on the community's own messages, or the one of a model's folder.

Byte-level BPE (Sennrich, Haddow & Birch 2016; Radford et al. 2019): any text has tokens and comes back unchanged. A
message that spells a special token is text like any other; it never becomes that token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

END = "<|end|>"
SIZE = 2048  # tokens; of few messages fewer are found
LEAST = 3  # times that a piece must be met to become a token: a name that stands once stays spelled out


class Learnt:
    """A tokenizer of `tokenizers`, with an end."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.tokenizer.encode_special_tokens = True  # as text, where a text spells them
        self.end = int(tokenizer.token_to_id(END) or 0)  # it is the first token of all
        self.size: int = tokenizer.get_vocab_size()

    @classmethod
    def read(cls, text: str) -> Learnt:
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_str(text))

    def spelled(self) -> str:
        """What `read` takes."""
        return self.tokenizer.to_str()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        plain = [_encodable(text) for text in texts]
        return [found.ids for found in self.tokenizer.encode_batch(plain, add_special_tokens=False)]

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)


class Given:
    """The tokenizer that came with a model in Hugging Face's layout."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.end: int = tokenizer.eos_token_id
        self.size: int = len(tokenizer)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        plain = [_encodable(text) for text in texts]
        if not plain:
            return []
        made = self.tokenizer(
            plain, add_special_tokens=False, split_special_tokens=True, return_attention_mask=False
        )
        return [list(ids) for ids in made["input_ids"]]

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


def learn_words(texts: Sequence[str], size: int = SIZE, least: int = LEAST) -> Learnt:
    """A tokenizer of at most SIZE tokens learnt on TEXTS; a token was met LEAST times or is a byte."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=least,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_encodable(text) for text in texts], trainer)
    return Learnt(tokenizer)


def _encodable(text: str) -> str:
    """TEXT without lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()
