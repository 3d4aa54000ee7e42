"""Each primitive is declared in one place."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import chorus.kernels
import chorus.runtime.primitives
from chorus.runtime.primitive import TABLE, primitive


def declared_in(module: str) -> None:
    """Declare a primitive as MODULE would."""

    def twice() -> int:
        """One.

        > (twice-declared)
        => 1
        """
        return 1

    twice.__module__ = module
    primitive("twice-declared", effects="pure")(twice)


def test_a_second_declaration_of_the_same_function_name_elsewhere_is_refused() -> None:
    try:
        declared_in("one")
        declared_in("one")  # the same module loaded anew
        with pytest.raises(TypeError, match="twice-declared is declared twice, in one and two"):
            declared_in("two")
    finally:
        TABLE.pop("twice-declared", None)


def test_all_rooms_together_declare_no_name_twice() -> None:
    for room in (chorus.runtime.primitives, chorus.kernels):
        for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as missing:
                assert missing.name == "triton"  # which is there with a GPU; such modules declare nothing
    assert TABLE["corpus-version"].function.__module__ == "chorus.runtime.primitives.store"
