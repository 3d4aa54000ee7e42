"""Strings that a program makes can be changed, and programs that change none pay nothing for it (R7RS 6.7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.interpreter.changing import MAKERS

MADE = {
    "string-append": '(string-append "ab" "cd")',
    "substring": '(substring "abcde" 1 3)',
    "number->string": "(number->string 42)",
    "utf8->string": "(utf8->string #u8(65 66))",
    "get-output-string": "(let ((p (open-output-string))) (write 'abc p) (get-output-string p))",
    "read-line": '(read-line (open-input-string "abc"))',
    "read-string": '(read-string 2 (open-input-string "abc"))',
    "string-upcase": '(string-upcase "abc")',
    "string-downcase": '(string-downcase "ABC")',
    "string-foldcase": '(string-foldcase "ABC")',
    "string-reverse": '(string-reverse "abc")',
    "string-join": '(string-join (list "a" "b"))',
    "string-repeat": '(string-repeat "ab" 2)',
    "string-replace": '(string-replace "abc" "c" "d")',
    "string-pad-left": '(string-pad-left "a" 3)',
    "string-pad-right": '(string-pad-right "a" 3)',
    "string-trim": '(string-trim " a ")',
    "string-trim-left": '(string-trim-left " a")',
    "string-trim-right": '(string-trim-right "a ")',
    "format": '(format "~a" 12)',
}
OF_THE_STDLIB = {
    "string-map": '(string-map char-upcase "abc")',
    "with-output-to-string": "(with-output-to-string (lambda () (display 123)))",
    "call-with-output-string": "(call-with-output-string (lambda (p) (display 123 p)))",
    "list->string": "(list->string (list #\\a))",
    "string-copy": '(string-copy "abc")',
}


def test_every_maker_has_a_sample():
    assert set(MADE) == set(MAKERS)


@pytest.mark.parametrize("form", [*MADE.values(), *OF_THE_STDLIB.values()], ids=[*MADE, *OF_THE_STDLIB])
def test_what_is_made_can_be_changed(form: str):
    with Session() as session:
        before = session.eval(form)
    with Session() as session:
        assert session.eval(f"(define s {form}) (define t s) (string-set! s 0 #\\?) t") == "?" + before[1:]


def test_literals_and_names_of_symbols_stay():
    for form in ('"abc"', "(symbol->string 'abc)"):
        with Session() as session, pytest.raises(ChorusError, match="cannot be changed"):
            session.eval(f"(string-set! {form} 0 #\\x)")


def test_who_changes_no_string_pays_nothing():
    with Session() as session:
        code = session.eval(
            "(define (f a b) (string-append a b)) (with-output-to-string (lambda () (disassemble f)))"
        )
        assert "a + b" in code
        assert not session.space.foundation.changing


def test_code_from_before_makes_them_too():
    with Session() as session:
        session.eval('(define (twice a) (string-append a a)) (define old (twice "ab"))')
        assert session.eval('(let ((s (twice "ab"))) (string-set! s 1 #\\x) s)') == "axab"
        with pytest.raises(ChorusError, match="cannot be changed") as caught:
            session.eval("(string-fill! old #\\x)")
        assert "before the program first named" in caught.value.hint


def test_a_form_that_is_evaluated_alone_counts():
    with Session() as session:
        session.eval('(define set-it (eval (string->symbol (string-append "string-" "set!"))))')
        assert session.eval('(let ((s (string-append "a" "b"))) (set-it s 0 #\\x) s)') == "xb"


def test_a_redefinition_stays_and_can_be_taken_back():
    with Session() as session:
        session.eval("(set! string-append (lambda all 'mine))")
        assert (
            str(session.eval('(define s (string-copy "ab")) (string-set! s 0 #\\x) (string-append s s)'))
            == "mine"
        )
    with Session() as session:
        session.eval("(define (substring . all) 'mine)")
        assert (
            session.eval('(define s (string-append "ab")) (string-fill! s #\\x) (list s (substring s 1))')[0]
            == "xx"
        )


def test_in_libraries_and_under_other_names(tmp_path: Path):
    text = """
      (define-library (a) (export make)
        (import (prefix (scheme base) b:))
        (begin (b:define (make) (b:let ((s (b:string-append "ab" "c"))) (b:string-fill! s #\\-) s))))
      (import (a)) (make)"""
    with Session() as session:
        assert session.eval(text) == "---"
    (tmp_path / "f.sexp").write_text('(define s (substring "abc" 1)) (string-set! s 0 #\\x)')
    with Session(allow=Capabilities.all()) as session:
        assert session.eval(f'(load "{tmp_path}/f.sexp") s') == "xc"


def test_frozen_definitions_go_on_so():
    with Session() as session:
        session.eval('(define (f) (let ((s (string-append "a" "b"))) (string-set! s 0 #\\x) s)) (f)')
        base = session.freeze()
    with Session(base=base) as session:
        assert session.eval("(f)") == "xb"


def test_errors_are_the_same():
    forms = [
        "(string-append 1)",
        "(substring)",
        '(substring "a" 2)',
        "(number->string 'a)",
        '(read-line "a")',
    ]
    for form in forms:
        told = []
        for change in ("", "(string-fill! (make-string 1) #\\x)"):
            with Session() as session, pytest.raises(ChorusError) as caught:
                session.eval(f"{change} {form}")
            told.append((caught.value.code, caught.value.message, [each.name for each in caught.value.stack]))
        assert told[0] == told[1]


def test_a_changed_string_is_read_as_it_is_now():
    with Session() as session:
        text = """
          (define s (make-string 3 #\\a))
          (define before (string-append s "!"))
          (string-set! s 1 #\\b) (define mid (string-append s "!"))
          (string-copy! s 0 s 1 3) (string-set! s 2 #\\z)
          (list before mid s (string-length s) (string-ref s 0) (string=? s "baz") (equal? s "baz") (string->list s))"""
        values = session.eval(text)
        assert values[:7] == ["aaa!", "aba!", "baz", 3, values[4], True, True]


def test_what_makes_them_is_documented_as_ever():
    with Session() as session:
        session.eval('(string-set! (string-copy "ab") 0 #\\x)')
        found = session.describe("string-append")
        assert found["kind"] == "primitive" and "one after another" in found["doc"]
