"""Every top-level definition makes a version; any version can be looked at, gone back to, evaluated in, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Limits, Session
from chorus.runtime.frames.bindings import Binding, Change, Key, after, bind, contents, differences
from chorus.runtime.frames.history import EVERY, History
from chorus.runtime.frames.naming import number_of
from chorus.runtime.printer import write


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


def record(session: Session, text: str) -> dict[str, Any]:
    """The value of TEXT, a hash table, by the names of its keys."""
    return {repr(key)[1:]: value for key, value in session.eval(text).items()}


def names(session: Session) -> list[str]:
    return [version.name for version in session.versions.history.versions]


def test_a_definition_makes_a_version_and_an_expression_none(session: Session) -> None:
    session.eval("(define (f x) x) (f 1) (define n 2) (set! n (+ n 1)) (begin (define a 1) (define b 2))")
    assert names(session) == ["v1", "v2", "v3", "v4"]
    assert shown(session, "(map (lambda (v) (get v :names)) (environment-history))") == "((a b) (n) (n) (f))"
    assert shown(session, "(map (lambda (v) (get v :definition)) (environment-history 'n))") == (
        "((define n 3) (define n 2))"
    )
    assert shown(session, "(environment-history 'nobody)") == "()"


def test_what_a_form_has_defined_so_far_is_a_version_when_it_asks(session: Session) -> None:
    program = """(begin (define (f) 1) (define n 1) (rewrite f (lambda () 2) :reason "why")
                        (define n 2) (eval '(begin (define m 3) (rewrite m 4))) (rollback! 'v2) (define z 1))"""
    session.eval(program)
    assert shown(session, "(map (lambda (v) (get v :names)) (environment-history))") == (
        "((z) (m n) (m) (m) (n) (f) (f n))"
    )
    assert shown(session, "(list (f) n (get (first (environment-history 'f)) :reason))") == '(2 1 "why")'


def test_the_same_definition_again_is_no_new_version(session: Session) -> None:
    session.eval("(define (f x) x) (define n 5)")
    session.eval("(define (f x) x) (set! n (- 6 1))")
    assert names(session) == ["v1", "v2"]


def test_a_failed_definition_makes_none(session: Session) -> None:
    session.eval("(define n 1)")
    with pytest.raises(ChorusError):
        session.eval("(define n (car '()))")
    with pytest.raises(ChorusError):
        session.eval("(begin (define m 1) (car '()))")
    assert shown(session, "(map (lambda (v) (get v :names)) (environment-history))") == "((m) (n))"


def test_a_version_tells_who_why_and_when(session: Session) -> None:
    before = dt.datetime.now(dt.UTC)
    session.eval('(define (f) 1) (rewrite f (lambda () 2) :reason "it was 1" :author "ann")')
    newest = record(session, "(first (environment-history 'f))")
    assert (newest["reason"], newest["author"], str(newest["version"])) == ("it was 1", "ann", "v2")
    assert before <= newest["time"] <= dt.datetime.now(dt.UTC)
    assert str(newest["parent"]) == "v1" and str(newest["frame"]) == "context"
    assert len(newest["hash"]) == 64 and newest["environment"] == session.environment_version
    first = record(session, "(second (environment-history 'f))")
    assert (first["reason"], first["author"], str(first["parent"])) == ("", "person", "base")


KINDS = [
    ("(define (f) 1)", "(define (f) 2)", "(f)", "1", "2"),
    ("(define f (lambda () 1))", "(set! f (lambda () 2))", "(f)", "1", "2"),
    ("(define f 1)", "(define f 'two)", "f", "1", "two"),
    ("(define f '(1 #(2) {:a \"x\"}))", "(define f car)", "(if (procedure? f) 'car f)", '(1 #(2) {:a "x"})', "car"),
    ("(define f (make-parameter 1))", "(define f (make-parameter 2))", "(f)", "1", "2"),
    ("(define-syntax f (syntax-rules () ((_) 1)))", "(define-syntax f (syntax-rules () ((_) 2)))", "(f)", "1", "2"),
    ("(define-values (f g) (values 1 2))", "(define-values (f g) (values 3 4))", "(list f g)", "(1 2)", "(3 4)"),
    ("(define-record-type p (f x) p? (x px))", "(define (f x) x)", "(if (number? (f 1)) 'n (px (f 1)))", "1", "n"),
    ("(define f (let ((n 0)) (lambda () (set! n (+ n 1)) n)))", "(define (f) 'other)", "(number? (f))", "#t", "#f"),
    ("(eval '(define (f) 1))", "(eval '(define (f) 2))", "(f)", "1", "2"),
    ("(define a 0)", "(set! car cdr)", "(car '(1 2))", "1", "(2)"),
    ("(define a 0)", "(define (car x) 'mine)", "(car '(1 2))", "1", "mine"),
    ("(define a 0)", "(rewrite cadr (lambda (x) 'mine))", "(cadr '(1 2))", "2", "mine"),
    ("(define a 0)", "(define-syntax when (syntax-rules () ((_ x ...) 'mine)))", "(when #t 1)", "1", "mine"),
]  # fmt: skip


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize(("first", "then", "ask", "old", "new"), KINDS)
def test_back_and_forth(first: str, then: str, ask: str, old: str, new: str, metered: bool) -> None:
    with Session(limits=Limits(steps=10**9) if metered else Limits()) as session:
        session.eval(f"{first} (define (other) 'still)")
        before = session.environment_version
        assert shown(session, ask) == old
        session.eval(then)
        assert shown(session, ask) == new
        assert shown(session, "(rollback! 'v2)") == "v4"
        assert shown(session, ask) == old and session.environment_version == before
        assert shown(session, "(rollback! 'v3)") == "v5"
        assert shown(session, ask) == new
        session.eval("(undo!)")
        assert shown(session, f"(list {ask} (other))") == f"({old} still)"
        assert shown(session, "(get (first (environment-history)) :reason)") == '"back to v4"'


def test_rolling_back_takes_away_what_was_not_there(session: Session) -> None:
    session.eval(
        "(define a 1) (define b 2) (define-record-type point (make-point x) point? (x point-x)) (rollback! 'v1)"
    )
    for name in ("b", "make-point", "point-x"):
        with pytest.raises(ChorusError) as caught:
            session.eval(name)
        assert caught.value.code == "unbound"
    assert session.eval("a") == 1
    session.eval("(rollback! 'base)")
    assert session.own_names() == [] and session.environment_version == "base"


def test_data_come_back_as_they_were_defined(session: Session) -> None:
    session.eval("(define t {:a 1}) (hash-set! t :a 2) (define t 5) (rollback! 'v1)")
    assert session.eval("(get t :a)") == 1


def test_what_a_rollback_does_not_concern_keeps_its_state(session: Session) -> None:
    session.eval("(define n 0) (define (count!) (set! n (+ n 1)) n) (define (f) 1) (count!) (count!)")
    session.eval("(define (f) 2) (rollback! 'v3)")
    assert session.eval("(list (f) (count!))") == [1, 3]


def test_a_rollback_that_fails_changes_nothing(session: Session) -> None:
    session.eval("(define a 1)")
    for number in range(6):  # more values that are no data than are remembered
        session.eval(f"(define p (make-parameter {number}))")
    session.eval("(define a 2) (define (f) a)")
    with pytest.raises(ChorusError, match="p cannot be bound again") as caught:
        session.eval("(rollback! 'v2)")
    assert caught.value.code == "version" and "(define p (make-parameter 0))" in caught.value.hint
    assert session.eval("(list a (p) (f))") == [2, 5, 2] and names(session)[-1] == "v9"


def test_evaluating_as_it_was(session: Session) -> None:
    session.eval("(define (rate) 2) (define (cost n) (* n (rate))) (define (rate) 3)")
    assert session.eval("(list (cost 2) (with-environment 'v1 (rate)) (with-environment 'v2 (cost 2)) (cost 2))") == [
        6, 2, 4, 6
    ]  # fmt: skip
    assert session.eval("(let ((x 5)) (with-environment 'v2 (with-environment 'now (cost x))))") == 15
    with pytest.raises(ChorusError):
        session.eval("(with-environment 'v2 (car '()))")
    assert session.eval("(cost 1)") == 3
    assert session.eval("(call/cc (lambda (k) (with-environment 'v2 (k (cost 1)))))") == 2
    assert session.eval("(cost 1)") == 3 and names(session)[-1] == "v3"
    assert session.eval("(with-environment 'v2 (environment-version))") != session.environment_version


def test_a_stop_within_does_not_leave_it_there() -> None:
    with Session(limits=Limits(steps=200_000)) as session:
        session.eval("(define (rate) 2) (define (rate) 3)")
        with pytest.raises(ChorusError, match="limit"):
            session.eval("(with-environment 'v1 (let loop () (loop)))")
        assert session.eval("(rate)") == 3


def test_no_versions_are_made_within(session: Session) -> None:
    session.eval("(define (rate) 2) (define (rate) 3)")
    for form in ("(rollback! 'v1)", "(rewrite rate (lambda () 4))"):
        with pytest.raises(ChorusError, match="not within with-environment") as caught:
            session.eval(f"(with-environment 'v1 {form})")
        assert caught.value.code == "version" and caught.value.hint
    assert session.eval("(rate)") == 3


def test_names_of_versions(session: Session) -> None:
    session.eval("(define a 1) (define a 2) (define a 3)")
    second = record(session, "(second (environment-history))")
    for name in (2, "v2", second["hash"][:10], second["environment"]):
        assert session.eval("(with-environment v a)", v=name) == 2
    assert session.eval("(with-environment (second (environment-history)) a)") == 2
    assert (
        session.eval("(with-environment (environment-at (get (second (environment-history)) :time)) a)") == 2
    )
    assert session.eval("(list (with-environment 'now a) (with-environment 3 a))") == [3, 3]


WRONG = [
    ("'v9", "there is no version v9", "there are v0 to v1"),
    ("'nwo", "no version is called nwo", "did you mean now?"),
    ("'fridy", "no version is called fridy", "did you mean friday?"),
    ('"1999-12-31"', "does not go back to 1999-12-31", "it begins at"),
    ('"deadbeef"', "no version is called deadbeef", "a version is v3"),
    ("car", "no version is called #<procedure car", "a version is v3"),
    ("(delay 1)", "no version is called #<promise>", "a version is v3"),
]


@pytest.mark.parametrize(("version", "message", "hint"), WRONG)
@pytest.mark.parametrize("form", ["(rollback! {})", "(environment-diff {})", "(environment-at {})"])
def test_unknown_versions_are_refused_with_a_hint(
    session: Session, form: str, version: str, message: str, hint: str
) -> None:
    session.eval("(define a 1)")
    if form == "(environment-diff {})" and version == '"1999-12-31"':
        return  # the beginning will do
    with pytest.raises(ChorusError, match=message) as caught:
        session.eval(form.format(version))
    assert caught.value.code == "version" and hint in caught.value.hint and caught.value.span is not None


def test_a_difference_from_before_the_history_is_one_from_its_beginning(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    session.eval("(define a 1) (define a 2)")
    assert session.eval('(equal? (environment-diff "1999-12-31") (environment-diff \'base))') is True
    assert session.eval('(environment-diff "1999-12-31" \'v0)') == []
    told = capsys.readouterr().err
    assert told.count("the history begins at") == 2 and "compared with its beginning" in told


def history(*moments: dt.datetime) -> History:
    made = History(moments[0])
    for at in moments:
        made.add(made.make([bind("context", Binding("define", "a", str(at)))], "", "ann", at))
    return made


def test_days_name_versions() -> None:
    now = dt.datetime(2026, 11, 19, 15, 30, tzinfo=dt.UTC)  # a Thursday
    known = history(*(now - dt.timedelta(days=days) for days in (9, 4, 3, 2, 0)))
    for name, number in (
        ("monday", 2), ("tuesday", 3), ("thursday", 4), ("friday", 1), ("today", 4), ("yesterday", 4),
        ("2026-11-16", 2), ("2026-11-16T16:00", 3), ("now", 5),
    ):  # fmt: skip
        assert number_of(known, name, now, "test", lambda word, names: "") == number, name


def test_clocks_that_jump_back_do_not_bring_versions_out_of_order() -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    known = history(now, now - dt.timedelta(hours=1), now + dt.timedelta(hours=1))
    moments = [version.at for version in known.versions]
    assert moments == sorted(moments)


def test_states_between_are_what_they_were() -> None:
    made = History(dt.datetime.now(dt.UTC))
    states = [made.state]
    for number in range(3 * EVERY + 5):
        key = Key("context", "own", f"n{number % 7}")
        gone = number % 5 == 4 and key in made.state
        binding = None if gone else Binding("define", key.name, f"(define {key.name} {number})")
        made.add(made.make([Change(key, binding)], "", ""))
        states.append(made.state)
    assert all(made.state_at(number) == state for number, state in enumerate(states))
    assert all(made.versions[n - 1].contents == contents(state) for n, state in enumerate(states) if n)
    for old, new in ((0, 50), (50, 3), (100, 190)):
        led = after(states[old], differences(states[old], states[new]), new)
        assert {key: held.binding for key, held in led.items()} == {
            key: held.binding for key, held in states[new].items()
        }


def test_old_versions_without_a_journal_are_forgotten_some_day(session: Session, monkeypatch: Any) -> None:
    session.eval("(define (keep) 'kept)")
    session.versions.history.most = 10
    for number in range(50):
        session.eval("(define n v) (define (f) n)", v=number)
    known = session.versions.history
    assert len(known.versions) < 20 < known.number and known.start > 0
    assert session.eval("(begin (rollback! v) (list n (f) (keep)))", v=known.start + 1)[2].name == "kept"
    with pytest.raises(ChorusError, match="there is no version v1"):
        session.eval("(rollback! 'v1)")
    assert len(session.versions.live) < 60


def test_the_environment_is_named_for_what_it_holds() -> None:
    with Session() as one, Session() as other:
        one.eval("(define a 1) (define b 2)")
        other.eval("(define b 2) (define a 3) (set! a 1)")
        assert one.environment_version == other.environment_version != "base"
        base = one.freeze()
    with base.session() as on_base, base.session() as another:
        named = on_base.environment_version
        assert named == another.environment_version == one.environment_version != "base"
        on_base.eval("(define c 3)")
        assert on_base.environment_version != named == another.environment_version


def test_sessions_on_one_base_do_not_see_each_other_s_versions() -> None:
    with Session() as session:
        session.eval("(define (f) 'base)")
        base = session.freeze()
    with base.session() as one, base.session() as other:
        one.eval("(rewrite f (lambda () 'one))")
        assert str(one.eval("(f)")) == "one" and str(other.eval("(f)")) == "base"
        assert names(other) == []
        one.eval("(rollback! 'base)")
        assert str(one.eval("(f)")) == "base"


def test_frames_shadow_outer_ones() -> None:
    with Session(allow=Capabilities.all()) as session:
        session.eval("(rewrite f (lambda () 'swarm) :in 'swarm) (define (g) (f))")
        assert str(session.eval("(g)")) == "swarm"
        session.eval("(rewrite f (lambda () 'context)) (rewrite f (lambda () 'domain) :in 'domain)")
        assert str(session.eval("(g)")) == "context"
        session.eval("(rewrite f (lambda () 'agent) :in 'agent)")
        assert str(session.eval("(g)")) == "context"
        session.eval("(rollback! 'v2)")
        assert str(session.eval("(g)")) == "swarm"
        assert shown(session, "(frame->string :frame 'domain)").count("define") == 0
        with pytest.raises(ChorusError, match="there is no frame swram") as caught:
            session.eval("(rewrite f 1 :in 'swram)")
        assert caught.value.hint == "did you mean swarm?"


def test_outer_frames_need_the_capability() -> None:
    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval("(rewrite f (lambda () 1) :in 'swarm)")
    assert caught.value.code == "denied" and "rewrite" in caught.value.hint


def test_rewriting_refuses_the_definition_of_something_else(session: Session) -> None:
    with pytest.raises(ChorusError, match="this defines something else than f") as caught:
        session.eval("(rewrite f (define (g) 1))")
    assert caught.value.code == "syntax" and names(session) == []


def test_a_rewrite_that_fails_changes_nothing(session: Session) -> None:
    session.eval("(define (f) 1)")
    with pytest.raises(ChorusError):
        session.eval("(rewrite f (vector-ref (vector 1 2) 9))")
    assert session.eval("(f)") == 1 and names(session) == ["v1"]


def test_what_undo_needs_may_have_been_rewritten(session: Session) -> None:
    session.eval("(rewrite car cdr) (rewrite get (lambda (a b) 5))")
    assert str(session.eval("(undo!) (undo!) (rollback! 'v1) (rollback! 'base) (car '(1 2))")) == "1"


def test_before_anything_was_defined_there_is_nothing_to_undo(session: Session) -> None:
    with pytest.raises(ChorusError, match="nothing has been defined yet"):
        session.eval("(undo!)")


def test_with_environment_wants_a_form(session: Session) -> None:
    with pytest.raises(ChorusError, match="with-environment") as caught:
        session.eval("(with-environment 'now)")
    assert "(with-environment version form" in str(caught.value.hint)


def test_a_wrong_option_of_rewrite_is_told_by_its_own_name(session: Session) -> None:
    with pytest.raises(ChorusError, match="rewrite takes no keyword :reasn") as caught:
        session.eval("(define f 1) (rewrite f 2 :reasn 3)")
    assert not caught.value.message.startswith("%")
