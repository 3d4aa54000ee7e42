"""Every error a person can meet: a code, a message, a place, a hint; no host traceback.

ChorusError
├── ReadError            the text is not a form
├── EvalError            the program is wrong, or was given a wrong value
│   ├── UnboundName      a name that nothing binds
│   ├── ArityError       a procedure called with too few or too many arguments
│   │   └── UnknownKeyword   … or with a keyword that it does not take
│   ├── WrongType        a value of another type than was accepted
│   └── Raised           `(raise VALUE)` with a value that is no error
├── CapabilityDenied     an effect that this session was not granted
├── LimitExceeded        steps, seconds, bytes, depth or output ran out
├── Interrupted          cancelled from outside (Ctrl-C, Session.cancel)
├── WorkerDied           the process that evaluated for an isolated session ended
└── StoreError           the workspace: code `busy`, `version`, `corrupt`, `disk`, `input`

LimitSignal (BaseException)   a limit or a cancel on its way up: no program can catch it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Span(NamedTuple):
    """A place in a source: lines and columns count from 1, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class StackEntry(NamedTuple):
    """One Lisp call that was under way: the procedure's name and where it stood."""

    name: str
    span: Span | None


class ChorusError(Exception):
    """Base of all typed errors. SPAN and STACK are filled in where the error crosses compiled code: what tells them is
    noted there, and looked through when somebody asks (`told_by`).
    """

    code = "error"
    _stack: list[StackEntry] | None = None
    _telling: Callable[[], tuple[Span | None, list[StackEntry]]] | None = None
    _advisers: tuple[Callable[[], None], ...] = ()
    severity = "error"  # a `warning` is what `chorus check` expects to go wrong when the program runs

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        span: Span | None = None,
        hint: str | None = None,
        irritants: tuple[Any, ...] = (),
        related: tuple[tuple[str, Span], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self._span = span
        self._hint = hint
        self.irritants = irritants
        self.related = related  # other places that matter: (what it is, where)
        if code is not None:
            self.code = code

    @property
    def span(self) -> Span | None:
        """Where the program erred."""
        self._be_told()
        return self._span

    @span.setter
    def span(self, span: Span | None) -> None:
        self._be_told()
        self._span = span

    @property
    def stack(self) -> list[StackEntry]:
        """The calls that were under way, innermost first."""
        self._be_told()
        if self._stack is None:
            self._stack = []
        return self._stack

    @stack.setter
    def stack(self, stack: list[StackEntry]) -> None:
        self._be_told()
        self._stack = stack

    @property
    def is_placed(self) -> bool:
        """Whether its place is known, or what tells it."""
        return self._span is not None or self._telling is not None

    def told_by(self, telling: Callable[[], tuple[Span | None, list[StackEntry]]]) -> None:
        """TELLING gives place and stack, of which those are taken that are not known. Finding them out takes longer
        than most errors that are caught live.
        """
        self._be_told()
        if self._span is None or not self._stack:
            self._telling = telling

    def _be_told(self) -> None:
        telling, self._telling = self._telling, None
        if telling is not None:
            span, stack = telling()
            self._span = self._span or span
            self._stack = self._stack or stack

    @property
    def hint(self) -> str | None:
        """What may be done. Finding it out takes longer than most errors that are caught live: see `advise`."""
        advisers, self._advisers = self._advisers, ()
        for adviser in advisers:
            adviser()
        return self._hint

    @hint.setter
    def hint(self, hint: str | None) -> None:
        self._hint = hint

    def advise(self, adviser: Callable[[], None]) -> None:
        """ADVISER may set the hint, when somebody asks for it; those before it have been asked then."""
        self._advisers += (adviser,)

    def report(self) -> str:
        """The error for people, several lines."""
        where = "" if self.span is None else f"\n  --> {self.span}"
        return f"error[{self.code}] {self.message}{where}" + (
            "" if self.hint is None else f"\n  hint: {self.hint}"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.report()}

    def _render_traceback_(self) -> list[str]:
        """What IPython prints of it, raised: no host's traceback."""
        return self.report().split("\n")


class ReadError(ChorusError):
    code = "read"


class EvalError(ChorusError):
    """GIVEN: what `error` was given as message, where that is not what is shown. LOCATED: that names the procedure that
    erred, and what went wrong is the first irritant, as other Schemes have it.
    """

    code = "eval"
    given: Any = None
    located = False


class UnboundName(EvalError):
    code = "unbound"


class ArityError(EvalError):
    code = "arity"


class UnknownKeyword(ArityError):
    """CALLER was given KEYWORD, which is none of those KNOWN."""

    def __init__(self, caller: str, keyword: Any, known: Iterable[str]) -> None:
        self.known = tuple(":" + name for name in known)
        super().__init__(
            f"{caller.lstrip('%')} takes no keyword :{keyword.name}",
            hint="it takes " + ", ".join(self.known),
            irritants=(keyword,),
        )
        self.keyword = f":{keyword.name}"


def counted(arguments: int) -> str:
    return "1 argument" if arguments == 1 else f"{arguments} arguments"


class WrongType(EvalError):
    code = "type"


class Raised(EvalError):
    """Carries a raised value that is not itself an error."""

    code = "raised"

    def __init__(self, payload: Any, message: str = "an object was raised and not caught", **kw: Any) -> None:
        super().__init__(message, irritants=(payload,), **kw)
        self.payload = payload


class CapabilityDenied(ChorusError):
    code = "denied"

    def __init__(self, capability: str, what: str, **kw: Any) -> None:
        kw.setdefault(
            "hint", f"grant it with --allow {capability}, or Capabilities({capability!r}) when embedding"
        )
        super().__init__(
            f"{what} needs the capability '{capability}', which this session was not given", **kw
        )
        self.capability = capability


def _count(number: float) -> str:
    """A number of steps or bytes in full, with thousands marked; seconds to three digits."""
    return f"{round(number):,}" if number == round(number, 0) or number >= 1000 else f"{number:.3g}"


class LimitExceeded(ChorusError):
    code = "limit"

    def __init__(self, kind: str, used: float, limit: float, **kw: Any) -> None:
        super().__init__(f"the limit on {kind} was reached: {_count(used)} used of {_count(limit)}", **kw)
        self.kind = kind
        self.used = used
        self.limit = limit


class Interrupted(ChorusError):
    code = "interrupted"


class WorkerDied(ChorusError):
    code = "worker"


class StoreError(ChorusError):
    code = "store"


class LimitSignal(BaseException):
    """A limit or cancel unwinding the stack; becomes LimitExceeded or Interrupted at the session's edge.

    SPAN: the place, where no compiled code is under way to tell it.
    """

    def __init__(
        self,
        kind: str,
        used: float = 0.0,
        limit: float = 0.0,
        reason: str = "",
        span: Span | None = None,
    ) -> None:
        super().__init__(kind, used, limit, reason)
        self.span = span
        self.kind = kind
        self.used = used
        self.limit = limit
        self.reason = reason
