"""`chorus fmt` changes layout only, and a second time changes nothing."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chorus.interpreter.faces.cli import main
from chorus.interpreter.faces.commands import fmt
from chorus.interpreter.formatter import format_source
from chorus.interpreter.reader import read_forms
from chorus.runtime.errors import ReadError
from chorus.runtime.printer import write

ROOT = Path(fmt.__file__).parents[3]

SAMPLES = {
    "(define (f x)\n(let ((a 1)\n(b 2))\n(+ a\nb)))": (
        "(define (f x)\n  (let ((a 1)\n        (b 2))\n    (+ a\n       b)))\n"
    ),
    "(foo\nbar\n)\n": "(foo\n  bar)\n",
    "(query (type prediction)\n(target churn))": "(query (type prediction)\n       (target churn))\n",
    "'(a b\n      c)": "'(a b\n  c)\n",
    "; note\n\n\n\n(a)   \n": "; note\n\n(a)\n",
    "(if a\nb\nc)": "(if a\n    b\n    c)\n",
    '(display "two\n   lines")\n(f\n1)': '(display "two\n   lines")\n(f\n  1)\n',
    "#| keep\n    this |#\n(f\n1)": "#| keep\n    this |#\n(f\n  1)\n",
    "(f 'a\n,@b\n''c)": "(f 'a\n   ,@b\n   ''c)\n",
    "#!/usr/bin/env chorus (\n(f\n a )": "#!/usr/bin/env chorus (\n(f\n  a)\n",
    "( f a  b\n )": "(f a  b)\n",
    "(f #| a #| b ( |#\n c |# 1\n2)": "(f #| a #| b ( |#\n c |# 1\n      2)\n",
    "(f ; why\n)": "(f ; why\n )\n",
    "(call-with-values (lambda () 1)\n list)": "(call-with-values (lambda () 1)\n                  list)\n",
    "(call/cc\n(lambda (k)\nk))": "(call/cc\n  (lambda (k)\n    k))\n",
    "(with-nearest a\nb)": "(with-nearest a\n              b)\n",
    "  (f a)   ; one\n          ; two\n; three": "(f a)   ; one\n        ; two\n; three\n",
    "(f ; one\n   ; two\n   a)": "(f ; one\n   ; two\n  a)\n",
}


@pytest.mark.parametrize("text", SAMPLES)
def test_layout(text: str) -> None:
    assert format_source(text) == SAMPLES[text]


ATOMS = (
    "a define let x1 call/cc :k 12 #\\( #\\; #\\a 'q #(1 |odd;| #u8(1) {:a {:b |odd_)_name| ,@x `y #t #;skipped #;(f"
).split()
TEXTS = [
    '"s t"',
    '"a\\"(b"',
    '"two\n   lines ;"',
    "; c (\n",
    ';; a "\n',
    "#| block ( ; in\n   |#",
    '""',
    "\n\n\n",
]
GAPS = [" ", "\n", "\n    ", " ; note\n", "  ", "\n\n\n", " \n", "\t", "   ; far\n          ; on\n", "\r\n"]
OPENERS = ["(", "(", "(", "[", "'(", "#(", "(define (f) "]
CLOSERS = {"[": "]"}
COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|#\\.|\|[^|]*\||#\|.*?\|#|#;|(;[^\n]*)', re.DOTALL)


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Random forms with random line breaks, comments and indentation."""
    random_ = random.Random(draw(st.integers(0, 2**32)))

    def tree(depth: int) -> str:
        if depth == 0 or random_.random() < 0.3:
            atom = random_.choice(ATOMS) if random_.random() < 0.7 else random_.choice(TEXTS)
            waiting = [{"(": ")", "{": " 1}"}[each] for each in atom if each in "({" and atom[:2] != "#\\"]
            return atom + "".join(waiting) if atom in ATOMS and "|" not in atom else atom
        opener = random_.choice(OPENERS)
        inner = [tree(depth - 1) for _ in range(random_.randrange(5))]
        return opener + "".join(part + random_.choice(GAPS) for part in inner) + CLOSERS.get(opener, ")")

    return random_.choice(["\n", "\n\n\n", " "]).join(tree(3) for _ in range(random_.randrange(1, 4)))


def comments(text: str) -> list[str]:
    return [each.rstrip() for each in COMMENT.findall(text) if each]


@settings(max_examples=500, deadline=None)
@given(sources())
def test_idempotent_and_the_same_program_with_its_comments(text: str) -> None:
    try:
        forms = [write(form) for form in read_forms(text)]
    except ReadError:
        assume(False)
    once = format_source(text)
    assert format_source(once) == once
    assert [write(form) for form in read_forms(once)] == forms
    assert comments(once) == comments(text.replace("\r\n", "\n"))


CASES = int(os.environ.get("CHORUS_CASES", "100000"))


@pytest.mark.slow
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(sources())
def test_idempotent_on_many_more(text: str) -> None:
    test_idempotent_and_the_same_program_with_its_comments.hypothesis.inner_test(text)


FORMATTED = ("examples", "stdlib")  # folders whose files are as `chorus fmt` leaves them


@pytest.mark.parametrize(
    "path", [p for each in FORMATTED for p in sorted((ROOT / each).rglob("*.sexp"))], ids=str
)
def test_our_own_files_are_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_source(text) == text


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, ragged, bad = (tmp_path / name for name in ("good.sexp", "ragged.sexp", "bad.sexp"))
    good.write_text("(f\n  a)\n")
    ragged.write_text("(f\na)")
    bad.write_text("(f\n  (a)")
    assert fmt.run(["--check", str(good)]) == 0
    assert fmt.run(["--check", str(ragged), str(good)]) == 1
    assert capsys.readouterr().err == f"would reformat {ragged}\n"
    assert ragged.read_text() == "(f\na)"
    assert fmt.run([str(ragged)]) == 0
    assert ragged.read_text() == "(f\n  a)\n"
    assert main(["fmt", str(bad), str(good)]) == 1
    shown = capsys.readouterr().err
    assert "error[read-unclosed] this ( is never closed" in shown and f"{bad}:1:1" in shown
    assert bad.read_text() == "(f\n  (a)"
