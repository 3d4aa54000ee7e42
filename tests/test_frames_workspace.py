"""Definitions in a workspace: what is kept, what opening one costs, frames as files, merging."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.printer import write
from chorus.runtime.store.journal import chain
from chorus.runtime.store.store import Store


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


KEPT = [
    ("(define (f x) \"Doc.\" (* 2 x))", "(list (f 2) (get (documentation 'f) :doc))", '(4 "Doc.")'),
    ("(define n (begin (set! runs (+ runs 1)) 5)) (define m n)", "(list n m runs)", "(5 5 1)"),
    ("(define t (make-hash-table)) (hash-set! t 'a '(1 #(2)))", "t", "{a (1 #(2))}"),
    ("(define v (vector 1 2)) (define (put!) (vector-set! v 0 'new)) (put!)", "v", "#(new 2)"),
    ("(define c 0) (define (count!) (set! c (+ c 1))) (count!) (count!)", "c", "2"),
    ("(define-record-type point (make-point x) point? (x point-x))", "(point-x (make-point 3))", "3"),
    ("(define-syntax twice (syntax-rules () ((_ e) (begin e e)))) (define (g) (twice 'x))", "(g)", "x"),
    ("(define (g) (later 1)) (define (later x) (list x)) (define-syntax m (syntax-rules () ((_) 'm)))", "(g)", "(1)"),
    ("(define-syntax m (syntax-rules () ((_) 1))) (define (g) (m)) (define-syntax m (syntax-rules () ((_) 2)))",
     "(list (m) (g))", "(2 2)"),
    ("(set! car cdr) (set! car (lambda (x) 'mine))", "(list (car '(1)) (map car '((1))))", "(mine (mine))"),
    ("(define (a) 1) (define b 2) (rollback! 'v2)", "(list (a) (guard (e (#t 'unbound)) (eval 'b)))", "(1 unbound)"),
    ("(define (fact n) (if (= n 0) 1 (* n (fact (- n 1)))))", "(fact 5)", "120"),
    ("(define (ev? n) (or (= n 0) (od? (- n 1)))) (define (od? n) (and (> n 0) (ev? (- n 1))))", "(ev? 7)", "#f"),
    ("(define |odd name| \"a\\n\\\"b\\\"\")", "|odd name|", '"a\\n\\"b\\""'),
    ("(begin (define (f) 3) (define y 1/2)) (define-values (p q) (values 4 #u8(5)))", "(list (f) y p q)",
     "(3 1/2 4 #u8(5))"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "ask", "answer"), KEPT)
def test_what_is_kept_is_there_in_the_next_session(
    tmp_path: Path, program: str, ask: str, answer: str
) -> None:
    with Session(tmp_path, persist=True) as session:
        session.eval("(define runs 0)")
        session.eval(program)
        named = session.environment_version
    for persist in (True, True):
        with Session(tmp_path, persist=persist) as session:
            assert session.environment_version == named
            assert shown(session, ask) == answer
    with Session(tmp_path) as session:
        assert session.own_names() == [] and session.environment_version == "base"


def test_what_cannot_be_written_down_is_said_to_be_missing(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as session:
        session.eval("(define p (make-parameter 1)) (define n 1)")
        assert session.versions.unkept == {"p"}
        session.eval("(define n car)")
        assert session.versions.unkept == {"p", "n"}
    with Session(tmp_path, persist=True) as session:
        assert session.own_names() == []
        assert (
            shown(session, "(get (first (environment-history 'p)) :definition)")
            == "(define p (make-parameter 1))"
        )
        session.eval("(rollback! 'v2)")
        assert session.eval("n") == 1


def test_a_kept_definition_that_fails_does_not_take_the_rest_with_it(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as session:
        session.register("transformer", lambda form: 5)
        session.eval("(define ok 1) (define-syntax m (er-macro-transformer transformer)) (define (f) ok)")
    with Session(tmp_path) as session:
        ((text, error),) = session.keep(False)
        assert text == "(define-syntax m (er-macro-transformer transformer))" and error.code == "unbound"
        assert session.eval("(list ok (f))") == [1, 1]


def test_persist_takes_what_was_defined_before(tmp_path: Path) -> None:
    with Session(tmp_path, allow=Capabilities.all()) as session:
        session.eval("(define (f) 1) (define n (+ 1 1)) (set! n 3)")
        assert not (tmp_path / "journal.sexp").exists()
        assert shown(session, "(persist!)") == "v1"
        session.eval("(define (g) (f))")
    with Session(tmp_path, persist=True) as session:
        assert session.eval("(list (g) n)") == [1, 3]
        assert (
            shown(session, "(get (second (environment-history)) :reason)")
            == '"defined before it was to be kept"'
        )
    with Session(allow=Capabilities.all()) as session, pytest.raises(ChorusError, match="no workspace"):
        session.eval("(persist!)")


def test_nothing_is_written_before_something_is_defined(tmp_path: Path) -> None:
    with Session(tmp_path / "w", persist=True) as session:
        session.eval("(+ 1 2)")
    assert not (tmp_path / "w").exists()


def test_definitions_of_an_earlier_chorus_are_taken_over(tmp_path: Path) -> None:
    from chorus.interpreter.faces.persistence import Definitions

    with Store.open(tmp_path) as store:
        parent, at = "", store.rows("SELECT now()::TIMESTAMP")[0][0]
        for seq, text in enumerate(("(define (f x) (* 2 x))", "(define n '8)"), 1):
            digest = chain(parent, seq, at, text, "defined by a person")
            row = [seq, at, text, "defined by a person", parent, digest]
            store.write("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", row)
            parent = digest
    (tmp_path / "definitions").touch()
    for keep in (False, True, False):
        with Session(tmp_path, allow=Capabilities.all()) as session:
            Definitions(session, keep).restore()
            assert session.eval("(f n)") == 16
    assert (tmp_path / "journal.sexp").exists()


def test_opening_compiles_nothing_that_is_not_used(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as session:
        text = "\n".join(
            f"(define (f{i} x) (let loop ((n x)) (if (> n {i}) n (loop (+ n 1)))))" for i in range(100)
        )
        session.eval('(%import-frame text "many")', text=text)
    with Session(tmp_path, persist=True) as session:
        flags = session.space.flags
        assert session.eval("(f7 0)") == 8
        assert session.space.flags - flags < 5
        assert shown(session, "(map (lambda (f) (f 0)) (list f1 f2))") == "(2 3)"


def test_a_base_of_restored_definitions_stands_by_itself(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as session:
        session.eval("(define n 1) (define (f) (set! n (+ n 1)) n)")
    with Session(tmp_path, persist=True) as session:
        base = session.freeze()
        with base.session() as one, base.session() as other:
            assert one.eval("(list (f) (f))") == [2, 3] and other.eval("(f)") == 2
        assert session.eval("n") == 1


def test_going_back_among_five_hundred_definitions_is_quick(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as session:
        for value in (1, 2):
            text = "\n".join(f"(define (f{i} x) (+ x {value})) (define d{i} {value})" for i in range(250))
            session.eval('(%import-frame text "all")', text=text)
    with Session(tmp_path, persist=True) as session:
        began = time.process_time()
        session.eval("(rollback! 'v1)")
        assert time.process_time() - began < 1
        assert session.eval("(list (f0 0) (f249 0) d17)") == [1, 1, 1]


# — files —


def test_an_exported_frame_runs_by_itself(tmp_path: Path) -> None:
    path = str(tmp_path / "frame.sexp")
    with Session(allow=Capabilities.all()) as session:
        session.eval("(define (g) (twice (f 2))) (define-syntax twice (syntax-rules () ((_ e) (list e e))))")
        session.eval("(define (g) (twice (f 2))) (define (f x) (* x n)) (define n 3) (define gone 1)")
        session.eval("(define-record-type point (make-point x) point? (x point-x)) (rollback! 'v5)")
        session.eval("(set! cadr (lambda (x) 'mine)) (export-frame path)", path=path)
        session.eval("(export-frame old :version 'v1)", old=f"{path}.old")
    with Session(allow=Capabilities.all()) as session:
        session.eval("(load path)", path=path)
        assert shown(session, "(list (g) (cadr '(1 2)))") == "((6 6) mine)"
    with Session(allow=Capabilities.all()) as session:
        assert shown(session, f'(import-frame "{path}" :frame \'swarm)') == "v1"
        assert shown(session, "(list (g) (cadr '(1 2)))") == "((6 6) mine)"
        session.eval("(rollback! 'base)")
        assert shown(session, "(cadr '(1 2))") == "2"
        assert session.own_names() == []
    assert (tmp_path / "frame.sexp.old").read_text().splitlines()[1:] == ["(define (g) (twice (f 2)))"]


def test_an_import_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "bad.sexp"
    path.write_text("(define a 2)\n(define (f) 'new)\n(define b (car '()))\n")
    with Session(allow=Capabilities.all()) as session:
        session.eval("(define a 1)")
        with pytest.raises(ChorusError):
            session.eval("(import-frame path)", path=str(path))
        assert session.eval("a") == 1 and session.versions.history.number == 1
        for name in ("f", "b"):
            with pytest.raises(ChorusError, match="nothing is called"):
                session.eval(name)


# — merging —

MERGES = [  # base, ours, theirs, merged
    ("(define a 1)", "(define a 1)", "(define a 1)", "(define a 1)"),
    ("(define a 1)", "(define a 2)", "(define a 1)", "(define a 2)"),
    ("(define a 1)", "(define a 1)", "(define a 2)", "(define a 2)"),
    ("(define a 1)", "(define a 2)", "(define a 2)", "(define a 2)"),
    ("(define a 1) (define b 1)", "(define b 1)", "(define a 1) (define b 2)", "(define b 2)"),
    ("", "(define a 1)", "(define (b) 2)", "(define a 1) (define (b) 2)"),
    ("(define a 1)", "(define a 1)", "", ""),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), MERGES)
def test_three_ways_become_one(base: str, ours: str, theirs: str, merged: str) -> None:
    with Session() as session:
        ask = f"(merge-frames '({base}) '({ours}) '({theirs}))"
        assert shown(session, f"(get {ask} :conflicts)") == "()"
        assert shown(session, f"(get {ask} :definitions)") == f"({merged})"


def test_conflicts_are_shown_and_settled() -> None:
    with Session() as session:
        session.eval("(define (f) 1) (define n 1) (define (f) 2) (define m 5) (rollback! 'v2)")
        session.eval("(define (f) 3) (set! n 7)")
        ask = "(merge-frames 'v2 'v4 'now {})"
        conflicts = shown(session, f"(get {ask.format('')} :conflicts)")
        assert conflicts == "({:name f :base (define (f) 1) :ours (define (f) 2) :theirs (define (f) 3)})"
        with pytest.raises(ChorusError, match="changed on both sides") as caught:
            session.eval(ask.format(":adopt #t"))
        assert caught.value.code == "conflict" and ":prefer" in caught.value.hint
        assert session.eval("(list (f) n)") == [3, 7]
        assert shown(session, f"(get {ask.format(':adopt #t :prefer (quote ours)')} :version)") == "v8"
        assert session.eval("(list (f) n m)") == [2, 7, 5]
        session.eval("(undo!)")
        assert session.eval("(list (f) n)") == [3, 7]


def test_what_an_adopted_merge_does_not_tell_of_stays() -> None:
    with Session() as session:
        session.eval("(define mine 5) (define a 1) (define old 1)")
        ask = "(merge-frames '((define a 1) (define old 1)) '((define a 2) (define old 1)) '((define a 1)) :adopt #t)"
        session.eval(ask)
        assert session.eval("(list mine a)") == [5, 2] and session.own_names() == ["mine", "a"]


def test_differences_read_well() -> None:
    with Session() as session:
        session.eval(
            "(define (f x) (let ((y (* 2 x))) (if (> y 10) (list 'big y) (list 'small y)))) (define gone 1)"
        )
        session.eval("(define (f x) (let ((y (* 3 x))) (if (> y 10) (list 'big y) (list 'small y 'really))))")
        session.eval("(define new '(1 2))")
        assert shown(session, "(environment-diff 'v2 'now)") == (
            "((changed f (define (f x) (let ((y (* (:was 2 :now 3) x))) (if (> y 10) (list 'big y) "
            "(list 'small y (:now 'really)))))) (added new (define new '(1 2))))"
        )
        assert session.eval("(present (environment-diff 'v2 'now))").splitlines() == [
            "f changed",
            "    (define (f x)",
            "  -   (let ((y (* 2 x))) (if (> y 10) (list 'big y) (list 'small y))))",
            "  +   (let ((y (* 3 x))) (if (> y 10) (list 'big y) (list 'small y 'really))))",
            "new added",
            "  + (define new '(1 2))",
        ]
        session.eval('(rewrite new (list 3) :reason "the team\\n asked")')
        assert session.eval("(present (environment-diff 'v4 'now))").startswith(
            "new changed  ; the team asked\n"
        )
        session.eval("(rollback! 'v4)")
        assert shown(session, "(environment-diff 'now)") == "()"
        assert shown(session, "(map car (environment-diff 'now 'v1))") == "(changed removed removed)"
