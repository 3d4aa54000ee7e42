"""How many threads the libraries' own pools of them may use: one, for what is small."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it this thread's products, in numpy, torch and FAISS, are computed on one thread.

    Those that take milliseconds gain nothing from a second one: each library has a pool of its own, and the pools wait
    for each other. Measured on two cores, a question's vector took 300 ms instead of 30, on a busy machine 2 s.
    """
    pools = _pools("torch" in sys.modules, "faiss" in sys.modules)
    own = [(pool, pool.get_num_threads()) for pool in pools if pool.user_api == "openmp"]  # of this thread's
    _limited.enter([pool for pool in pools if pool.user_api == "blas"])
    try:
        for pool, _ in own:
            pool.set_num_threads(1)
        yield
    finally:
        for pool, threads in own:
            pool.set_num_threads(threads)
        _limited.leave()


class _Limited:
    """The pools that all threads share, held to one thread while anybody is within `one_thread`."""

    def __init__(self) -> None:
        self.within = 0
        self.before: list[tuple[Any, int]] = []
        self.turn = threading.Lock()

    def enter(self, pools: list[Any]) -> None:
        with self.turn:
            self.within += 1
            if self.within == 1:
                self.before = [(pool, pool.get_num_threads()) for pool in pools]
                for pool in pools:
                    pool.set_num_threads(1)

    def leave(self) -> None:
        with self.turn:
            self.within -= 1
            if not self.within:
                for pool, threads in self.before:
                    pool.set_num_threads(threads)


_limited = _Limited()


def on_one_thread(work: Callable[P, R]) -> Callable[P, R]:
    """WORK, a function of many small products, so that all of them are."""

    @wraps(work)
    def alone(*given: P.args, **named: P.kwargs) -> R:
        with one_thread():
            return work(*given, **named)

    return alone


@cache
def _pools(*_loaded: bool) -> list[Any]:
    """The pools of the libraries that are loaded by now."""
    import numpy  # noqa: F401  (what is to be limited must be loaded)
    from threadpoolctl import ThreadpoolController

    found: list[Any] = ThreadpoolController().lib_controllers
    return found
