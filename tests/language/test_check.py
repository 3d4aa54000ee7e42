"""`chorus check` names what will go wrong, where, and nothing else; it runs nothing and always ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chorus import Capabilities, Limits, Session
from chorus.interpreter.faces.commands import check
from chorus.runtime.errors import ChorusError

ROOT = Path(check.__file__).parents[3]


def found(text: str, **limits: float) -> list[ChorusError]:
    with Session(limits=Limits(seconds=limits.get("seconds", 20))) as session:
        return session.check(text, "my.sexp")


def told(text: str) -> list[str]:
    shown = []
    for each in found(text):
        assert each.span is not None
        shown.append(f"{each.span.line}:{each.span.column} {each.severity} {each.code}: {each.message}")
    return shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(define (g y)\n  (fooo y))", "2:4 warning unbound: nothing is called fooo"),
        ("(display later)\n(define later 5)", "1:10 warning unbound: later is used before it is defined"),
        ("(define (f)\n (set! nothing 5))", "2:2 warning unbound: nothing is called nothing"),
        ("(define (f x [y 1]) x)\n(f 1 2 3)", "2:1 warning arity: f got 3 arguments"),
        ("(define (g) (f))\n(define (f x . more) x)", "1:13 warning arity: f got 0 arguments"),
        ("(define (f :k [k 1]) k) (f :kk 2)", "1:28 warning arity: f takes no keyword :kk"),
        ("(define (f :k [k 1]) k) (f :k)", "1:28 warning arity: f: the keyword :k has no value after it"),
        ("(list (car 1 2))", "1:7 warning arity: car got 2 arguments"),
        ("(map car)", "1:1 warning arity: map got 1 argument"),
        ("(hash-table-size)", "1:1 warning arity: hash-table-size got 0 arguments"),
        ('(search "x" :limt 5)', "1:13 warning arity: search takes no keyword :limt"),
        ("(let ((h (lambda (a) a)))\n (h 1 2))", "2:2 warning arity: h got 2 arguments"),
        ("(let loop ((i 0)) (if (< i 3) (loop)))", "1:31 warning arity: loop got 0 arguments"),
        ("(define (f) (define (in x) x) (in))", "1:31 warning arity: in got 0 arguments"),
        ("((lambda (x) x))", "1:1 warning arity: the procedure got 0 arguments"),
        ("(5 3)", "1:1 warning not-procedure: 5 is called, but is no procedure"),
        ("(define (f) (if))", "1:13 error syntax: if: not written as it should be"),
        ("(define (f)\n (car 1)", "1:1 error read-unclosed: this ( is never closed"),
        ("(define (f a)\n  (let ((x 1) (y a))\n    y))", "2:10 warning unused: x is never used"),
        ("(define (f a)\n  (define (help b) b)\n  a)", "2:12 warning unused: help is never used"),
        ("(let* ((a 1) (b (+ a 1))) a)", "1:15 warning unused: b is never used"),
        ("(guard (e (#t (prnt e))) 1)", "1:16 warning unbound: nothing is called prnt"),
    ],
)
def test_found(text: str, expected: str) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "(define (even? n) (if (= n 0) #t (odd? (- n 1)))) (define (odd? n) (if (= n 0) #f (even? (- n 1))))",
        "(define (f) (later)) (define (later) 1) (f)",
        "(define f (if #t car cdr)) (f 1 2 3)",
        "(define (f x) x) (define (f x y) x) (f 1) (f 1 2)",
        "(define (f x) x) (set! f +) (f 1 2 3)",
        "(let ((h (lambda (a) a))) (set! h +) (h 1 2))",
        "(define (car x y) x) (car 1 2)",
        "(define (f x :k [k 1]) x) (f :other) (f 1 :k 2)",
        "(list :a 1 :b) (hash-table :x 1)",
        "(let-values (((a b) (values 1 2))) (+ a b))",
        "(define-record-type point (make-point x y) point? (x point-x)) (point-x (make-point 1 2))",
        "(define-macro (swap a b) (list 'list b a)) (swap 1 2)",
        "(define (helper x) (list 'quote x)) (define-macro (use x) (helper x)) (display (use (a b)))",
        "(define table (list 1)) (define-macro (use x) (list 'quote (cons x table))) (use 2)",
        "(order-by (changes) (desc timestamp))",
        "(define when 5) (display when)",
        "(define (f unused) (let ((_x 1)) (guard (e (#t 0)) 1)))",
        "(let-values (((a b) (values 1 2))) a) (receive (c . d) (values 1 2) c)",
        "(define (f x) (case x ((1) 'one) (else (do ((i 0 (+ i 1))) ((= i 3)) (display i)))))",
        "(match '(1 2) ((a b) a))",
        "(let ((x 1)) (set! x 2) x) (define (g) (let ((x 1)) (lambda () x)))",
        "(define unused-at-top-level 1)",
        "(load (string-append \"a\" \"b\")) (from-there 1)",
        "(display \"it is not run\") (car 5) (error \"no\") (exit 3)",
    ],
)  # fmt: skip
def test_nothing_to_find(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(text) == []
    assert capsys.readouterr().out == ""


def test_macros_that_never_end_are_findings_among_others() -> None:
    text = """(define-macro (spin) (let loop () (loop)))
(define (f) (spin))
(define-syntax m (syntax-rules () ((_) (m))))
(define (g) (m))
(fooo)"""
    problems = found(text, seconds=0.5)
    assert [each.code for each in problems] == ["limit", "limit", "unbound"]
    assert all(each.span is not None for each in problems)


def test_what_a_loaded_file_defines_is_known(tmp_path: Path) -> None:
    other = tmp_path / "other.sexp"
    other.write_text("(define (from-there x) x) (define-syntax twice (syntax-rules () ((_ x) (+ x x))))")
    assert told(f'(load "{other}") (twice (from-there 1)) (from-there) (from-nowhere)') == [
        f"1:{len(str(other)) + 34} warning arity: from-there got 0 arguments",
        f"1:{len(str(other)) + 48} warning unbound: nothing is called from-nowhere",
    ]


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*.sexp")), ids=lambda path: path.stem)
def test_the_examples_are_clean(path: Path) -> None:
    assert [each.message for each in found(path.read_text(encoding="utf-8"))] == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, endless = (tmp_path / name for name in ("good.sexp", "bad.sexp", "endless.sexp"))
    good.write_text("(define (f) 1) (f)")
    bad.write_text("(define (f x) x)\n(f)\n(display (fooo))")
    endless.write_text("(define-syntax m (syntax-rules () ((_) (m))))\n(m)")
    assert check.run([str(good)]) == 0
    assert capsys.readouterr() == ("", "")
    assert check.run([str(good), str(bad)]) == 1
    assert f"warning[arity] f got 0 arguments\n  --> {bad}:2:1\n" in capsys.readouterr().err
    assert check.run([str(endless)]) == 3
    assert f"{endless}:2:1" in capsys.readouterr().err
    assert check.run(["--json", str(bad)]) == 1
    rows = [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]
    assert [(row["code"], row["line"], row["column"], row["severity"]) for row in rows] == [
        ("arity", 2, 1, "warning"),
        ("unbound", 3, 11, "warning"),
    ]


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        ("(define (f x) (* x (car '(1))))", ["pure"]),
        ("(display (map car '((1))))", ["output", "pure"]),
        ('(with-output-to-file "x" newline)', ["mutate", "output", "pure", "write-file"]),
        ("(define (f) (now)) (random 5)", ["clock", "random"]),
        ("(define (write-file . x) 1) (write-file 2)", []),
        ("(time (f))", ["clock", "output", "pure"]),
    ],
)
def test_effects_are_told_without_running(text: str, effects: list[str]) -> None:
    with Session() as session:
        assert session.effects(text) == effects


def test_what_would_be_denied() -> None:
    text = '(define (save) (write-file "x" "y"))\n(open-input-file "x")\n(messages)'
    with Session() as session:
        assert session.check(text) == []
        problems = session.check(text, "my.sexp", Capabilities("workspace"))
        assert [(each.code, str(each.span), each.hint) for each in problems] == [
            ("denied", "my.sexp:1:17", "run it with --allow write"),
            ("denied", "my.sexp:2:2", "run it with --allow read"),
        ]
        assert session.check(text, "my.sexp", Capabilities.all()) == []


def test_the_command_tells_effects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.sexp"
    path.write_text('(write-file "x" "y")')
    assert check.run(["--effects", str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{path}: write-file\n"
    assert "warning[denied] write-file needs the capability 'write'" in shown.err
    assert check.run(["--json", "--effects", "--allow", "write", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(path), "effects": ["write-file"]}
