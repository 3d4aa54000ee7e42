"""Chorus's public Python names, each imported at its first use so that `import chorus` stays light."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chorus.interpreter.session import Session as Session
    from chorus.runtime.capabilities import Capabilities as Capabilities
    from chorus.runtime.errors import CapabilityDenied as CapabilityDenied
    from chorus.runtime.errors import ChorusError as ChorusError
    from chorus.runtime.errors import EvalError as EvalError
    from chorus.runtime.errors import LimitExceeded as LimitExceeded
    from chorus.runtime.errors import ReadError as ReadError
    from chorus.runtime.errors import WorkerDied as WorkerDied
    from chorus.runtime.limits import Limits as Limits
    from chorus.runtime.primitive import primitive as primitive
    from chorus.runtime.values import Keyword as Keyword
    from chorus.runtime.values import Symbol as Symbol

__version__ = "0.1.0"

_HOME = {
    "Session": "chorus.interpreter.session",
    "Capabilities": "chorus.runtime.capabilities",
    "Limits": "chorus.runtime.limits",
    "ChorusError": "chorus.runtime.errors",
    "ReadError": "chorus.runtime.errors",
    "EvalError": "chorus.runtime.errors",
    "LimitExceeded": "chorus.runtime.errors",
    "WorkerDied": "chorus.runtime.errors",
    "CapabilityDenied": "chorus.runtime.errors",
    "primitive": "chorus.runtime.primitive",
    "Symbol": "chorus.runtime.values",
    "Keyword": "chorus.runtime.values",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'chorus' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext chorus` in a notebook."""
    import_module("chorus.interpreter.faces.notebook").load_ipython_extension(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
