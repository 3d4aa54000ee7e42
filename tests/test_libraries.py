"""The standard libraries export what they say; a program's own are found in files, under the capability `read`."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorus import Capabilities, ChorusError, LimitExceeded, Session
from chorus.interpreter import libraries
from chorus.interpreter.namespace import Namespace

FOLDER = Path(libraries.__file__).parent.parent / "stdlib" / "libraries"
STANDARD = sorted(FOLDER.glob("*/*.sexp"))


def spelled(path: Path) -> str:
    return f"({path.parent.name} {path.stem})"


@pytest.fixture(scope="module")
def space() -> Namespace:
    return Session().space


@pytest.mark.parametrize("path", STANDARD, ids=spelled)
def test_what_a_standard_library_exports_exists(path: Path, space: Namespace) -> None:
    part = path.stem
    found = libraries.find((path.parent.name, int(part) if part.isdigit() else part), space)
    missing = [
        name
        for name, (home, inside) in found.targets().items()
        if inside not in libraries.AUXILIARY and not home.holds(inside)
    ]
    assert missing == []
    assert found.name in space.foundation.libraries


LIBRARY = """
(define-library (my lists)
  (export double (rename hidden-sum sum) swap!)
  (import (scheme base))
  (begin
    (define (double items) (map (lambda (x) (* 2 x)) items))
    (define (hidden-sum items) (apply + items))
    (define-syntax swap! (syntax-rules () ((_ a b) (let ((t a)) (set! a b) (set! b t)))))))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "lists.sld").write_text(LIBRARY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_library_is_found_in_a_file_called_after_it(folder: Path) -> None:
    with Session(allow=Capabilities("read")) as session:
        session.eval("(import (prefix (my lists) my:))")
        assert session.eval("(my:sum (my:double '(1 2 3)))") == 12
        assert session.eval("(let ((a 1) (b 2)) (my:swap! a b) (list a b))") == [2, 1]


def test_a_library_is_found_beside_the_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    program = folder / "program.sexp"
    program.write_text("(import (my lists))")
    with Session(allow=Capabilities("read")) as session:
        list(session.run(program.read_text(), str(program)))
        assert session.eval("(sum '(1 2))") == 3


def test_files_are_not_looked_at_without_the_capability(folder: Path) -> None:
    with Session() as session, pytest.raises(ChorusError, match="there is no library") as caught:
        session.eval("(import (my lists))")
    assert caught.value.code == "library"


@pytest.mark.parametrize("name", ["(.. etc passwd)", "(|../../etc| passwd)", "(|a/b|)"])
def test_names_do_not_leave_the_folders(name: str, folder: Path) -> None:
    with (
        Session(allow=Capabilities("read")) as session,
        pytest.raises(ChorusError, match="there is no library"),
    ):
        session.eval(f"(import {name})")


def test_sessions_do_not_share_what_a_library_changes() -> None:
    text = (
        "(define-library (c) (export n up!) (import (scheme base))"
        " (begin (define n 0) (define (up!) (set! n (+ n 1)) n)))"
    )
    with Session() as one, Session() as other:
        for session in (one, other):
            session.eval(text)
            session.eval("(import (c))")
        assert one.eval("(begin (up!) (up!) n)") == 2
        assert other.eval("n") == 0


def test_frozen_definitions_keep_their_libraries() -> None:
    with Session() as session:
        session.eval(
            "(define-library (c) (export up! twice) (import (scheme base))"
            " (begin (define n 0) (define (up!) (set! n (+ n 1)) n)"
            " (define-syntax twice (syntax-rules () ((_ e) (begin e e (up!)))))))"
        )
        session.eval("(import (prefix (c) c-)) (define (step) (c-up!) (c-twice 1))")
        assert session.eval("(step)") == 2
        base = session.freeze()
    with base.session() as first, base.session() as second:
        assert first.eval("(step)") == 2
        assert first.eval("(c-up!)") == 3
        assert second.eval("(step)") == 2


def test_a_program_that_imports_the_standard_runs_as_fast_code() -> None:
    """The import makes no binding that stands before a primitive's: it is inlined as without."""
    with Session() as session:
        session.eval("(import (scheme base) (scheme write))")
        assert session.own_names() == []


def test_importing_again_takes_the_library_s_binding() -> None:
    with Session() as session:
        session.eval("(define (car x) 'mine)")
        assert session.eval("(car '(1))") != 1
        session.eval("(import (only (scheme base) car))")
        assert session.eval("(car '(1))") == 1


def test_redefining_a_primitive_reaches_a_library_that_imports_it_only_by_set() -> None:
    with Session() as session:
        session.eval("(define-library (u) (export f) (import (scheme base)) (begin (define (f x) (car x))))")
        session.eval("(import (u)) (define (car x) 'mine)")
        assert session.eval("(f '(1))") == 1


def test_libraries_that_import_each_other_are_told(folder: Path) -> None:
    for name, other in (("x", "y"), ("y", "x"), ("z", "z")):
        (folder / f"{name}.sexp").write_text(f"(define-library ({name}) (import ({other})))")
    with Session(allow=Capabilities("read")) as session:
        for name, said in (("x", r"\(x\) → \(y\) → \(x\)"), ("z", r"\(z\) → \(z\)")):
            with pytest.raises(ChorusError, match=said) as told:
                session.eval(f"(import ({name}))")
            assert told.value.code == "library" and told.value.span is not None
        assert session.eval("(import (my lists)) (double '(1))") == [2]


def test_a_library_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / "bad.sexp").write_bytes(b'(define-library (bad) (begin "\xff"))')
    with Session(allow=Capabilities("read")) as session:
        with pytest.raises(ChorusError, match="not UTF-8") as told:
            session.eval("(import (bad))")
        assert told.value.code == "file" and told.value.span is not None


def test_a_file_that_loads_itself_ends(folder: Path) -> None:
    (folder / "own.sexp").write_text('(load "own.sexp")')
    with Session(allow=Capabilities("read")) as session:
        for _ in range(2):  # what was under way is over after the first
            with pytest.raises(LimitExceeded, match="nested loads") as told:
                session.eval('(load "own.sexp")')
            assert told.value.used == 1001
