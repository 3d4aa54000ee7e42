"""What the evaluator asks about forms: what identifiers mean, which rows there are, where forms were written."""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.bodies import parse_define
from chorus.interpreter.compiler.forms import listed, parts, recursive_bindings, top_level_name
from chorus.interpreter.compiler.syntax import (
    Alias,
    Row,
    Scope,
    bad_syntax,
    is_identifier,
    lookup,
    namespace_of,
    spelling,
    strip,
)
from chorus.interpreter.compiler.syntax_forms import (
    macro_parts,
    procedure_row,
    rules_row,
    the_row,
    transformer_kind,
)
from chorus.interpreter.reflection.staging import stage_of, where
from chorus.interpreter.stage.scopes import Toplevel
from chorus.runtime.context import Context
from chorus.runtime.primitive import primitive
from chorus.runtime.values import UNSPECIFIED, HashTable, Pair, SourcePair, Symbol, hash_key, make_list

KINDS = {"syntax-rules": rules_row, "er-macro-transformer": procedure_row}


@primitive("%local", effects="pure", checked=False)
def local(identifier: Any, env: Any) -> Any:
    """What the scopes of ENV bind IDENTIFIER to: a variable or a row; #f if none binds it.

    > (%local 'n (interaction-environment))
    => #f
    """
    found = env.find(identifier) if isinstance(env, Scope) else None
    return False if found is None else found


@primitive("%global", effects="pure", checked=False)
def global_(identifier: Any, env: Any) -> Any:
    """What IDENTIFIER is at the top level under ENV: a row or a global; #f for what a macro inserted and nothing there
    defines.

    > (%row? (%global 'if (interaction-environment)))
    => #t
    """
    space = namespace_of(env)
    if identifier.__class__ is Alias and identifier not in space.aliases:
        return False
    found, target = lookup(identifier, space)
    return Toplevel(*target) if found is None else found


@primitive("%alias-name", effects="pure", checked=False)
def alias_name(alias: Any) -> Any:
    """The identifier that a macro made ALIAS of.

    > (%alias-name (%alias 'if))
    => if
    """
    return alias.name


@primitive("%alias-env", effects="pure", checked=False)
def alias_env(alias: Any) -> Any:
    """The environment of the macro that made ALIAS.

    > (environment? (%alias-env (%alias 'if)))
    => #t
    """
    return alias.env


@primitive("%alias", effects="pure")
def alias(ctx: Context, name: Symbol) -> Any:
    """NAME as it is known to the language itself, whatever it is bound to where it is used.

    > (%identifier? (%alias 'lambda))
    => #t
    """
    return Alias(name, ctx.session.space.foundation)


@primitive("%row?", effects="pure", checked=False)
def is_row(value: Any) -> bool:
    """Whether VALUE is what makes a name a form.

    > (list (%row? (%global 'if (interaction-environment))) (%row? 'if))
    => (#t #f)
    """
    return value.__class__ is Row


@primitive("%row-name", effects="pure", checked=False)
def row_name(row: Any) -> Symbol:
    """The name that ROW came into being with.

    > (%row-name (%global 'if (interaction-environment)))
    => if
    """
    return Symbol(row.name)


@primitive("%row-procedure", effects="pure", checked=False)
def row_procedure(row: Any) -> Any:
    """The procedure of a ROW that a program defined; #f for those of the language, which the evaluator's table has.

    > (%row-procedure (%global 'if (interaction-environment)))
    => #f
    """
    return row.procedure or False


@primitive("%macro?", effects="pure", checked=False)
def is_macro(row: Any) -> bool:
    """Whether ROW rewrites its forms.

    > (%macro? (%global 'when (interaction-environment)))
    => #t
    """
    return row.macro is not None


@primitive("%expand", effects="pure", checked=False)
def expand(stage: Any, row: Any, form: Any, env: Any, at: Any) -> Any:
    """What the macro ROW makes of FORM.

    > (let ((env (interaction-environment))) (cadr (%expand identity (%global 'when env) '(when a b) env #f)))
    => a
    """
    return stage_of(stage).expanded(row, form, env, where(at))


@primitive("%place", effects="pure", checked=False)
def place(stage: Any, form: Any, at: Any) -> Any:
    """Where FORM, a pair, was written; AT if that is not known.

    > (%place identity (list 1) 'here)
    => here
    """
    return stage_of(stage).place(form.span, at)


@primitive("%cell-place", effects="pure", checked=False)
def cell_place(stage: Any, cell: Any, at: Any) -> Any:
    """Where the car of CELL was written; AT if that is not known.

    > (%cell-place identity (list 1) 'here)
    => here
    """
    return stage_of(stage).place(getattr(cell, "car_span", None), at)


@primitive("%parts", effects="pure", checked=False)
def parts_(form: Any, least: int, most: Any, at: Any) -> Any:
    """The forms after the head of FORM; an error of syntax unless they are LEAST to MOST many. MOST is #f: without end.

    > (%parts '(if a b) 2 3 #f)
    => (a b)
    """
    return make_list(parts(form, least, None if most is False else most, where(at)))


@primitive("%strip", effects="pure", checked=False)
def strip_(form: Any) -> Any:
    """FORM as data: what macros inserted become the symbols that they stand for.

    > (%strip (list 1 (%alias 'if)))
    => (1 if)
    """
    return strip(form)


@primitive("%bad-syntax", effects="pure")
def bad_syntax_(message: str, at: Any, hint: str | None = None) -> Any:
    """An error of syntax.

    > (guard (e (#t (error-object-message e))) (%bad-syntax "it is not written so" #f))
    => "it is not written so"
    """
    raise bad_syntax(message, where(at), hint)


@primitive("%entries", effects="pure")
def entries(ctx: Context, table: HashTable, at: Any) -> Any:
    """The keys and values of a TABLE that was read, as a list of forms that know where they stand.

    > (%entries {:a 1} #f)
    => (:a 1)
    """
    spans = table.spans or {}
    quoted = Alias(Symbol("quote"), ctx.session.space.foundation)
    cells: list[tuple[Any, Any]] = []
    for key, value in table.items():
        key_span, value_span = spans.get(hash_key(key), (None, None))
        cells.append((make_list([quoted, key]) if isinstance(key, Symbol) else key, key_span))
        cells.append((value, value_span))
    made: Any = make_list([])
    for form, span in reversed(cells):
        made = SourcePair(form, made, None, span)
    return made


@primitive("%definition", effects="pure", checked=False)
def definition(form: Any, at: Any) -> Any:
    """The identifier that FORM, a `define`, gives a value; an error of syntax if it is not written as it should be.

    > (%definition '(define ((f a) b) c) #f)
    => f
    """
    return parse_define(form, where(at))[0]


@primitive("%top-level-name", effects="mutate", checked=False)
def top_level_name_(identifier: Any, env: Any) -> str:
    """The name of the global that a definition of IDENTIFIER makes in ENV; from now on it is no form.

    > (%top-level-name 'n (interaction-environment))
    => "n"
    """
    return top_level_name(env, identifier)


@primitive("%top-level?", effects="pure", checked=False)
def is_top_level(env: Any) -> bool:
    """Whether ENV is that of a program's own forms, and no scope within one.

    > (%top-level? (interaction-environment))
    => #t
    """
    return not isinstance(env, Scope)


@primitive("%top", effects="pure", checked=False)
def top(env: Any) -> Any:
    """The environment of the program around the scopes of ENV.

    > (environment? (%top (%scope identity (interaction-environment))))
    => #t
    """
    return namespace_of(env)


@primitive("%bindings", effects="pure", checked=False)
def bindings(form: Any, at: Any) -> Any:
    """The bindings of FORM, such as a letrec: lists of an identifier and a form.

    > (map car (%bindings '(letrec ((a 1) (b 2)) a) #f))
    => (a b)
    """
    span = where(at)
    if not spelling(form.car).endswith("-syntax"):
        return make_list(recursive_bindings(form, span))
    found = listed(form.cdr.car, form, span)
    for binding in found:
        cells = list(binding) if isinstance(binding, Pair) else []
        if len(cells) != 2 or not is_identifier(cells[0]):
            raise bad_syntax("let-syntax: a binding is (name transformer)", span)
    return make_list(found)


@primitive("%bind-row", effects="mutate", checked=False)
def bind_row(scope: Any, identifier: Any, row: Any) -> Any:
    """Make IDENTIFIER in SCOPE the form of ROW.

    > (let* ((env (interaction-environment)) (scope (%scope identity env)))
        (%bind-row scope 'whenever (%global 'when env))
        (%row? (%local 'whenever scope)))
    => #t
    """
    scope.bind(identifier, row)
    return row


@primitive("%transformer-kind", effects="pure", checked=False)
def transformer_kind_(spec: Any, env: Any) -> Any:
    """Which kind of transformer SPEC is: syntax-rules or er-macro-transformer; #f if neither.

    > (%transformer-kind '(syntax-rules ()) (interaction-environment))
    => syntax-rules
    """
    kind = transformer_kind(spec, env)
    return Symbol(kind) if kind else False


@primitive("%macro", effects="pure", checked=False)
def macro(kind: Any, name: Any, spec: Any, env: Any) -> Any:
    """The row of a macro: SPEC is the text of its rules, or its procedure.

    > (%macro? (%macro 'syntax-rules 'm '(syntax-rules () ((_ a) a)) (interaction-environment)))
    => #t
    """
    return KINDS[kind.name](env, spelling(name) if is_identifier(name) else name, spec)


@primitive("%macro-name", effects="mutate", checked=False)
def macro_name(form: Any, env: Any, at: Any) -> str:
    """The name that FORM, a `define-syntax` at the top level, defines.

    > (%macro-name '(define-syntax m (syntax-rules ())) (interaction-environment) #f)
    => "m"
    """
    if isinstance(env, Scope):
        raise bad_syntax("define-syntax stands where a value is expected", where(at))
    return macro_parts(form, env, where(at))[0]


@primitive("%define-macro", effects="mutate", checked=False)
def define_macro(stage: Any, kind: Any, env: Any, name: str, spec: Any, doc: Any, at: Any) -> Any:
    """Bind the global called NAME to the row of a macro.

    > (let ((env (interaction-environment)))
        (%define-macro identity 'syntax-rules env "just" '(syntax-rules () ((_ a) a)) "" #f)
        (eval '(just 5) env))
    => 5
    """
    return stage_of(stage).row(KINDS[kind.name], env, name, spec, doc, where(at))


@primitive("%the-row", effects="pure", checked=False)
def the_row_(found: Any, name: Any, at: Any) -> Any:
    """FOUND, a row; an error of syntax if it is none, and so no transformer for NAME.

    > (%row? (%the-row (%global 'if (interaction-environment)) 'name #f))
    => #t
    """
    return the_row(found, spelling(name) if is_identifier(name) else name, where(at))


@primitive("%not-assignable", effects="pure", checked=False)
def not_assignable(meaning: Any, identifier: Any, at: Any) -> Any:
    """An error of syntax if IDENTIFIER means a form.

    > (%not-assignable 'a-variable 'n #f)
    => #f
    """
    if meaning.__class__ is Row:
        raise bad_syntax(f"set!: {spelling(identifier)} is a form, not a variable", where(at))
    return False


@primitive("%a-value", effects="pure", checked=False)
def a_value(meaning: Any, identifier: Any, at: Any) -> Any:
    """MEANING, what IDENTIFIER means; an error of syntax if that is a form.

    > (%a-value 'a-variable 'n #f)
    => a-variable
    """
    if meaning.__class__ is Row:
        name = spelling(identifier)
        raise bad_syntax(
            f"{name} is a form, not a value", where(at), f"write it as the head of a list: ({name} …)"
        )
    return meaning


@primitive("%host-form", effects="pure", checked=False)
def host_form(stage: Any, row: Any, form: Any, env: Any, at: Any) -> Any:
    """Carry out FORM, whose ROW is that of an import or of the definition of a library.

    > (let ((env (interaction-environment)))
        (%host-form identity (%global 'import env) '(import (scheme base)) env #f)
        'done)
    => done
    """
    row.expand(stage_of(stage), form, env, where(at))
    return UNSPECIFIED
