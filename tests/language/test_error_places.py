"""Errors name what was written, and stand at the innermost place that the program's own text has for them."""

from __future__ import annotations

import pytest

from chorus import ChorusError, Limits, Session


def error_of(text: str, session: Session | None = None) -> ChorusError:
    with session or Session() as one, pytest.raises(ChorusError) as caught:
        one.eval(text)
    return caught.value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("(hash-table-ref {} 1)", "hash-table-ref: no key 1"),
        ("(hash-table-ref 5 1)", "hash-table-ref: expected a hash table, got 5"),
        ("(hash-table-ref/default 5 1 2)", "hash-table-ref/default: expected a hash table, got 5"),
        ("(hash-table-update! {} 1 list)", "hash-table-update!: no key 1"),
        ("(hash-update! 5 1 list)", "hash-update!: expected a hash table, got 5"),
        ("(hash-remove! 5 1)", "hash-remove!: expected a hash table, got 5"),
        ("(hash-table-size)", "hash-table-size got 1 argument too few"),
        ("(list-head '(1) 4)", "list-head: the list is shorter than 4"),
        ("(call/cc)", "call/cc got 1 argument too few"),
        ("(car 5)", "car: expected a pair, got 5"),
        ("(cadr '(1))", "cadr: expected a pair that has a cadr, got (1)"),
        ("(assoc 1 '(2))", "assoc: every element should be a pair, not 2"),
        ("(raise)", "raise got 1 argument too few"),
        ("(raise 1 2)", "raise got 2 arguments"),
    ],
)
def test_an_error_names_what_was_written(call: str, message: str) -> None:
    assert error_of(call).message == message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(guard (e ((string? e) 1)) 2 (raise 5))", "1:30"),
        ("(guard (a (#f 1)) (guard (e ((string? e) 1)) 2\n (raise 5)))", "2:2"),
        ("(guard (e (#f 1)) (list (car 5)))", "1:25"),
        ("(guard (e (#t (raise 'again))) (raise 5))", "1:15"),
        ("(with-exception-handler (lambda (e) 1) (lambda () (list (raise 5))))", "1:57"),
        ("(define (f :limit [limit 5]) limit)\n(list (f :limit 1) (f :limt 6))", "2:23"),
        ("(define (f :limit [limit 5]) limit)\n(f 1 2 3)", "2:1"),
        ('(define (f x :limit [l 1]) l) (define (g) (f\n  "x :limt"\n  :limt\n 6)) (g)', "3:3"),
        ('(list (search "x" :limt 5))', "1:19"),
        ("(let ((x 1))\n (m 2))\n(define (m) 1)", "2:3"),
    ],
)
def test_the_place_is_the_innermost_of_the_program(text: str, place: str) -> None:
    span = error_of(text).span
    assert span is not None
    assert f"{span.line}:{span.column}" == place


def test_a_misspelt_keyword_is_suggested() -> None:
    assert (error_of("(define (f :limit [n 5]) n) (f :limt 6)").hint or "").startswith("did you mean :limit?")
    assert (error_of('(search "x" :limt 5)').hint or "").startswith("did you mean :limit?")
    assert "did you mean" not in (error_of('(search "x" :colour 5)').hint or "")


def test_a_caught_error_knows_the_place_of_a_bare_value_no_more_than_before() -> None:
    with Session() as session:
        assert session.eval("(guard (e ((symbol? e) (list 'caught e))) (guard (x (#f 1)) (raise 'oops)))")
        assert session.eval(
            "(with-exception-handler (lambda (e) 10)"
            " (lambda () (+ 1 (guard (e ((string? e) 1)) (raise-continuable 5)))))"
        ) == 11  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "(list 1\n (m))",
        "(list 1\n " + "(list " * 50_000 + "0" + ")" * 50_000 + ")",
        "(list 1\n (let loop () (loop)))",
        "(list 1\n (guard (e (#t 1)) (let loop () (loop))))",
        "(define (f) (list 1 (f)))\n (f)",
        "(define (f) (list 1 (guard (e (#t 1)) (f))))\n (f)",
        "(list 1\n (make-vector (expt 2 40) 0))",
    ],
)
def test_limit_errors_have_a_place(text: str) -> None:
    with Session(limits=Limits(seconds=20, steps=10**6, depth=20_000)) as session:
        session.eval("(define-syntax m (syntax-rules () ((_) (m))))")
        with pytest.raises(ChorusError) as caught:
            session.eval(text)
        assert caught.value.code == "limit"
        assert caught.value.span is not None
        assert caught.value.span.file == "<eval>"


def test_a_primitive_that_fails_on_an_element_says_so_in_no_words_of_the_host() -> None:
    error = error_of("(list (tensor->list (list 1 'a)))")
    assert (error.code, error.message) == ("type", "tensor->list: it cannot work with what it was given")
    assert (error.hint or "").startswith("usage: (tensor->list")
    assert error.span is not None and error.span.column == 7
    assert isinstance(error.__cause__, TypeError)


THROUGH_MACROS = """(define-syntax my-when (syntax-rules () ((_ c b) (if c (inner b) 0))))
(define-syntax inner (syntax-rules () ((_ b) (+ 1 (car b)))))
(define (f x)
  (my-when x
    x))
(define (g x) (list (f x)))
(define (g x) (list 1 2 (f x)))
(define-macro (twice form) (list 'begin form form))
(list
  (twice (g 5)))"""


def test_places_and_stack_through_macros_and_redefinitions() -> None:
    error = error_of(THROUGH_MACROS)
    assert (error.message, str(error.span)) == ("car: expected a pair, got 5", "<eval>:4:3")
    assert [(each.name, str(each.span)) for each in error.stack] == [
        ("f", "<eval>:7:25"),
        ("g", "<eval>:10:10"),
    ]


def test_json_and_text_tell_the_same() -> None:
    from chorus.interpreter.diagnostics import as_json, report

    error = error_of("(define (f x)\n  (vector-ref x 7))\n(list (f (vector 1)))")
    told, shown = as_json(error), report(error)
    assert (told["line"], told["column"], told["code"]) == (2, 3, "range")
    assert told["stack"] == [{"name": "f", "file": "<eval>", "line": 3, "column": 7}]
    for part in (
        told["code"],
        told["message"],
        told["hint"],
        "<eval>:2:3",
        "in f, called at <eval>:3:7",
        "^^^^",
    ):
        assert part in shown
    assert ".py" not in shown and "Traceback" not in shown


def test_an_error_knows_its_place_as_data() -> None:
    with Session() as session:
        span = session.eval("(guard (e (#t (error-object-span e)))\n  (list\n (car 5)))")
    shown = {key.name: value for key, value in span.items()}
    assert shown == {"file": "<eval>", "line": 3, "column": 2, "end-line": 3, "end-column": 9}


def test_a_form_over_several_lines_stands_at_its_first() -> None:
    error = error_of("(define (f x)\n  (car\n    x))\n(f 5)")
    assert str(error.span) == "<eval>:2:3"


def test_a_name_before_the_message_is_shown_as_where_it_went_wrong():
    from chorus.interpreter.diagnostics import report

    assert "error[error] find: no such door: 7\n" in report(error_of('(error \'find "no such door:" 7)'))
    assert "error[error] (a b) 1\n" in report(error_of("(error '(a b) 1)"))


@pytest.mark.parametrize(
    "evaluator", [None, "meta", "interpreted", "trace", "what-if", "provenance", "profile"]
)
@pytest.mark.parametrize("call", ["(apply f xs)", "(apply f 1 xs)", "(apply apply f (list xs))"])
@pytest.mark.parametrize("procedure", ["car", "(lambda (a b c d) 1)"])
def test_what_apply_calls_in_tail_position_stands_where_apply_does(
    evaluator: str | None, call: str, procedure: str
) -> None:
    text = f"(define (go f xs)\n  {call})\n(define (outer f)\n  (go f '(1)))\n(list (outer {procedure}))"
    made = Session(evaluator=evaluator) if evaluator else Session()
    assert str(error_of(text, made).span) == "<eval>:2:3"


def test_apply_in_tail_position_takes_no_stack() -> None:
    with Session() as session:
        assert (
            session.eval("(define (down n) (if (= n 0) 'done (apply down (list (- n 1))))) (down 100000)")
            is not None
        )
