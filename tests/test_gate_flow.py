"""From proposal to definition and back: modes, evidence, canary, harm, slices, trying."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.printer import write

START = """
(rewrite half (define (half x) "X in two.

> (half 4)
=> 2" (/ x 2)) :in 'swarm)
(rewrite depth (define depth 3) :in 'swarm)
"""
GOOD, WORSE = "'(lambda (x) (* x 1/2))", "'(lambda (x) (quotient x 2))"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        made.eval(START)
        yield made


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


def state(session: Session, number: int = 1) -> str:
    return shown(session, f"(get (proposal {number}) :state)")


def observe(session: Session, number: int, gain: float, count: int, seed: int = 3, more: str = "") -> None:
    rng = random.Random(seed)
    for _ in range(count):
        d = (
            max(-1.0, min(1.0, round((gain + rng.choice((-0.25, -0.25, 0, 0.25, 0.25))) * 4) / 4))
            if gain
            else 0
        )
        if state(session, number) not in ("waiting", "shadow", "canary", "accepted"):
            return
        session.eval(f"(observe! {number} {d} {more})")


def test_in_mode_propose_a_person_decides(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD} :because '(:gain 0.1))")
    session.eval("(observe! 1 '(" + "0.25 " * 100 + "))")
    assert state(session) == "shadow" and shown(session, "(get (proposal 1) :ready)") == "#t"
    assert shown(session, "(get (evidence 1) :against)") == "()"
    assert shown(session, "(list (approve! 1) (half 3))") == "(accepted 3/2)"
    assert "(:gain 0.1)" in shown(session, "(get (first (environment-history 'half)) :reason)")


def test_in_mode_auto_the_evidence_does(session: Session) -> None:
    session.eval(f"(gate-mode! 'auto) (propose! 'half {GOOD})")
    session.eval("(observe! 1 '(" + "0.25 " * 100 + "))")
    assert state(session) == "canary"
    assert shown(session, "(first (environment-history 'half))").count("shorter") == 0
    tries = [shown(session, f"(canary {turn})") for turn in range(400)]
    assert set(tries) == {"1", "#f"} and 20 <= tries.count("1") <= 60
    turn = tries.index("1")
    assert shown(session, f"(with-canary {turn} current-proposal)") == "1"
    assert shown(session, f"(with-canary {tries.index('#f')} current-proposal)") == "#f"
    observe(session, 1, 0.25, 50)
    assert state(session) == "accepted"
    assert shown(session, "(get (first (environment-history 'half)) :author)") == '"the gate"'


def test_no_evidence_accepts_nothing(session: Session) -> None:
    session.eval(f"(gate-mode! 'auto) (propose! 'half {GOOD})")
    session.eval("(observe! 1 '(" + "0.25 -0.25 " * 200 + "))")
    assert state(session) == "shadow" and shown(session, "(get (proposal 1) :ready)") == "#f"


def test_what_only_a_person_can_tell_is_not_accepted_by_itself(session: Session) -> None:
    session.eval("(gate-mode! 'auto) (propose! 'fresh '(define-syntax fresh (syntax-rules () ((_ x) x))))")
    session.eval("(observe! 1 '(" + "0.5 " * 100 + "))")
    assert state(session) == "shadow" and shown(session, "(get (proposal 1) :ready)") == "#t"
    assert shown(session, "(approve! 1)") == "accepted" and shown(session, "(fresh 5)") == "5"


def test_harm_in_the_canary_ends_it(session: Session) -> None:
    session.eval(f"(propose! 'half {WORSE}) (approve! 1 :canary #t)")
    assert state(session) == "canary"
    version = session.versions.history.number
    session.eval("(observe! 1 '(" + "-0.5 " * 20 + "))")
    assert state(session) == "refused" and "in the canary it did harm" in shown(
        session, "(get (proposal 1) :why)"
    )
    assert session.versions.history.number == version and shown(session, "(half 3)") == "3/2"


def test_harm_in_use_takes_the_definition_back(session: Session) -> None:
    session.eval(f"(propose! 'half {WORSE}) (approve! 1) (define other 1)")
    assert shown(session, "(half 3)") == "1"
    session.eval("(observe! 1 '(" + "-0.5 " * 20 + "))")
    assert state(session) == "refused" and shown(session, "(list (half 3) other)") == "(3/2 1)"
    reason = shown(session, "(get (first (environment-history 'half)) :reason)")
    assert "proposal 1 undone: in use it did harm: -0.500 on average over 20 pairs" in reason


def test_harm_is_seldom_seen_where_there_is_none(session: Session) -> None:
    rng = random.Random(1)
    ended = 0
    for number in range(1, 21):
        session.eval(f"(propose! 'depth {number + 3})")
        noise = " ".join(str(rng.choice((-0.5, -0.25, 0, 0.25, 0.5))) for _ in range(200))
        session.eval(f"(observe! {number} '({noise}))")
        ended += state(session, number) == "refused"
    assert ended <= 3


def test_a_definition_that_was_replaced_meanwhile_stays(session: Session) -> None:
    session.eval(f"(propose! 'half {WORSE}) (approve! 1) (rewrite half (lambda (x) 'mine) :in 'swarm)")
    assert shown(session, '(list (reject! 1 "no") (half 3))') == "(rejected mine)"


def test_a_slice_that_loses_keeps_it_out(session: Session) -> None:
    session.eval(f"(gate-mode! 'auto) (propose! 'half {GOOD})")
    session.eval("(observe! 1 '(" + "-0.25 0 " * 30 + ') :slices \'((persona . "newcomers")))')
    session.eval("(observe! 1 '(" + "0.5 " * 100 + ') :slices \'((persona . "veterans")))')
    assert state(session) == "shadow"
    assert shown(session, "(get (evidence 1) :against)") == '("persona newcomers may lose more than 0.05")'


def test_pairs_that_were_fixed_beforehand(session: Session) -> None:
    session.eval(f"(gate-mode! 'auto) (propose! 'half {GOOD} :pairs 50)")
    session.eval("(observe! 1 '(" + "0.25 0 " * 24 + "))")
    assert state(session) == "shadow"
    session.eval("(observe! 1 '(0.25 0))")
    assert state(session) == "canary"


def test_a_turn_counts_once_and_an_author_twelve_times_an_hour(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD})")
    for _ in range(3):
        session.eval("(observe! 1 0.5 :turn 7)")
    assert shown(session, "(get (evidence 1) :pairs)") == "1"
    session.eval("(observe! 1 '(" + "-1 " * 1000 + ') :author "eve")')
    counted = int(shown(session, "(get (evidence 1) :counted)"))
    assert counted == 13
    assert state(session) in ("shadow", "refused")


def test_off_takes_nothing(session: Session) -> None:
    session.eval("(gate-mode! 'off)")
    assert shown(session, f"(list (propose! 'half {GOOD}) (proposals))") == "(#f ())"


def test_states_say_what_can_be_done(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD}) (propose! 'half {WORSE}) (propose! 'half '(lambda () 1))")
    session.eval('(reject! 2 "truncates")')
    for text, message in (
        ("(approve! 2)", "approve!: proposal 2 is rejected: truncates"),
        ("(approve! 3)", "approve!: proposal 3 is refused: it takes 0 arguments"),
        ("(observe! 3 0.5)", "observe!: proposal 3 is refused"),
        ("(with-proposal 2 car)", "with-proposal: proposal 2 is rejected"),
        ("(approve! 9)", "approve!: there is no proposal 9"),
        ("(observe! 1 2)", "observe!"),
        ("(observe! 1 'good)", "observe!"),
        ("(propose! 'half 1 :in 'swam)", "propose!: there is no frame swam"),
        ("(gate-mode! 'autoo)", "gate-mode!: there is no mode autoo"),
    ):
        with pytest.raises(ChorusError) as refused:
            session.eval(text)
        assert message in refused.value.message
    assert shown(session, "(list (withdraw! 1) (get (proposal 1) :state))") == "(withdrawn withdrawn)"


def test_one_acceptance_withdraws_what_was_compared_with_the_old(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD}) (propose! 'half {WORSE}) (approve! 1)")
    assert state(session, 2) == "withdrawn"
    assert "what proposal 1 replaced" in shown(session, "(get (proposal 2) :why)")


def test_what_the_environment_has_become_is_looked_at_again(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD}) (rewrite half (define (half x y) (/ x y)) :in 'swarm)")
    with pytest.raises(ChorusError, match="does not pass any more"):
        session.eval("(approve! 1)")
    assert state(session) == "refused"


def test_under_a_proposal_for_a_while(session: Session) -> None:
    session.eval(f"(propose! 'half {WORSE}) (propose! 'depth 9)")
    session.eval("(propose! 'fresh '(define-syntax fresh (syntax-rules () ((_ x) (list 'fresh x)))))")
    inner = "(with-proposal 1 (lambda () (list (half 3) (with-proposal 2 (lambda () (list (half 3) depth))) depth)))"
    assert shown(session, inner) == "(1 (1 9) 3)"
    assert shown(session, "(with-proposal 3 (lambda () (eval '(fresh 1))))") == "(fresh 1)"
    with pytest.raises(ChorusError):
        session.eval('(with-proposal 1 (lambda () (error "within")))')
    assert shown(session, "(list (half 3) depth (current-proposal))") == "(3/2 3 #f)"
    assert session.versions.history.number == 2


def test_shadows_show_both_answers(session: Session) -> None:
    session.eval(f"(propose! 'half {WORSE})")
    found = shown(session, "(shadow! 1 :forms '((half 3) (half 4)))")
    assert (
        found
        == "({:form (half 3) :present 3/2 :candidate 1 :same #f} {:form (half 4) :present 2 :candidate 2 :same #t})"
    )
    assert state(session) == "waiting"


def test_epochs_are_of_twenty(session: Session) -> None:
    for number in range(4, 26):
        session.eval(f"(propose! 'depth {number})")
    assert shown(session, "(map (lambda (n) (get (proposal n) :epoch)) '(1 20 21))") == "(1 1 2)"


def test_invariants_of_people_hold(session: Session) -> None:
    assert shown(session, '(invariant "depth is small" (< depth 10) => #t)') == '"depth is small"'
    session.eval("(propose! 'depth 12) (propose! 'depth 5)")
    assert [state(session, n) for n in (1, 2)] == ["refused", "waiting"]
    assert "depth is small: (< depth 10) gives #f, not #t" in shown(session, "(get (proposal 1) :why)")
    with pytest.raises(ChorusError, match="gives #f, not #t"):
        session.eval('(invariant "not so" (> depth 10) => #t)')


def test_the_language_may_be_changed_and_changed_back(session: Session) -> None:
    session.eval("(define (greet) 'hello)")
    session.eval(
        "(propose! 'my-unless '(define-syntax my-unless \"Unless TEST, E.\" "
        "(syntax-rules () ((_ test e) (if test #f e)))))"
    )
    assert shown(session, "(approve! 1)") == "accepted" and shown(session, "(my-unless #f 1)") == "1"
    session.eval('(reject! 1 "nobody uses it")')
    with pytest.raises(ChorusError):
        session.eval("(my-unless #f 1)")


def test_proposals_print_as_a_sheet(session: Session) -> None:
    session.eval(
        f'(propose! \'half {GOOD} :because "shorter" :by "team learner") (propose! \'half \'(lambda () 1))'
    )
    text = session.eval("(present (proposals))")
    assert "1   half" in text and "waiting" in text and "team learner" in text and "refused" in text
    assert "it wants" in text or "takes 0 arguments" in text


def test_one_author_cannot_undo_what_many_brought_about(session: Session) -> None:
    session.eval(f"(propose! 'half {GOOD})")
    for author in "abcdef":
        session.eval(f'(observe! 1 \'(0.25 0.25) :author "{author}")')
    session.eval("(approve! 1) (observe! 1 '(" + "-1 " * 12 + ') :author "eve")')
    assert state(session) == "accepted"
    for author in "abcd":
        session.eval(f'(observe! 1 \'(-0.5 -0.5 -0.5) :author "{author}")')
    assert state(session) == "refused"


def test_the_report_says_what_came_after_an_acceptance(session: Session) -> None:
    session.eval('(propose! \'answer-length 3 :because "shorter") (approve! 1)')
    (told,) = session.eval('(report-section "Changed" (changes-learned))')[1:]
    assert told.endswith("(shorter)")
    session.eval("(undo!)")
    (told,) = session.eval('(report-section "Changed" (changes-learned))')[1:]
    assert "(shorter); since then v" in told
