"""Chance, from the session's own generator, which a seed makes repeatable."""

from __future__ import annotations

from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.primitives.numbers import Real
from chorus.runtime.values import UNSPECIFIED, make_list


@primitive("random", effects="random")
def random_(ctx: Context, below: Real = 1.0) -> Any:
    """A number from 0 on, BELOW excluded: an integer for an exact BELOW, else a real.

    > (< -1 (random 6) 6)
    => #t
    """
    if below <= 0:
        raise EvalError("random: the bound should be positive", code="range", irritants=(below,))
    if below.__class__ is float:
        return ctx.random.random() * below
    if below.__class__ is not int:
        raise EvalError("random: the bound should be an integer or inexact", irritants=(below,))
    return ctx.random.randrange(below)


@primitive("random-seed!", effects="random")
def random_seed(ctx: Context, seed: int) -> Any:
    """From here on give the numbers that belong to SEED.

    > (begin (random-seed! 7) (let ((a (random 1000))) (random-seed! 7) (= a (random 1000))))
    => #t
    """
    ctx.random.seed(seed)
    return UNSPECIFIED


@primitive("random-choice", effects="random")
def random_choice(ctx: Context, items: Items) -> Any:
    """One of ITEMS.

    > (random-choice '(a))
    => a
    """
    if not items:
        raise EvalError("random-choice: nothing to choose from", code="range")
    return ctx.random.choice(items)


@primitive("shuffle", effects="random")
def shuffle(ctx: Context, items: Items) -> Any:
    """ITEMS in a random order.

    > (length (shuffle '(1 2 3)))
    => 3
    """
    mixed = list(items)
    ctx.random.shuffle(mixed)
    return make_list(mixed)
