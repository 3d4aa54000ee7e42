"""What people bring from other languages, and how it is written here: a table of names, and one of patterns.

Each row has a sample that fails and is answered with its hint; the tests run them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from chorus.interpreter.reader_errors import SKELETON
from chorus.runtime.errors import ChorusError, Span, UnboundName
from chorus.runtime.instants import DAY_WORDS

RECORD = "write (define-record-type name (make-name field …) name? (field accessor) …)"

# (name, a text that fails because nothing is called so, how it is written here)
NAMES = (
    ("nil", "(list 1 nil)", "the empty list is '(), false is #f"),
    ("t", '(format t "~a" 1)', "true is #t"),
    ("true", "(if true 1 2)", "true is #t"),
    ("false", "(if false 1 2)", "false is #f"),
    ("True", "(= 1 True)", "true is #t"),
    ("False", "False", "false is #f"),
    ("TRUE", "(if TRUE 1 2)", "true is #t"),
    ("None", "(list None)", "there is no None: '() is the empty list, #f is false"),
    ("null", "(cons 1 null)", "'() is the empty list; (null? x) tests for it"),
    ("undefined", "(list undefined)", "(void) is the value that says nothing; false is #f"),
    ("setq", "(setq x 5)", "write (set! name value)"),
    ("set", "(set x 5)", "write (set! name value)"),
    (
        "setf",
        "(setf (car x) 5)",
        "write (set! name value), (set-car! pair value) or (hash-set! table key value)",
    ),
    ("incf", "(incf x)", "write (set! name (+ name 1))"),
    ("1+", "(1+ 5)", "write (+ n 1)"),
    ("add1", "(add1 5)", "write (+ n 1)"),
    ("sub1", "(sub1 5)", "write (- n 1)"),
    ("push", "(push 1 items)", "write (set! name (cons value name))"),
    ("defun", "(defun f (x) x)", "write (define (name parameter …) body …)"),
    ("defn", "(defn f [x] x)", "write (define (name parameter …) body …)"),
    ("def", "def f(x): return x", "write (define name value) or (define (name parameter …) body …)"),
    ("fun", "(fun (x) x)", "write (lambda (parameter …) body …)"),
    ("var", "(var x 5)", "write (define name value)"),
    ("const", "const x = 5", "write (define name value)"),
    ("defvar", "(defvar x 5)", "write (define name value)"),
    ("defparameter", "(defparameter x 5)", "write (define name (make-parameter value))"),
    ("defmacro", "(defmacro m (x) x)", "write (define-macro (name parameter …) body …) or define-syntax"),
    ("defstruct", "(defstruct point x y)", RECORD),
    ("class", "class Point", RECORD),
    ("fn", "(fn [x] x)", "write (lambda (parameter …) body …)"),
    ("function", "(function car)", "write (lambda (parameter …) body …); a procedure's own name stands for it"),
    ("progn", "(progn 1 2)", "write (begin form …)"),
    ("funcall", "(funcall car (list 1))", "write (f argument …): a procedure is called by its name"),
    ("loop", "(loop for i in '(1 2))", "write (for-each (lambda (x) …) list), or (let loop ((i 0)) …)"),
    ("error?", "(error? 5)", "write (error-object? value)"),
    ("mapcar", "(mapcar car '((1)))", "write (map f list)"),
    ("nth", "(nth 0 '(1))", "write (list-ref list index)"),
    ("dolist", "(dolist (x '(1 2)) (print x))", "write (for-each (lambda (x) …) list)"),
    ("return", "(define (f) (return 5)) (f)",
     "a body's last form is its value; (call/cc (lambda (return) …)) leaves early"),
    ("elif", "(elif #t 1)", "write (cond (test value …) … (else value …))"),
    ("else", "(if #f 1 (else 2))", "else stands in cond and case: (cond (test value …) (else value …))"),
    ("switch", "(switch 1 (1 2))", "write (case value ((datum …) result …) … (else result …))"),
    ("for", "(for [x '(1 2)] x)", "write (for-each (lambda (x) …) list)"),
    ("foreach", "(foreach x '(1))", "write (for-each (lambda (x) …) list)"),
    ("try", "(try (car 5) (catch e 2))", "write (guard (problem (#t what to do)) body …)"),
    ("catch", "(catch 5)", "write (guard (problem (#t what to do)) body …)"),
    ("throw", "(throw 5)", "write (raise value) or (error message value …)"),
    ("println", "(println 1)", "write (print value …), or (display value) (newline)"),
    ("printf", '(printf "~a" 1)', 'write (display (format "~a" value))'),
    ("puts", '(puts "hi")', "write (print value …)"),
    ("echo", '(echo "hi")', "write (print value …)"),
    ("require", '(require "x")', 'write (import (library name)) or (load "file.sexp")'),
    ("use", "(use lists)", 'write (import (library name)) or (load "file.sexp")'),
    ("=>", "(=> 1)", "=> stands in cond: (cond (test => procedure))"),
    ("==", "(== 1 2)", "write (= a b) for numbers, (equal? a b) for anything"),
    ("eq", "(eq 1 1)", "write (eq? a b), (= a b) for numbers, (equal? a b) for anything"),
    ("equal", "(equal 1 1)", "write (equal? a b)"),
    ("!=", "(!= 1 2)", "write (not (= a b))"),
    ("<>", "(<> 1 2)", "write (not (= a b))"),
    ("!", "(! #t)", "write (not value)"),
    ("&&", "(&& #t #f)", "write (and a b)"),
    ("", "(|| #t #f)", "write (or a b); || is the name without letters"),
    ("**", "(** 2 3)", "write (expt base exponent)"),
    ("%", "(% 7 2)", "write (modulo a b)"),
    ("mod", "(mod 7 2)", "write (modulo a b)"),
    ("//", "// a comment", "; begins a comment; (quotient a b) divides without rest"),
    ("/*", "/* a comment */", "#| and |# stand around a comment"),
    ("--", "-- a comment", "; begins a comment"),
    ("help", "(help)", '(apropos "word") finds names, (doc name) describes one; at the prompt .help and ?name'),
    ("describe", "(describe car)", "write (doc name), or ?name at the prompt"),
    ("quit", "(quit)", "write (exit); at the prompt Ctrl-D leaves"),
    ("bye", "(bye)", "write (exit); at the prompt Ctrl-D leaves"),
    ("SELECT", "SELECT * FROM messages", "write (select (messages) column …), (where table condition) and the like"),
    ("FROM", "FROM messages", "the table comes first: (select (messages) column …)"),
    ("WHERE", "(WHERE x)", "write (where table condition), as in (where (messages) (contains? content \"lag\"))"),
    ("head", "(head '(1))", "write (limit table n) of a table, (take list n) or (car list) of a list"),
    ("tail", "(tail '(1))", "write (cdr list), or (order-by table (desc column)) and (limit table n) of a table"),
    ("range", "(range 5)", "write (iota count) or (iota count first)"),
    ("sum", "(sum '(1 2))", "write (apply + list); over a column (aggregate table (total (sum column)))"),
    ("open", '(open "x")', "write (open-input-file name), (read-file name), or (ingest name) for what players wrote"),
    ("len", '(len "abc")', "write (length list) or (string-length text)"),
    ("str", "(str 1 2)", 'write (string-append a b) or (format "~a" value)'),
    ("concat", '(concat "a" "b")', "write (append list …) or (string-append text …)"),
    ("current-time", "(current-time)", "(now) is the instant, (current-second) a number of seconds"),
    ("zerop", "(zerop 0)", "write (zero? n)"),
    ("nullp", "(nullp 1)", "write (null? x)"),
    ("atom", "(atom 1)", "write (not (pair? x))"),
    *((day, f"(moment-called {day})", f'a day is a text: "{day}"') for day in DAY_WORDS),
    ("contains?", '(contains? "abc" "b")', "for columns only; of a text (string-contains text part)"),
    ("starts-with?", '(starts-with? "abc" "a")', "for columns only; of a text (string-prefix? part text)"),
    ("ends-with?", '(ends-with? "abc" "c")', "for columns only; of a text (string-suffix? part text)"),
    ("matches?", '(matches? "abc" "b")', "for columns only; of a text (regex-match? pattern text)"),
    ("lower", '(lower "A")', "for columns only; of a text (string-downcase text)"),
    ("upper", '(upper "a")', "for columns only; of a text (string-upcase text)"),
    ("replace", '(replace "abc" "b" "x")', "for columns only; of a text (string-replace text part other)"),
    ("year", "(year (now))", "for columns only; of an instant (instant-year instant)"),
    ("weekday", "(weekday (now))", "for columns only; of an instant (instant-weekday instant)"),
)  # fmt: skip
REPAIRS = {name: hint for name, _, hint in NAMES}

COMMA = "a comma parts nothing: elements stand beside each other, as in (1 2); ,x stands in a quasi-quote: `(1 ,x)"
EQUALS = "write (define x 3) for a new name, (set! x 3) for one that is there"
TABLE = "a table is no list: (count table) counts its rows, (limit table n) takes some, (table->rows table) lists them"
COLON = 'no colons and no commas: {"a" 1 "b" 2}'
OPERATOR = r"(?:[-+*/<>=]|[<>=!]=|and|or)"


class Pattern(NamedTuple):
    """An error with CODE whose message, and the source on its line before, at and after its place, are like these."""

    sample: str
    code: str
    hint: str
    message: str = ""
    before: str = ""
    at: str = ""
    after: str = ""


PATTERNS = (
    Pattern("[1,2]", "unbound", COMMA, message="nothing is called unquote"),
    Pattern("(list 1, 2)", "unbound", COMMA, message="nothing is called unquote"),
    Pattern("{a, b}", "unbound", COMMA, message="nothing is called unquote"),
    Pattern("x = 3", "unbound", EQUALS, after=r"^\s*=\s"),
    Pattern("(x = 3)", "unbound", EQUALS, after=r"^\s*=\s"),
    Pattern("(define x = 3)", "syntax", "no = is written: (define name value)", at=r"^\(define\s+\S+\s+=\s"),
    Pattern("i += 1", "unbound", "write (set! i (+ i 1))", after=r"^\s*[-+*/]=\s"),
    Pattern("(i++)", "unbound", "write (set! i (+ i 1))", message=r"nothing is called \S+(\+\+|--)$"),
    Pattern("f(x)", "unbound", "the parenthesis comes before the name: (f x)", after=r"^\("),
    Pattern('print("hi")', "not-procedure", "the parenthesis comes before the name: (f x)", before=r"[\w?!*-]$"),
    Pattern("x[0]", "unbound", "write (list-ref x 0), (vector-ref x 0) or (hash-ref x key)", after=r"^\["),
    Pattern("(ingest export.json)", "unbound", 'the name of a file is a text: "export.json"',
            message=r"nothing is called \S+\.(json|jsonl|csv|parquet|gz|zst|txt|sexp|html)$"),
    Pattern("player.name", "unbound", "a dot reaches into nothing: (hash-ref player :name), or a record's accessor",
            message=r"nothing is called [A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+$"),
    Pattern('(.length "s")', "unbound", "there are no methods: write (procedure thing argument …)",
            message=r"nothing is called \.[A-Za-z]"),
    Pattern("(1 + 2)", "not-procedure", "the operator comes first: (+ 1 2)", at=rf"^[(\[]\s*\S+\s+{OPERATOR}\s"),
    Pattern("0x1F", "unbound", "write #x1F", message=r"nothing is called 0[xX][0-9a-fA-F]+$"),
    Pattern("1_000", "unbound", "digits stand together: 1000", message=r"nothing is called [0-9]+(_[0-9]+)+$"),
    Pattern("(print @x)", "unbound", "a value is its name, without a mark before it",
            message="nothing is called [@$&^~][A-Za-z]"),
    Pattern('(= "a" "b")', "type", "(equal? a b) compares anything, (string=? a b) texts", message=r'^=: .* not "'),
    Pattern('(< "a" "b")', "type", "(string<? a b) and the like compare texts", message=r'^[<>]=?: .* not "'),
    Pattern("(+ \"a\" \"b\")", "type", "(string-append a b) joins texts; (string->number text) makes a number of one",
            message=r'^[-+*/<>=]+: .* not "'),
    Pattern('(length "abc")', "type", "write (string-length text)", message=r'^length: .* not "'),
    Pattern("(length (rows->table '({:a 1})))", "type", TABLE, message="(not|got) #<table "),
    Pattern('(string-append "a" 1)', "type", "(number->string n) makes a text of a number",
            message=r"^string-append: .* not -?[0-9]"),
    Pattern("(if #t then 1 else 2)", "syntax", "no words between the parts: (if test value otherwise)",
            message="^if: ", at=r"^[(\[]if\b.*\sthen\s"),
    Pattern("(case 1 (1 2))", "type", "the data of a clause stand in parentheses: ((1) result …)",
            message="^memv: items", at=r"^[(\[]case\s"),
    Pattern("#'car", "read-hash", "a procedure's name stands for it: car", at="^#", after="^'"),
    Pattern("(lambda (x #!optional y) y)", "read-hash", "an optional parameter is written [y default]",
            message="begins with #!(optional|default)"),
    Pattern("#!eof", "read-hash", "(eof-object) makes it", message="begins with #!eof"),
    Pattern("(not !x)", "unbound", "write (not x)", message="nothing is called ![A-Za-z]"),
    Pattern("# a comment", "read-hash", "; begins a comment", message="begins with #$", after=r"^(\s|$)"),
    Pattern("'hello'", "read-dangling", 'a text stands between double quotes: "hello"', before=r"'[^\s'()]+$", at="^'"),
    Pattern('{"a": 1}', "read-table", COLON, before=r'"\s*:\s*$'),
    Pattern('{"a": 1, "b": 2}', "unbound", COLON, message="nothing is called :$", before=r'"\s*$'),
)  # fmt: skip


def explain(
    error: ChorusError, line_of: Callable[[str, int], str | None], names: Callable[[], Iterable[str]]
) -> None:
    """Give ERROR the hint of the habit that it comes from, if it is one of the table's.

    LINE_OF: the text of a line of a file. NAMES: what is bound.
    """
    line = line_of(error.span.file, error.span.line) if error.span is not None else None
    if error.span is None or line is None:
        return
    likely = (each for each in PATTERNS if each.code == error.code)
    pattern = next((each for each in likely if _is_like(each, error, error.span, line)), None)
    if pattern is not None:
        error.hint = pattern.hint
    elif isinstance(error, UnboundName) and error.hint not in REPAIRS.values():
        head = _head_around(line, error.span.column - 1)
        if head in REPAIRS and head not in set(names()):
            error.hint = f"nothing is called {head}: {REPAIRS[head]}"


def _is_like(pattern: Pattern, error: ChorusError, span: Span, line: str) -> bool:
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    parts = (
        (pattern.message, error.message),
        (pattern.before, line[:start]),
        (pattern.at, line[start:end]),
        (pattern.after, line[end:]),
    )
    return all(re.search(wanted, text) for wanted, text in parts)


def _head_around(line: str, column: int) -> str | None:
    """The first name of the outermost list of LINE that is open at COLUMN and begins with a name of the table."""
    openers: list[int] = []
    for found in SKELETON.finditer(line, 0, column):
        if found["open"]:
            openers.append(found.end())
        elif found["close"] and openers:
            openers.pop()
    heads = (re.match(r"[^\s()\[\]{}]+", line[at:]) for at in openers)
    return next((head[0] for head in heads if head is not None and head[0] in REPAIRS), None)
