"""What it costs to serve adapters, on the encoder that comes with Chorus (MiniLM: 6 layers, d = 384), beside PEFT.

Times are of the processor, of one thread, each the least of rounds in which all ways take their turn: what else the
machine does only adds to them.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peers
import torch
from torch import nn

from chorus.kernels.lora.adapter import Adapter, Delta
from chorus.kernels.lora.chain import attach
from chorus.kernels.lora.layers import layers_of
from chorus.kernels.lora.merge import stack
from chorus.kernels.lora.peft import export_peft, import_peft

MANY, RANK, ROWS, TOKENS = 64, 8, 64, 32
ENCODER = r"encoder\..*"
Row = tuple[str, float, str, bool]


def goals(end: float, full: bool) -> Iterator[Row]:
    torch.set_num_threads(1)
    rounds = 20 if full else 6
    has_peft = peers.peft()
    with torch.inference_mode():
        if has_peft:
            yield _roundtrip()
        yield _overhead(_share(end, 0.4), rounds)
        if has_peft:
            yield _mixed(_share(end, 0.7), rounds)
            _layers(end - 5, rounds)


def _share(end: float, part: float) -> float:
    """When PART of what is left until END is over."""
    now = time.monotonic()
    return now + part * (end - now)


def _model() -> nn.Module:
    from transformers import AutoModel

    from chorus.runtime.embed.folder import default_folder

    return AutoModel.from_pretrained(default_folder()).eval()


def _adapters(model: nn.Module, count: int, rank: int = RANK, seed: int = 0) -> list[Adapter]:
    """COUNT adapters of random numbers of all linear layers of the encoder, each a tenth of the weights' size."""
    draw = torch.Generator().manual_seed(seed)
    made = []
    for at in range(count):
        layers = {}
        for path, layer in layers_of(model, ENCODER).items():
            size = 0.1 * float(layer.weight.std()) * (layer.d / rank) ** 0.5
            a = torch.randn(rank, layer.d, generator=draw) / layer.d**0.5
            layers[path] = Delta(a, torch.randn(layer.o, rank, generator=draw) * size)
        made.append(Adapter(layers, float(rank), "", f"a{at}"))
    return made


def _batch(rows: int = ROWS, tokens: int = TOKENS) -> dict[str, Any]:
    ids = torch.randint(1000, 20000, (rows, tokens), generator=torch.Generator().manual_seed(9))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def _in_turn(ways: dict[str, Callable[[], Any]], rounds: int, end: float) -> dict[str, float]:
    """The least processor seconds of each way, of as many rounds as there is time for."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for run in ways.values():
        run()
    for at in range(rounds):
        if at and time.monotonic() > end:
            break
        for name, run in ways.items():
            began = time.process_time()
            run()
            took[name].append(time.process_time() - began)
    return {name: min(seconds) for name, seconds in took.items()}


def _print(title: str, base: float, taken: dict[str, float]) -> None:
    print(f"  {title}: {1000 * base:.1f} ms without adapters")
    for name, seconds in taken.items():
        print(f"    {name:44} {1000 * seconds:8.1f} ms  {100 * (seconds / base - 1):+6.1f} %")


def _overhead(end: float, rounds: int) -> Row:
    """The five levels against the bare model: three folded and two beside each other, or all five in other ways."""
    model, batch = _model(), _batch(ROWS // 2)
    levels = _adapters(model, 5)
    pairs = [
        stack(one, two)
        for one, two in zip(_adapters(model, 8, seed=1), _adapters(model, 8, seed=2), strict=True)
    ]
    served = attach(model, ENCODER)
    fast, all_five = stack(*levels[3:]), stack(*levels)
    served.load([fast, all_five, *pairs])
    with served.using(1):
        true = model(**batch).last_hidden_state
    served.fold(levels[:3])
    with served.using(0):
        apart = float((model(**batch).last_hidden_state - true).abs().max())
    served.unfold()

    def run(who: Any = None) -> Callable[[], Any]:
        def once() -> None:
            if who is None:
                model(**batch)
            else:
                with served.using(who):
                    model(**batch)

        return once

    each = [2 + row % 8 for row in range(ROWS // 2)]
    ways = {
        "bare, hooks attached": run(),
        "three folded, two stacked, all rows alike": run(0),
        "three folded, two of each row's own (8 pairs)": run(each),
        "none folded: all five stacked": run(1),
    }
    bare = _model()
    taken = _in_turn({"bare": lambda: bare(**batch), **ways}, rounds, end)
    base = taken.pop("bare")
    _print(f"five levels of rank {RANK}, all 36 linear layers, {ROWS // 2} × {TOKENS} tokens", base, taken)
    print(f"    (folding the slow levels moves the output by {apart:.1e})")
    percent = 100 * (taken["three folded, two stacked, all rows alike"] / base - 1)
    return "model-overhead", percent, "%-over-the-bare-model≤15", percent <= 15


def _peft_model(adapters: list[Adapter]) -> Any:
    """PEFT's model that serves ADAPTERS, read from the files that they were exported to."""
    import peft

    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        for one in adapters:
            export_peft(one, Path(folder) / one.name)
        first, *others = adapters
        made = peft.PeftModel.from_pretrained(_model(), Path(folder) / first.name, adapter_name=first.name)
        for one in others:
            made.load_adapter(Path(folder) / one.name, adapter_name=one.name)
    return made.eval()


def _mixed(end: float, rounds: int) -> Row:
    """A batch in which every row has an adapter of its own, by PEFT and here."""
    model, batch = _model(), _batch()
    adapters = _adapters(model, MANY)
    theirs = _peft_model(adapters)
    names = [adapters[row % MANY].name for row in range(ROWS)]
    served = attach(model, ENCODER)
    served.load(adapters)
    bare = _model()

    def ours() -> Any:
        with served.using(list(range(ROWS))):
            return model(**batch)

    def peft() -> Any:
        return theirs(**batch, adapter_names=names)

    apart = float((ours().last_hidden_state - peft().last_hidden_state).abs().max())
    taken = _in_turn({"bare": lambda: bare(**batch), "PEFT, adapter_names": peft, "here": ours}, rounds, end)
    base = taken.pop("bare")
    _print(f"{MANY} adapters of rank {RANK} in a batch of {ROWS} × {TOKENS}, whole model", base, taken)
    print(f"    (the two differ by {apart:.1e} at most)")
    ratio = taken["PEFT, adapter_names"] / taken["here"]
    return "mixed-batch", ratio, "×-PEFT's-mixed-batch,-64-adapters≥1.5", ratio >= 1.5 and apart < 1e-4


class _One(nn.Module):
    """A model of one linear layer."""

    def __init__(self, d: int, o: int) -> None:
        super().__init__()
        self.layer = nn.Linear(d, o)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


def _layers(end: float, rounds: int) -> None:
    """One layer by itself, over shapes: rows of one token up to 128, ranks 8 and 32, few adapters and many."""
    import peft

    print("  one layer, added to it by PEFT's mixed batch and here (× faster in all)")
    for rows, tokens, d, o, rank, many in (
        (64, 32, 384, 384, 8, 64),
        (64, 32, 384, 1536, 8, 64),
        (64, 128, 768, 768, 16, 64),
        (64, 32, 384, 384, 8, 4),
        (64, 16, 384, 384, 32, 64),
        (64, 1, 768, 768, 8, 64),
        (1024, 1, 384, 384, 8, 64),
    ):
        draw = torch.Generator().manual_seed(1)
        adapters = [
            Adapter(
                {"layer": Delta(torch.randn(rank, d, generator=draw), torch.randn(o, rank, generator=draw))},
                1.0,
                "",
                f"a{at}",
            )
            for at in range(many)
        ]
        ids = (torch.randperm(rows, generator=draw) % many).tolist()
        bare, x = _One(d, o).eval(), torch.randn(rows, tokens, d, generator=draw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = peft.get_peft_model(
                _One(d, o), peft.LoraConfig(r=rank, lora_alpha=1, target_modules=["layer"]), "a0"
            ).eval()
            for one in adapters[1:]:
                theirs.add_adapter(one.name, theirs.peft_config["a0"])
        served = attach(_One(d, o).eval())
        served.load(adapters)
        names = [f"a{at}" for at in ids]

        def ours(served: Any = served, x: Any = x, ids: Any = ids) -> None:
            with served.using(ids):
                served.model(x)

        if time.monotonic() > end:
            break
        taken = _in_turn(
            {
                "bare": lambda bare=bare, x=x: bare(x),
                "peft": lambda theirs=theirs, x=x, names=names: theirs(x, adapter_names=names),
                "ours": ours,
            },
            rounds,
            end,
        )
        added = {name: 100 * (taken[name] / taken["bare"] - 1) for name in ("peft", "ours")}
        print(
            f"    {rows:5} × {tokens:3} tokens, {d:4} → {o:4}, rank {rank:2}, {many:2} adapters: "
            f"PEFT {added['peft']:+5.0f} %, here {added['ours']:+5.0f} %  ({taken['peft'] / taken['ours']:.2f} ×)"
        )


def _roundtrip() -> Row:
    """Out to PEFT and its answers, back from what PEFT saves: the largest difference relative to the largest answer."""
    model, batch = _model(), _batch(4, 16)
    (one,) = _adapters(model, 1)
    theirs = _peft_model([one])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.save_pretrained(folder)
        again = import_peft(Path(folder) / one.name, model)
    same = all(torch.equal(part, again.tensors()[name]) for name, part in one.tensors().items())
    served = attach(model, ENCODER)
    with served.using(again):
        here = model(**batch).last_hidden_state
    there = theirs(**batch).last_hidden_state
    moved = float((here - _model()(**batch).last_hidden_state).abs().max())
    off = float((here - there).abs().max() / there.abs().max())
    told = "the same" if same else "CHANGED"
    print(
        f"  PEFT and back: numbers {told}, answers apart by {off:.1e} (the adapter moves them by {moved:.1e})"
    )
    return "peft-roundtrip", off, "off,-relative,-to-PEFT-and-back≤1e-6", same and off <= 1e-6
