"""Strings that can be changed: what makes a string makes such a one as soon as a program changes strings.

R7RS has every string mutable but literals and the names of symbols. The host's strings are not, and what they are
fast at (joining, comparing, being keys) is what nearly all programs do with strings. So the first text that names a
procedure of CHANGERS, or the first use of one, gives its session other procedures MAKERS; no other one pays anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.namespace import Namespace
from chorus.runtime import manifest
from chorus.runtime.calling import named
from chorus.runtime.values import MutableString

CHANGERS = ("string-set!", "string-fill!", "string-copy!")
MAKERS = (
    "string-append", "substring", "number->string", "utf8->string", "get-output-string", "read-line", "read-string",
    "string-upcase", "string-downcase", "string-foldcase", "string-reverse", "string-join", "string-repeat",
    "string-replace", "string-pad-left", "string-pad-right", "string-trim", "string-trim-left", "string-trim-right",
    "format",
)  # fmt: skip


def expect_changes(text: str, foundation: Namespace) -> None:
    """Have strings that can be changed from here on if TEXT, a program, names what changes them."""
    if not foundation.changing and any(name in text for name in CHANGERS):
        let_strings_change(foundation)


def let_strings_change(foundation: Namespace) -> None:
    """Have MAKERS make strings that can be changed."""
    if foundation.changing:
        return
    foundation.changing = True
    from chorus.interpreter.loader import the_manifest

    entries = the_manifest().entries
    own = foundation.context.session.built
    for name in MAKERS:
        if own is not None:
            own.broken(name)
        came = foundation.came.get(name)
        if came is None:
            foundation.define(name, _making(foundation.get(name), name, entries[name]))
        else:  # the program has given the name another meaning, which stays
            foundation.came[name] = _making(came, name, entries[name])


def _making(original: Callable[..., Any], name: str, entry: manifest.Entry) -> Callable[..., Any]:
    def make(*args: Any) -> Any:
        made = original(*[str(each) if each.__class__ is MutableString else each for each in args])
        return MutableString(made) if made.__class__ is str else made

    made = named(make, name, entry.usage)
    made.stands_for = original  # whose documentation is its own
    return made
