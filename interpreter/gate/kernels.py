"""Kernels by the name of their primitive, from the host's table: not from a name that a program may have rebound."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from chorus.interpreter.loader import the_manifest
from chorus.runtime.primitive import TABLE
from chorus.runtime.values import HashTable, Keyword


def kernel(name: str) -> Any:
    """The host function that primitive NAME is declared by."""
    if name not in TABLE:
        import_module(the_manifest().entries[name].module)
    return TABLE[name].function


def rule(name: str) -> Any:
    return field(kernel("gate-rules")(), name)


def field(table: HashTable, name: str) -> Any:
    return table.get(Keyword(name))
