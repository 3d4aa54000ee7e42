"""Arrays under their digest: what comes back is bit for bit what was put, or it is refused."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chorus.runtime.adapters import objects
from chorus.runtime.errors import ChorusError, EvalError, StoreError

ABOUT = {"base": "b" * 64, "alpha": 16.0, "name": "voice"}


def two(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "layer.A": rng.standard_normal((4, 6)).astype("f4"),
        "layer.B": rng.standard_normal((5, 4)).astype("f4"),
    }


def test_what_was_put_comes_back(tmp_path: Path) -> None:
    digest = objects.put(tmp_path, two(), ABOUT)
    tensors, about = objects.get(tmp_path, digest)
    assert about == ABOUT and list(objects.listed(tmp_path)) == [digest]
    assert all(tensors[name].tobytes() == array.tobytes() for name, array in two().items())
    tensors["layer.A"][0] = 0  # the reader's own
    assert objects.get(tmp_path, digest)[0]["layer.A"][0].any()


KINDS = st.sampled_from([np.dtype(code) for code in objects.DTYPES.values()])
ARRAYS = KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0)))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), ARRAYS, max_size=4), st.dictionaries(st.text(), st.integers()))
def test_any_arrays_keep_every_bit_and_their_order_does_not_matter(
    tensors: dict[str, np.ndarray], about: dict[str, int]
) -> None:
    data = objects.encoded(tensors, about)
    assert data == objects.encoded(dict(reversed(tensors.items())), dict(reversed(about.items())))
    again, said = objects.decoded(data)
    assert said == about and again.keys() == tensors.keys()
    for name, array in tensors.items():
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        assert again[name].tobytes() == array.tobytes()


def test_other_tools_read_the_file(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    digest = objects.put(tmp_path, two(), ABOUT)
    read = safetensors.load_file(objects.path_of(tmp_path, digest))
    assert {name: array.tobytes() for name, array in read.items()} == {
        name: array.tobytes() for name, array in two().items()
    }


def test_every_changed_bit_is_found(tmp_path: Path) -> None:
    digest = objects.put(tmp_path, two(), ABOUT)
    path = objects.path_of(tmp_path, digest)
    sound = path.read_bytes()
    draw = random.Random(5)
    for _ in range(300):
        at = draw.randrange(len(sound))
        path.write_bytes(sound[:at] + bytes([sound[at] ^ (1 << draw.randrange(8))]) + sound[at + 1 :])
        with pytest.raises(StoreError) as refused:
            objects.get(tmp_path, digest)
        assert refused.value.code == "corrupt" and not objects.is_sound(tmp_path, digest)
    for cut in range(0, len(sound), 7):
        path.write_bytes(sound[:cut])
        with pytest.raises(StoreError):
            objects.get(tmp_path, digest)
    assert objects.put(tmp_path, two(), ABOUT) == digest  # the same content makes it good
    assert objects.is_sound(tmp_path, digest)


def test_another_adapter_in_its_place_is_found(tmp_path: Path) -> None:
    one, other = objects.put(tmp_path, two(1), ABOUT), objects.put(tmp_path, two(2), ABOUT)
    os.replace(objects.path_of(tmp_path, one), objects.path_of(tmp_path, other))
    with pytest.raises(StoreError):
        objects.get(tmp_path, other)
    with pytest.raises(EvalError) as missing:
        objects.get(tmp_path, one)
    assert missing.value.code == "unknown-adapter"


def test_a_digest_may_be_cut_short_and_is_never_a_path(tmp_path: Path) -> None:
    digest = objects.put(tmp_path, two(), ABOUT)
    assert objects.found(tmp_path, digest[:8]) == digest
    for wrong in ("../../etc", digest[:3], "zzzzzzzz", "0" * 8):
        with pytest.raises(ChorusError):
            objects.found(tmp_path, wrong)


def test_what_is_no_number_is_refused(tmp_path: Path) -> None:
    for tensors, about in (
        ({"a": np.array(["x"])}, {}),
        ({"a": np.array([1j])}, {}),
        ({"a": np.zeros(1)}, {"f": object()}),
        ({"a": np.zeros(1)}, {"f": float("nan")}),
    ):
        with pytest.raises(EvalError):
            objects.put(tmp_path, tensors, about)
    assert list(objects.listed(tmp_path)) == []


def test_threads_that_put_the_same_do_not_disturb_each_other(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(objects.put(tmp_path, two(), ABOUT))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1 and objects.is_sound(tmp_path, made[0])


def _writer(folder: Path, ready: object) -> None:
    ready.set()  # type: ignore[attr-defined]
    for seed in range(100_000):
        objects.put(folder, {"a": np.full(20_000, seed, "f4")}, {})


def test_killed_at_any_moment_it_leaves_whole_files(tmp_path: Path) -> None:
    draw = random.Random(3)
    spawn = multiprocessing.get_context("fork")
    for _ in range(8):
        ready = spawn.Event()
        process = spawn.Process(target=_writer, args=(tmp_path, ready))
        process.start()
        ready.wait()
        process.join(draw.uniform(0.005, 0.06))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert all(objects.is_sound(tmp_path, digest) for digest in objects.listed(tmp_path))
