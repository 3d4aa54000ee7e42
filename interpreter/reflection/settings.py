"""What settings ask of the session's names: which of them begin so, and what the language's own code means by one."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.namespace import ABSENT
from chorus.runtime.context import Context
from chorus.runtime.primitive import primitive
from chorus.runtime.values import Symbol, make_list


@primitive("%names-beginning", effects="pure")
def names_beginning(ctx: Context, start: str) -> Any:
    """The global names that begin with START, in the order of the alphabet.

    > (and (member "answer-length" (%names-beginning "answer-len")) #t)
    => #t
    """
    return make_list(sorted(name for name in ctx.session.space.names() if name.startswith(start)))


@primitive("%global-or", effects="pure", checked=False)
def global_or(ctx: Context, name: Symbol, other: Any) -> Any:
    """What the language's own code means by the global NAME; of a name that the language has not, the session's value;
    OTHER where nothing is called so.

    > (list (procedure? (%global-or 'car #f)) (%global-or 'no-such-name 'none))
    => (#t none)
    """
    space = ctx.session.space
    found = space.foundation.get(name.name, ABSENT)
    if found is ABSENT:
        found = space.get(name.name, ABSENT)
    return other if found is ABSENT else found


@primitive("%developer", effects="pure")
def developer(ctx: Context) -> str:
    """Who uses the session, unless the program says otherwise.

    > (string? (%developer))
    => #t
    """
    return ctx.developer
