"""A model of threads as bytes (safetensors), and the one that comes with Chorus."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from chorus.kernels.threads.model import Model, check

SHIPPED = "default.safetensors"


def packed(model: Model) -> bytes:
    from safetensors.numpy import save

    return save(model._asdict())


def unpacked(data: bytes) -> Model:
    from safetensors.numpy import load

    model = Model(**load(data))
    check(model)
    return model


def name_of(model: Model) -> str:
    """What tells MODEL from any other."""
    digest = hashlib.sha256(b"".join(part.tobytes() for part in model))
    return "threads@" + digest.hexdigest()[:12]


@cache
def shipped() -> Model:
    """The model for who has no links of his own: some 12,000 weights of counts, times and shares of words, fitted to
    the links that Kummerfeld et al. (ACL 2019, CC BY 4.0) marked by hand. It knows no word and no name.
    """
    return unpacked(files("chorus.kernels.threads").joinpath(SHIPPED).read_bytes())
