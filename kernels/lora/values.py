"""The language's adapters as the kernels': a sum has all its parts side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chorus.kernels.lora.adapter import Adapter
from chorus.kernels.lora.merge import stack
from chorus.runtime.learnt import DIGITS, HEARD, MARKS, listed
from chorus.runtime.primitive import wrong_type


def is_value(given: Any) -> bool:
    """Whether GIVEN is an adapter of the language, told by the call that gives it back: kernels know no store."""
    return hasattr(given, "__kept__") and given.__kept__()[0] == "adapter"


def heard_by(given: Iterable[Any]) -> dict[str, Any]:
    """What is to be said about what was made of the adapters GIVEN: it learnt on all messages that any of them did.

    MARKS are of messages, DIGITS each; HEARD the digests of lists of such.
    """
    marks: set[str] = set()
    lists: dict[str, None] = {}
    for content in (content for one in given for content in one.contents):
        told = content.about.get(MARKS, "")
        marks.update(told[at : at + DIGITS] for at in range(0, len(told), DIGITS))
        lists |= dict.fromkeys(listed(content.about.get(HEARD)))
    return ({MARKS: "".join(sorted(marks))} if marks else {}) | ({HEARD: list(lists)} if lists else {})


def kernel_of(given: Any, caller: str) -> Adapter:
    """The kernel's adapter of GIVEN, which CALLER was given."""
    if not is_value(given):
        raise wrong_type(caller, "adapter", "an adapter", given)
    return stack(*(Adapter.of(each.tensors, each.about) for each in given.contents))
