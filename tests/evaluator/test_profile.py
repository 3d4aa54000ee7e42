"""`profile`: what each call in a text cost, as a value, a table and a flame view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from chorus import Capabilities, CapabilityDenied, ChorusError, Session

DEFINED = """(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(define (wait n) (if (= n 0) 'done (wait (- n 1))))
(define (busy) (wait 3000) 'ready)
(define (both) (busy) (wait 100) (busy))
(define (ping n) (if (= n 0) 0 (+ 1 (pong (- n 1)))))
(define (pong n) (if (= n 0) 0 (+ 1 (ping (- n 1)))))
(define talk (rows->table (map (lambda (i) {:i i :k (modulo i 4)}) (iota 100))))
"""


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        for _ in made.run(DEFINED, "defined"):
            pass
        yield made


def rows(session: Session, form: str) -> dict[str, dict[str, Any]]:
    *_, (_, told) = session.run(f"(define p (profile {form})) (profile-rows p)", "text")
    found = [{key.name: value for key, value in row.items()} for row in told]
    return {row["form"]: row for row in found}


def test_calls_times_and_places(session: Session) -> None:
    found = rows(session, "(fib 12)")
    assert session.eval("(profile-value p)") == 144
    assert found["(< n 2)"]["calls"] == 465 and found["(fib (- n 1))"]["calls"] == 232
    assert found["(< n 2)"]["place"] == "defined:1:21"
    selfs = [row["self"] for row in found.values()]
    assert selfs == sorted(selfs, reverse=True) and all(row["total"] >= row["self"] for row in found.values())


def test_recursion_is_counted_once(session: Session) -> None:
    found = rows(session, "(fib 12)")
    whole = found["(fib 12)"]["total"]
    assert all(row["total"] <= whole * 1.001 for row in found.values())
    assert sum(row["self"] for row in found.values()) == pytest.approx(whole, rel=0.01)
    found = rows(session, "(ping 50)")
    assert found["(pong (- n 1))"]["total"] <= found["(ping 50)"]["total"]


def test_time_belongs_to_what_took_it(session: Session) -> None:
    """On a busy machine a call may be the one that was interrupted, but not each time."""
    for _ in range(10):
        found = rows(session, "(both)")
        assert found["(wait (- n 1))"]["calls"] == 6100
        whole, selfs = found["(both)"]["total"], sum(row["self"] for row in found.values())
        if (
            found["(busy)"]["total"] < whole <= selfs * 1.01
            and found["(wait 3000)"]["total"] > 5 * found["(wait 100)"]["total"]
            and found["(both)"]["self"] < whole / 10
        ):
            return
    pytest.fail("time is not told where it was spent")


def test_rows_and_bytes_of_tables(session: Session) -> None:
    found = rows(session, "(table->list (where talk (= k 1)))")
    assert found["(where talk (= k 1))"]["rows"] == 25
    assert found["(table->list (where talk (= k 1)))"]["rows"] == 25
    assert found["(table->list (where talk (= k 1)))"]["bytes"] > 25 * 8
    assert rows(session, "(+ 1 2)")["(+ 1 2)"]["rows"] == 0


def test_what_is_left_by_an_escape_ends_with_what_is_around_it(session: Session) -> None:
    found = rows(
        session, "(list (call/cc (lambda (k) (+ 1 (k 5)))) (guard (e (#t 'caught)) (car (fib 3))) (fib 5))"
    )
    assert found["(k 5)"]["calls"] == 1 and found["(fib 5)"]["total"] > 0
    assert sum(row["self"] for row in found.values()) == pytest.approx(
        max(row["total"] for row in found.values()), rel=0.05
    )


def test_what_shares_a_count_is_counted_as_often_as_it_is_done(session: Session) -> None:
    """What comes after a call that does not return has not been done; nor what stands in the other branch."""
    session.eval("(define (leave k n) (if (> n 2) (k n) n))")
    form = "(map (lambda (n) (call/cc (lambda (k) (+ (car (list n)) (leave k n) (* n 2))))) '(1 2 3 4))"
    found = rows(session, form)
    assert session.eval("(profile-value p)") == [4, 8, 3, 4]
    counts = {
        form: found[form]["calls"]
        for form in ("(leave k n)", "(car (list n))", "(* n 2)", "(> n 2)", "(k n)")
    }
    assert counts == {"(leave k n)": 4, "(car (list n))": 4, "(* n 2)": 2, "(> n 2)": 4, "(k n)": 2}


def test_what_ends_a_let_that_is_waited_for_ends_with_it(session: Session) -> None:
    """A `let` is only counted; of what comes after it, nothing is the time of the call at its end."""
    for _ in range(10):
        found = rows(session, "(list (let ((a 10)) (wait a)) (or (= 1 2) (wait 20)) (both))")
        let = found["(let ((a 10)) (wait a))"]
        assert let["calls"] == 1 and let["total"] == 0 and found["(or (= 1 2) (wait 20))"]["calls"] == 1
        if 3 * max(found["(wait a)"]["total"], found["(wait 20)"]["total"]) < found["(both)"]["total"]:
            return
    pytest.fail("time is not told where it was spent")


def test_what_an_error_left_open_is_closed(session: Session) -> None:
    with pytest.raises(ChorusError):
        rows(session, "(list (fib 3) (car 5))")
    found = rows(session, "(begin (both) (let ((a (fib 3))) (+ a 1)))")
    assert (
        found["(busy)"]["total"] <= found["(both)"]["total"]
        and found["(let ((a (fib 3))) (+ a 1))"]["calls"] == 1
    )


def test_each_profile_begins_anew(session: Session) -> None:
    assert rows(session, "(fib 5)")["(< n 2)"]["calls"] == 15
    assert rows(session, "(fib 5)")["(< n 2)"]["calls"] == 15


def test_a_profile_within_a_profile_has_its_own_counts(session: Session) -> None:
    session.eval("(define inner #f)")
    outer = rows(session, "(begin (set! inner (profile (fib 5))) (fib 6))")
    assert outer["(< n 2)"]["calls"] == 25 and outer["(fib 6)"]["total"] > 0
    told = session.eval("(map (lambda (row) (list (get row :form) (get row :calls))) (profile-rows inner))")
    assert ["(< n 2)", 15] in told and not any(form == "(fib 6)" for form, _ in told)
    with pytest.raises(ChorusError):
        session.eval("(profile (begin (fib 3) (profile (car 5))))")
    assert rows(session, "(fib 5)")["(< n 2)"]["calls"] == 15


def test_it_prints_as_a_table(session: Session) -> None:
    session.eval("(define p (profile (fib 5)))")
    head, *lines = session.eval("(present p)").splitlines()
    assert head.split() == ["calls", "total", "self", "rows", "bytes", "place", "form"]
    assert len(lines) == 7 and any(line.split()[0] == "15" and "(< n 2)" in line for line in lines)


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_the_flame_view_is_complete_in_itself(session: Session, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"view.{suffix}"
    session.eval("(define p (profile (both)))")
    assert session.eval("(flame p path)", path=str(path)) == str(path)
    text = path.read_text(encoding="utf-8")
    drawn = text[text.index("<svg") : text.index("</svg>") + 6]
    boxes = ElementTree.fromstring(drawn).findall("{http://www.w3.org/2000/svg}g")
    by_title = {box[0].text.splitlines()[0]: box[1] for box in boxes if box[0].text}
    assert by_title["all"].get("width") == "1200.00"
    assert float(by_title["(busy)"].get("width", 0)) < float(by_title["(both)"].get("width", 0)) <= 1200
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "") and "src=" not in text


def test_wrong_uses(session: Session, tmp_path: Path) -> None:
    with pytest.raises(ChorusError, match=r"neither \.svg nor"):
        session.eval("(flame (profile 1) path)", path=str(tmp_path / "view.png"))
    with pytest.raises(ChorusError, match="cannot write"):
        session.eval("(flame (profile 1) path)", path=str(tmp_path / "no" / "view.svg"))
    with pytest.raises(ChorusError, match="gives"):
        session.eval("(profile-rows 5)")
    with Session(allow=Capabilities("clock")) as other, pytest.raises(CapabilityDenied, match="write"):
        other.eval('(flame (profile 1) "view.svg")')
