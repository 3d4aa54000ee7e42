"""The tools of whoever writes programs: trace, time, doc, apropos, macro expansion, disassembly."""

from __future__ import annotations

import re

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.printer import symbol_text, write


@pytest.fixture
def session() -> Session:
    return Session(allow=Capabilities.command_line())


def traced(session: Session, program: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What PROGRAM writes on the error port, line by line."""
    session.eval(program)
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()


def last(session: Session, program: str) -> str:
    return write([value for _, value in session.run(program)][-1])


# — trace —


def test_recursion_is_indented(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    program = "(define (fact n) (if (= n 0) 1 (* n (fact (- n 1))))) (trace fact) (fact 2)"
    assert traced(session, program, capsys) == [
        "(fact 2)",
        "  (fact 1)",
        "    (fact 0)",
        "    => 1",
        "  => 1",
        "=> 2",
    ]


def test_a_procedure_that_has_run_as_a_loop_shows_its_tail_calls(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.eval("(define (count n) (if (= n 0) 'done (count (- n 1)))) (count 10)")
    assert traced(session, "(trace count) (count 2)", capsys) == [
        "(count 2)",
        "(count 1)",
        "(count 0)",
        "=> done",
    ]


def test_mutual_tail_calls_replace_each_other(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
      (define (even n) (if (= n 0) #t (odd (- n 1))))
      (define (odd n) (if (= n 0) #f (even (- n 1))))
      (trace even odd)
      (even 2)"""
    assert traced(session, program, capsys) == ["(even 2)", "(odd 1)", "(even 0)", "=> #t"]


def test_a_traced_loop_takes_no_stack(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
      (define (even n) (if (= n 0) #t (odd (- n 1))))
      (define (odd n) (if (= n 0) #f (even (- n 1))))
      (trace even)
      (parameterize ((current-error-port (open-output-string))) (even 30000))"""
    limited = Session(limits=session.limits._replace(depth=200))
    assert limited.eval(program) is True
    assert capsys.readouterr().err == ""


def test_what_is_defined_anew_stays_traced(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
      (define (f x) x)
      (define (g x) (f x))
      (trace f)
      (g 1)
      (define (f x) (list x x))
      (g 2)
      (set! f (lambda (x) 'third))
      (g 3)
      (define f 5)"""
    shown = traced(session, program, capsys)
    assert shown == ["(f 1)", "=> 1", "(f 2)", "=> (2 2)", "(f 3)", "=> third"]
    assert session.eval("(list f (trace))") == [5, []]


def test_untrace_gives_back_what_was_there(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.eval("(define (f x) x) (define before f)")
    assert last(session, "(trace f car)") == "(f car)"
    assert session.eval("(eq? f before)") is False
    assert last(session, "(untrace f)") == "(car)"
    assert last(session, "(untrace)") == "()"
    assert session.eval("(eq? f before)") is True
    assert "car" not in session.own_names()
    assert traced(session, "(f 1) (car '(1))", capsys) == []


def test_errors_and_escapes_end_the_calls_they_leave(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    program = """
      (define (f x) (car x))
      (define (g k) (k 1))
      (trace f g)
      (guard (e (#t 0)) (f 5))
      (call/cc g)
      (f '(2))"""
    assert traced(session, program, capsys) == [
        "(f 5)",
        "=> error: car: expected a pair, got 5",
        "(g #<procedure continuation>)",
        "(f (2))",
        "=> 2",
    ]


def test_several_values_and_deep_calls(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    program = """
      (define (two) (values 1 "b"))
      (define (down n) (if (= n 0) 0 (+ 1 (down (- n 1)))))
      (trace two down)
      (call-with-values two list)
      (down 40)"""
    shown = traced(session, program, capsys)
    assert shown[:2] == ["(two)", '=> 1 "b"']
    assert "  " * 30 + "[40] (down 0)" in shown
    assert max(map(len, shown)) < 80


def test_continuations_are_entered_again_through_traced_calls(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    program = """
      (define k #f)
      (define n 0)
      (define (pick) (call/cc (lambda (c) (set! k c) 0)))
      (define (f) (+ 100 (pick)))
      (trace f)
      (define seen (f))
      (set! n (+ n 1))
      (if (< n 3) (k n))"""
    assert traced(session, program, capsys)[:2] == ["(f)", "=> 100"]
    program = """(let ((k #f) (n 0))
      (define (f) (+ 100 (call/cc (lambda (c) (set! k c) 0))))
      (let ((v (f))) (set! n (+ n 1)) (if (< n 3) (k n) v)))"""
    assert session.eval(program) == 102


def test_a_traced_error_stands_where_it_would_without(session: Session) -> None:
    for tracing in ("", "(trace f)"):
        session.eval(f"(define (f x) x) {tracing}")
        with pytest.raises(ChorusError, match="f got 2 arguments") as caught:
            session.eval("(list\n (f 1 2))")
        assert caught.value.span is not None
        assert (caught.value.span.line, caught.value.span.column) == (2, 2)
        assert caught.value.hint == "usage: (f x)"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("(trace when)", "trace: when is a form, not a procedure"),
        ("(trace nothing-here)", "trace: nothing is called nothing-here"),
        ("(define five 5) (trace five)", "trace: five should be a procedure, not 5"),
        ('(trace "f")', "only names can be traced"),
        ("(untrace car)", "untrace: car is not traced"),
    ],
)
def test_what_cannot_be_traced(session: Session, program: str, message: str) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(program)
    assert message in caught.value.message


def test_describing_a_traced_procedure(session: Session) -> None:
    session.eval('(define (f x) "Doc of f." x) (trace f)')
    assert session.usage("f") == "(f x)"
    assert (session.describe("f") or {})["doc"] == "Doc of f."


# — time —


def test_time_gives_the_values_and_shows_the_cost(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert session.eval("(call-with-values (lambda () (time (values 1 2))) list)") == [1, 2]
    shown = capsys.readouterr().err
    assert re.match(r"\(values 1 2\): [\d.]+ (µs|ms|s), CPU [\d.]+ (µs|ms|s)", shown)
    session.eval("(time (let loop ((i 0)) (if (< i 300000) (loop (+ i 1)))))")
    spent = re.search(r": ([\d.]+) ms, CPU ([\d.]+) ms", capsys.readouterr().err)
    assert spent is not None and float(spent[1]) > 1


def test_time_needs_the_clock() -> None:
    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval("(time 1)")
    assert caught.value.code == "denied"


# — doc, apropos —


@pytest.mark.parametrize(
    ("form", "first", "more"),
    [
        ("(doc car)", "(car pair)", "effects: pure"),
        ("(doc 'car)", "(car pair)", "runtime/primitives/pairs.py"),
        ('(doc "car")', "(car pair)", "The first of PAIR."),
        ("(doc when)", "(when test body rest …)", "from: stdlib/core.sexp"),
        ("(doc let)", "(let ", ""),
        ("(doc filter)", "(filter keep? items)", "=> "),
    ],
)
def test_doc(session: Session, capsys: pytest.CaptureFixture[str], form: str, first: str, more: str) -> None:
    session.eval(form)
    shown = capsys.readouterr().out
    assert shown.startswith(first)
    assert more in shown


def test_doc_of_an_own_form_and_of_nothing(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.eval('(define-syntax swap! "Exchange." (syntax-rules () ((_ a b . more) 1))) (doc swap!)')
    assert capsys.readouterr().out.startswith("(swap! a b more …)\n\nExchange.")
    with pytest.raises(ChorusError) as caught:
        session.eval("(doc lenght)")
    assert (caught.value.message, caught.value.hint) == (
        "doc: nothing is called lenght",
        "did you mean length?",
    )


def test_documentation_is_data(session: Session) -> None:
    assert session.eval("(get (documentation car) :examples)") == [["(car '(1 2))", "1"]]
    assert session.eval("(get (documentation 'when) :kind)") == "form"
    with pytest.raises(ChorusError, match="name should be a symbol, a string or a procedure, not 5"):
        session.eval("(documentation 5)")


def test_apropos_looks_in_names_first_then_in_docs(session: Session) -> None:
    session.eval('(define (zyx-one) "Says abc." 1) (define (two) "Speaks of zyx-ness." 2)')
    assert last(session, '(apropos "zyx")') == "(zyx-one two)"
    assert last(session, "(apropos 'zyx-o)") == "(zyx-one)"
    assert last(session, '(apropos "no-such-word-anywhere")') == "()"


# — expansion —


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("(macroexpand-1 '(unless a b c))", "(if a (if #f #f) (begin b c))"),
        ("(macroexpand-1 '(car x))", "(car x)"),
        ("(macroexpand-1 'x)", "x"),
        ("(macroexpand-all '(define (f [y 2] :k [k 3] . r) r))", "(define (f (y 2) :k (k 3) . r) r)"),
        ("(macroexpand-all '(let ((x 1)) (define y 2) (set! x y) x))", "(let ((x 1)) (letrec* ((y 2)) (set! x y) x))"),
        ("(macroexpand-all '(begin (define a 'b) (define c \"d\")))", "(begin (define a 'b) (define c \"d\"))"),
        ("(let () (macroexpand-all '(define (never) (exit))) (bound? 'never))", "#f"),
    ],
)  # fmt: skip
def test_expansion(session: Session, form: str, value: str) -> None:
    assert last(session, form) == value


def test_variables_that_hygiene_keeps_apart_have_names_of_their_own(session: Session) -> None:
    session.eval("(define-syntax my-or (syntax-rules () ((_ a b) (let ((t a)) (if t t b)))))")
    assert last(session, "(macroexpand-all '(lambda (t) (my-or 1 t)))") == (
        "(lambda (t) (let ((t~2 1)) (if t~2 t~2 t)))"
    )


def test_a_procedure_made_within_let_has_the_name_of_its_definition(session: Session) -> None:
    session.eval("(define tally (let ((n 0)) (lambda (by) (set! n (+ n by)) n)))")
    assert session.eval("(procedure-name tally)") == "tally"
    with pytest.raises(ChorusError, match="tally got 1 argument too few"):
        session.eval("(tally)")


# — disassembly —


def test_disassembly_of_a_procedure(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.eval("(define (add a b)\n  (when a (+ a b)))\n(disassemble add)")
    shown = capsys.readouterr().out
    assert "; core\n(define (add a b) (if a (+ a b) #<unspecified>))\n; Python\ndef add(a, b):" in shown
    assert "return a + b" in shown
    assert "~" not in shown.replace("t~", "") and "$:meta" not in shown


def test_variables_of_one_name_keep_apart(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    session.eval(
        "(define (renewed tree x) (let ((tree (cdr tree))) (let ((tree (cons x tree)))"
        " (if (< x (car tree)) (list (car tree) x) 1))))"
    )
    session.eval("(disassemble renewed)")
    shown = capsys.readouterr().out
    assert "tree~3.car" in shown
    for name in set(re.findall(r"[a-z]+~[0-9]+", shown)):
        assert f"{name} = " in shown or f"({name} := " in shown, name


@pytest.mark.parametrize(
    ("thing", "wanted"),
    [
        ("'(lambda (x) (* x 'sym))", ["(lambda (x) (* x 'sym))", "def f(x):", "'sym"]),
        ("filter", ["(define (filter ", "def filter(", "while True:"]),
        ("'filter", ["(define (filter "]),
        ("car", ["; (car pair) is a primitive", "runtime/primitives/pairs.py:"]),
        ("(let ((n 2)) (lambda (x) (+ x n)))", ["(lambda (x) (+ x n))", "return x + n"]),
        ("'5", ["; core\n5"]),
        ("(make-parameter 1)", ["a procedure of the host"]),
    ],
)
def test_disassembly(
    session: Session, capsys: pytest.CaptureFixture[str], thing: str, wanted: list[str]
) -> None:
    session.eval(f"(disassemble {thing})")
    shown = capsys.readouterr().out
    for each in wanted:
        assert each in shown


def test_a_source_that_is_no_longer_at_hand_is_not_made_up(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.eval("(define (first-one) 1)")
    session.eval("(define (other-two) 2)")  # another text of the same name
    session.eval("(disassemble first-one)")
    shown = capsys.readouterr().out
    assert "; core" not in shown and "def first-one():" in shown


@pytest.mark.slow
def test_every_procedure_of_the_stdlib_disassembles(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [name for name in session.names() if (session.describe(name) or {}).get("kind") == "procedure"]
    assert len(names) > 200
    for name in names:
        session.eval(f"(disassemble {symbol_text(name)})")
        shown = capsys.readouterr().out
        assert "; Python" in shown or "; (" in shown or "of the host" in shown, name
