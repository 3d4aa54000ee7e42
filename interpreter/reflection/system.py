"""The program and the system it runs in (R7RS 6.14): leaving, arguments, environment variables, features."""

from __future__ import annotations

import os
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.continuations import rewind
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive
from chorus.runtime.values import Pair, Symbol, make_list

FEATURES = (
    "r7rs",
    "exact-closed",
    "exact-complex",
    "ieee-float",
    "full-unicode",
    "ratios",
    "posix",
    "chorus",
    "chorus-0.1",
)


@primitive("exit", effects="pure")
def exit_(ctx: Context, code: Any = 0) -> Any:
    """End the program: with exit code 0, or the integer CODE; #t is 0 and #f is 1. What dynamic-wind is to do on
    leaving is done first.

    > (procedure? exit)
    => #t
    """
    if ctx.winds is not None:
        rewind(ctx, None)
    emergency_exit(code)


@primitive("emergency-exit", effects="pure")
def emergency_exit(code: Any = 0) -> Any:
    """End the program at once, as `exit` does otherwise.

    > (procedure? emergency-exit)
    => #t
    """
    if code is True or code is False:
        code = 0 if code else 1
    if not isinstance(code, int) or not 0 <= code < 256:
        raise EvalError("exit: the code should be an integer from 0 to 255, #t or #f", code="type")
    raise SystemExit(code)


@primitive("command-line", effects="pure")
def command_line(ctx: Context) -> Any:
    """The script's name and its arguments, a list of strings.

    > (list? (command-line))
    => #t
    """
    return make_list(ctx.arguments)


@primitive("get-environment-variable", effects="environment")
def get_environment_variable(name: str) -> Any:
    """The value of the environment variable NAME, or #f.

    > (get-environment-variable "NO_SUCH_VARIABLE")
    => #f
    """
    return os.environ.get(name, False)


@primitive("get-environment-variables", effects="environment")
def get_environment_variables() -> Any:
    """All environment variables as pairs of name and value.

    > (list? (get-environment-variables))
    => #t
    """
    return make_list(Pair(name, value) for name, value in os.environ.items())


@primitive("features", effects="pure")
def features() -> Any:
    """What this system offers, as symbols that cond-expand knows.

    > (memq 'chorus-0.1 (features))
    => (chorus-0.1)
    """
    return make_list(map(Symbol, FEATURES))
