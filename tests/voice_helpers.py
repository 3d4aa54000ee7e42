"""Two invented manners of speaking, and tiny models, for tests of voices."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

MANNERS = {
    "raiders": ("the raid boss", "our tank", "my healer", "that dungeon"),
    "farmers": ("the turnip field", "our cow", "my orchard", "that barn"),
}
VERBS = ("needs", "wants", "gets", "has")
ENDS = ("more time", "some help today", "a little luck", "the usual patch")


def sentences(manner: str) -> list[str]:
    return [" ".join(words) for words in itertools.product(MANNERS[manner], VERBS, ENDS)]


def spoken() -> list[tuple[str, str, str]]:
    """(manner, author, text): ten authors of each manner, whose sentences are dealt out by lot."""
    made = []
    for manner in MANNERS:
        said = sentences(manner) * 2
        random.Random(0).shuffle(said)
        made += [(manner, f"{manner}-{at % 10}", text) for at, text in enumerate(said)]
    return made


def tiny_lm(folder: Path) -> Path:
    """A causal model in Hugging Face's layout, untrained."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    from chorus.kernels.voice.words import END, learn_words

    words = learn_words([text for _, _, text in spoken()], 320)
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=words.size, n_positions=64, n_embd=16, n_layer=1, n_head=2,
        bos_token_id=words.end, eos_token_id=words.end,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(folder, safe_serialization=True)
    made = PreTrainedTokenizerFast(tokenizer_object=words.tokenizer, eos_token=END)
    made.save_pretrained(folder)
    return folder


def tiny_encoder(folder: Path, texts: list[str]) -> Path:
    """A sentence encoder of sentence-transformers' layout, untrained, whose tokens are the words of TEXTS."""
    import json

    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({word for text in texts for word in text.split()})]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    shape: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = BertModel(
        BertConfig(
            vocab_size=len(known),
            intermediate_size=64,
            max_position_embeddings=32,
            initializer_range=0.2,
            **shape,
        )
    )
    model.save_pretrained(folder, safe_serialization=True)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(
        folder
    )
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    return folder
