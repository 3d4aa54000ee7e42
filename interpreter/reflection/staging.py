"""The operations of the evaluator that work on values and on code alike: its only ones that know the stage.

The first argument is the stage: `identity` computes values, the evaluator's own `lift` writes core code. AT, last, is
where what is evaluated was written, for errors to tell.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.helpers import HELPERS
from chorus.interpreter.continuations import CURRENT
from chorus.interpreter.stage.stages import Identity, Stage
from chorus.runtime.calling import returns_pending
from chorus.runtime.errors import Span
from chorus.runtime.primitive import primitive
from chorus.runtime.values import list_items


def stage_of(stage: Any) -> Any:
    """STAGE, or for any procedure of the language in its place that of values."""
    if isinstance(stage, Stage):
        return stage
    ctx = CURRENT.home
    return Identity(ctx.session.space, None, ctx.check)


def where(at: Any) -> Span | None:
    return at if at.__class__ is Span else None


@primitive("%operand", effects="pure", checked=False)
def operand(stage: Any) -> Any:
    """STAGE for what is no tail of a procedure's body: after its value there is something left to do.

    > (%tail? (%operand identity))
    => #f
    """
    return stage.in_position(False) if isinstance(stage, Stage) else stage


@primitive("%tail", effects="pure", checked=False)
def tail(stage: Any) -> Any:
    """STAGE for the body of a procedure, whose last form is in tail position.

    > (procedure? (%tail identity))
    => #t
    """
    return stage.in_position(True) if isinstance(stage, Stage) else stage


@primitive("%tail?", effects="pure", checked=False)
def is_tail(stage: Any) -> bool:
    """Whether what is evaluated at STAGE stands in tail position.

    > (%tail? identity)
    => #f
    """
    return isinstance(stage, Stage) and stage.tail


@primitive("%quote", effects="pure", checked=False)
def quote(stage: Any, value: Any, at: Any) -> Any:
    """VALUE, a constant.

    > (%quote identity 'a #f)
    => a
    """
    return stage_of(stage).quote(value, where(at))


@primitive("%helper", effects="pure", checked=False)
def helper(stage: Any, name: Any, at: Any) -> Any:
    """The host's procedure that literals of tables and property lists are made by.

    > ((%helper identity 'properties #f) :a 1)
    => (:a 1)
    """
    return stage_of(stage).helper(HELPERS[name.name], where(at))


@primitive("%ref", effects="pure", checked=False)
def ref(stage: Any, meaning: Any, at: Any) -> Any:
    """The value of the variable that an identifier means.

    > ((%ref identity (%global 'car (interaction-environment)) #f) '(1 2))
    => 1
    """
    return stage_of(stage).ref(meaning, where(at))


@primitive("%set", effects="mutate", checked=False)
def set_(stage: Any, meaning: Any, value: Any, at: Any) -> Any:
    """Give the variable that an identifier means the VALUE.

    > (define n 1)
    > (%set identity (%global 'n (interaction-environment)) 2 #f)
    > n
    => 2
    """
    return stage_of(stage).set(meaning, value, where(at))


@primitive("%init", effects="mutate", checked=False)
def init(stage: Any, variable: Any, value: Any, at: Any) -> Any:
    """Give a VARIABLE that `%declare` made its first VALUE.

    > (let* ((scope (%scope identity (interaction-environment))) (n (%declare identity scope 'n)))
        (%init identity n 5 #f)
        (%ref identity n #f))
    => 5
    """
    return stage_of(stage).init(variable, value, where(at))


@primitive("%define", effects="mutate", checked=False)
def define(stage: Any, env: Any, name: str, value: Any, at: Any) -> Any:
    """Bind the global called NAME, a string, to VALUE.

    > (%define identity (interaction-environment) "n" 7 #f)
    > n
    => 7
    """
    return stage_of(stage).define(env, name, value, where(at))


@primitive("%if", effects="pure", checked=False)
@returns_pending
def if_(stage: Any, test: Any, yes: Any, no: Any, at: Any) -> Any:
    """What the thunk YES gives unless TEST is #f, else what NO gives; of code, the code that decides so.

    > (%if identity (< 1 2) (lambda () 'less) (lambda () 'more) #f)
    => less
    """
    return stage_of(stage).branch(test, yes, no, where(at))


@primitive("%call", effects="pure", checked=False)
@returns_pending
def call_(stage: Any, procedure: Any, arguments: Any, at: Any) -> Any:
    """The call of PROCEDURE with the list of ARGUMENTS.

    > (%call identity + '(1 2) #f)
    => 3
    """
    return stage_of(stage).call(procedure, list_items(arguments) or [], where(at))


@primitive("%written-out", effects="pure", checked=False)
@returns_pending
def written_out(stage: Any, procedure: Any, form: Any, env: Any, instead: Any, call: Any, at: Any) -> Any:
    """What the thunk CALL gives, the call of PROCEDURE that FORM is. Where the stdlib knows how to write such a call
    out, code takes in as well what INSTEAD makes of that form.

    > (%written-out identity car '(car x) (interaction-environment) list (lambda () 'the-call) #f)
    => the-call
    """
    return stage_of(stage).written_out(procedure, form, env, instead, call, where(at))


@primitive("%procedure", effects="pure", checked=False)
def procedure(stage: Any, params: Any, doc: Any, body: Any, at: Any) -> Any:
    """A procedure with the parameter list PARAMS: BODY is called with the list of the arguments.

    > ((%procedure identity '(a . more) #f reverse #f) 1 2 3)
    => ((2 3) 1)
    """
    return stage_of(stage).procedure(params, doc or None, body, where(at))


@primitive("%as-written", effects="pure", checked=False)
@returns_pending
def as_written(stage: Any, thunk: Any) -> Any:
    """What THUNK gives; the calls in its code are not written out.

    > (%as-written identity (lambda () 5))
    => 5
    """
    return stage_of(stage).as_written(thunk)


@primitive("%given", effects="pure", checked=False)
@returns_pending
def given(stage: Any, argument: Any, default: Any) -> Any:
    """The ARGUMENT; of one that was not given, what the thunk DEFAULT gives.

    > (%given identity 5 (lambda () 6))
    => 5
    """
    return stage_of(stage).given(argument, default)


@primitive("%scope", effects="pure", checked=False)
def scope_(stage: Any, env: Any) -> Any:
    """A fresh scope within ENV.

    > (environment? (%scope identity (interaction-environment)))
    => #t
    """
    return stage_of(stage).scope(env)


@primitive("%bind", effects="mutate", checked=False)
def bind(stage: Any, scope: Any, identifier: Any, argument: Any) -> Any:
    """Make IDENTIFIER in SCOPE a variable that holds ARGUMENT.

    > (let ((scope (%scope identity (interaction-environment))))
        (%bind identity scope 'n 5)
        (%ref identity (%local 'n scope) #f))
    => 5
    """
    stage_of(stage).bind(scope, identifier, argument)
    return argument


@primitive("%declare", effects="mutate", checked=False)
def declare(stage: Any, scope: Any, identifier: Any) -> Any:
    """The variable that IDENTIFIER is in SCOPE itself, made without a value if there was none.

    > (let ((scope (%scope identity (interaction-environment))))
        (eq? (%declare identity scope 'n) (%declare identity scope 'n)))
    => #t
    """
    return stage_of(stage).declare(scope, identifier)


@primitive("%piece", effects="pure", checked=False)
@returns_pending
def piece(stage: Any, thunk: Any, at: Any) -> Any:
    """What THUNK gives; of code, one piece of it.

    > (%piece identity (lambda () 5) #f)
    => 5
    """
    return stage_of(stage).piece(thunk, where(at))


@primitive("%leaving", effects="pure", checked=False)
@returns_pending
def leaving(stage: Any, scope: Any, identifier: Any, thunk: Any, at: Any) -> Any:
    """What THUNK gives, or what IDENTIFIER, in SCOPE a procedure that leaves it, is called with.

    > (let ((scope (%scope identity (interaction-environment))))
        (%leaving identity scope 'leave (lambda () ((%ref identity (%local 'leave scope) #f) 5) 6) #f))
    => 5
    """
    return stage_of(stage).leaving(scope, identifier, thunk, where(at))


@primitive("%scoped", effects="pure", checked=False)
@returns_pending
def scoped(stage: Any, scope: Any, thunk: Any, at: Any) -> Any:
    """What THUNK gives, in which the variables that were declared in SCOPE get their values.

    > (%scoped identity (%scope identity (interaction-environment)) (lambda () 5) #f)
    => 5
    """
    return stage_of(stage).scoped(scope, thunk, where(at))


@primitive("%named", effects="pure", checked=False)
@returns_pending
def named(stage: Any, name: Any, thunk: Any) -> Any:
    """What THUNK gives; a procedure that it makes is called NAME.

    > (%named identity 'n (lambda () 5))
    => 5
    """
    from chorus.interpreter.compiler.syntax import is_identifier, spelling

    return stage_of(stage).named(spelling(name) if is_identifier(name) else name, thunk)


@primitive("%now", effects="pure", checked=False)
@returns_pending
def now(stage: Any, thunk: Any, env: Any) -> Any:
    """The value of what THUNK gives, also while code is written.

    > (%now identity (lambda () 5) (interaction-environment))
    => 5
    """
    return stage_of(stage).now(thunk, env)
