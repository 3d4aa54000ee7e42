"""Colours of programs, at the prompt and wherever pygments is: three themes, each a table."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from pygments.style import Style as PygmentsStyle
from pygments.token import Comment, Keyword, Literal, Name, Number, String

# what is coloured → its colour and weight, on a dark and on a light ground
DARK = {
    Keyword: "bold #5f87d7",
    Name.Function: "bold #d7af5f",
    Name.Builtin: "#87afaf",
    Name.Attribute: "#af87d7",
    String: "#87af5f",
    Number: "#d78787",
    Literal.Date: "#d78787",
    Comment: "italic #808080",
}
LIGHT = {
    Keyword: "bold #005faf",
    Name.Function: "bold #875f00",
    Name.Builtin: "#005f5f",
    Name.Attribute: "#5f00af",
    String: "#3a6a00",
    Number: "#af0000",
    Literal.Date: "#af0000",
    Comment: "italic #767676",
}
PLAIN: dict[Any, str] = {
    Keyword: "bold",
    Name.Function: "bold",
}  # no colours, for who sees none or wants none

# the prompt's own parts
PARTS = {
    "dark": {
        "prompt": "ansicyan",
        "bracket.match": "bold #ffd75f",
        "bracket.stray": "bold underline #ff5f5f",
    },
    "light": {
        "prompt": "#005f87",
        "bracket.match": "bold #af5f00",
        "bracket.stray": "bold underline #d70000",
    },
    "plain": {"prompt": "bold", "bracket.match": "bold underline", "bracket.stray": "reverse"},
}
TOOLBAR = {"dark": "noreverse #808080", "light": "noreverse #767676", "plain": "noreverse"}
THEMES = {"dark": DARK, "light": LIGHT, "plain": PLAIN}
DEFAULT = "dark"


@cache
def prompt_style(theme: str) -> Any:
    """THEME as the prompt takes it."""
    from prompt_toolkit.styles import Style

    rules = {
        f"pygments.{str(token).removeprefix('Token.').lower()}": text for token, text in THEMES[theme].items()
    }
    rules |= {"pygments.name.variable": "fg:ansidefault", "bottom-toolbar": TOOLBAR[theme], **PARTS[theme]}
    return Style.from_dict(rules)


class ChorusStyle(PygmentsStyle):
    """The dark theme for pygments: `pygmentize -O style=chorus`."""

    name = "chorus"
    background_color = "#1c1c1c"
    styles: ClassVar[dict[Any, str]] = DARK


class ChorusLightStyle(PygmentsStyle):
    """The light theme for pygments: `pygmentize -O style=chorus-light`."""

    name = "chorus-light"
    background_color = "#ffffff"
    styles: ClassVar[dict[Any, str]] = LIGHT
