"""Boxes (SRFI 111): objects with one value that can be changed."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.runtime.primitive import ACCEPTS, REJECT, Accept, primitive
from chorus.runtime.printer import brief
from chorus.runtime.values import UNSPECIFIED


class Box:
    """A place for one value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lisp__(self) -> str:
        return f"#<box {brief(self.value, 30)}>"


IS_BOX = Accept("a box", lambda value: value if value.__class__ is Box else REJECT, frozenset((Box,)))
AnyBox = Annotated[Any, IS_BOX]
ACCEPTS[AnyBox] = IS_BOX


@primitive("box", effects="pure", checked=False)
def box(value: Any) -> Box:
    """A new box that holds VALUE.

    > (unbox (box 5))
    => 5
    """
    return Box(value)


@primitive("box?", effects="pure", checked=False)
def is_box(value: Any) -> bool:
    """Whether VALUE is a box.

    > (box? 5)
    => #f
    """
    return value.__class__ is Box


@primitive("unbox", effects="pure")
def unbox(box: AnyBox) -> Any:
    """What BOX holds.

    > (unbox (box 'a))
    => a
    """
    return box.value


@primitive("set-box!", effects="mutate")
def set_box(box: AnyBox, value: Any) -> Any:
    """Make BOX hold VALUE.

    > (let ((b (box 1))) (set-box! b 2) (unbox b))
    => 2
    """
    box.value = value
    return UNSPECIFIED
