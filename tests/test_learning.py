"""The learner in the language: each level on planted tastes and on none, switches, proposals, patterns, report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus import Capabilities, Session

# Turns whose choices are drawn evenly, rated by TASTE: (developer kind choices) → [0, 1], with noise.
MADE = """
(define (made n people taste)
  (map (lambda (turn)
         (let* ((name (string-append "dev" (number->string (modulo turn people))))
                (kind (random-choice '(fact attitude)))
                (choices (map (lambda (s) (cons s (random-choice (setting-choices s)))) explored-settings)))
           {:turn (+ turn 1) :at #inst "2026-01-01" :developer name :kind kind :persona "everyone" :choices choices
            :propensities (map (lambda (c) (cons (car c) (/ 1.0 (length (setting-choices (car c)))))) choices)
            :rating (max 0.0 (min 1.0 (+ (taste name kind choices) (- (random 0.4) 0.2)))) :weight 1.0 :proposal #f}))
       (iota n)))
(define (picked choices s) (cdr (assq s choices)))
(define (indifferent name kind choices) 0.5)
(define (long-liked name kind choices)
  (+ 0.4 (case (picked choices 'answer-length) ((6) 0.25) ((2) -0.1) (else 0.0))))
(define (apart name kind choices)
  (+ 0.5 (* (if (member name '("dev0" "dev1" "dev2")) 0.25 -0.25)
            (case (picked choices 'answer-order) ((newest) 1) ((oldest) -1) (else 0)))))
(define (by-kind name kind choices)
  (+ 0.5 (* (if (eq? kind 'fact) 0.25 -0.25)
            (case (picked choices 'answer-order) ((newest) 1) ((oldest) -1) (else 0)))))
(define (chance name value context)
  (let ((row (assq name (chances-in context))))
    (list-ref (caddr row) (list-index (lambda (v) (equal? v value)) (cadr row)))))
"""


@pytest.fixture(scope="module")
def language() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as session:
        session.eval(MADE)
        yield session


@pytest.fixture
def session(language: Session) -> Session:
    """Levels, settings tried and chance as at the beginning."""
    language.eval("""
      (for-each (lambda (level) (level! level 'on)) '(L1 L2 L3)) (level! 'L4 'off) (explore! #f)
      (set! chosen-learner 'team-learner) (set! explored-settings '(answer-length answer-order context-shown))
      (random-seed! 7)""")
    return language


def test_nothing_is_tried_until_it_is_said(session: Session) -> None:
    turn = '(decide-settings {:kind \'fact :persona "everyone" :developer "ann" :turn 1})'
    session.eval("(learn :from (made 60 6 long-liked))")
    assert session.eval(turn) == []
    session.eval("(explore! #t)")
    assert [str(name) for name, _, _ in session.eval(turn)] == [
        "answer-length",
        "answer-order",
        "context-shown",
    ]
    session.eval("(level! 'L1 'off)")
    assert session.eval(turn) == []


def test_what_is_logged_is_the_chance_it_was_drawn_with(session: Session) -> None:
    session.eval("(learn :from (made 300 6 long-liked)) (explore! #t)")
    drawn = session.eval("""
      (map (lambda (turn) (car (decide-settings {:developer "dev1" :turn turn}))) (iota 1500))""")
    by_value: dict[int, list[float]] = {}
    for _, value, p in drawn:
        by_value.setdefault(value, []).append(p)
    for chances in by_value.values():
        p = chances[0]
        assert p >= 0.02 and set(chances) == {p}
        assert abs(len(chances) / 1500 - p) < 4 * (p * (1 - p) / 1500) ** 0.5
    assert sum(chances[0] for chances in by_value.values()) == pytest.approx(1.0)


def test_l1_tries_more_of_what_is_liked_and_stays_even_where_nothing_is(session: Session) -> None:
    session.eval("(level! 'L2 'off) (level! 'L3 'off) (learn :from (made 300 6 long-liked))")
    assert str(session.eval("(learner-in-force)")) == "pooled-learner"
    assert session.eval('(chance \'answer-length 6 {:developer "dev1"})') > 0.8
    session.eval("(learn :from (made 300 6 indifferent))")
    assert (
        session.eval('(map (lambda (row) (>= (apply min (caddr row)) 0.02)) (chances-in {:developer "x"}))')
        == [True] * 3
    )
    session.eval("(learn :from '())")
    assert session.eval('(chance \'answer-length 6 {:developer "dev1"})') == pytest.approx(0.25)


def test_l2_knows_people_apart(session: Session) -> None:
    session.eval("(learn :from (made 480 6 apart))")
    assert str(session.eval("(learner-in-force)")) == "team-learner"
    assert session.eval("(chance 'answer-order 'newest {:developer \"dev0\"})") > 0.9
    assert session.eval("(chance 'answer-order 'oldest {:developer \"dev4\"})") > 0.9
    assert "L2 pays" in session.eval("(hash-ref (cadr (level-gains)) :reading)")
    assert session.eval('(cadr (assq \'answer-order (developer-wishes "dev0")))') == session.eval("'newest")
    assert session.eval("(team-wishes)") == []


def test_l2_says_when_it_does_not_pay(session: Session) -> None:
    session.eval("(learn :from (made 480 6 long-liked))")
    assert "L2 pays" not in session.eval("(hash-ref (cadr (level-gains)) :reading)")


def test_l3_wishes_what_the_team_likes_and_nothing_else(session: Session) -> None:
    session.eval("(learn :from (made 480 8 long-liked))")
    (wish,) = session.eval("(team-wishes)")
    assert [str(wish[0]), wish[1]] == ["answer-length", 6] and wish[2] == pytest.approx(0.25, abs=0.08)
    readings = session.eval("(map (lambda (row) (hash-ref row :reading)) (level-gains))")
    assert readings[0].startswith("L1 pays") and readings[2].startswith("L3 pays"), readings
    session.eval("(learn :from (made 480 8 indifferent))")
    assert session.eval("(team-wishes)") == []
    assert "L1 pays" not in session.eval("(hash-ref (car (level-gains)) :reading)")


def test_l4_takes_another_learner_only_where_it_pays(session: Session) -> None:
    session.eval("(define ratings (made 480 6 by-kind)) (learn :from ratings)")
    told = session.eval("(list (hash-ref (tune-learner!) :reading) chosen-learner (learner-in-force))")
    assert "L4 pays: kind-learner" in told[0] and str(told[1]) == "kind-learner"
    assert str(told[2]) == "team-learner", "it is switched off"
    session.eval("(level! 'L4 'on) (learn :from ratings)")
    assert session.eval("(chance 'answer-order 'newest {:developer \"dev0\" :kind 'fact})") > 0.8
    assert session.eval("(chance 'answer-order 'newest {:developer \"dev0\" :kind 'attitude})") < 0.2
    session.eval("(level! 'L4 'off) (learn :from (made 480 8 long-liked))")
    told = session.eval("(list (hash-ref (tune-learner!) :reading) chosen-learner)")
    assert "L4 does not pay" in told[0] and str(told[1]) == "team-learner"


def test_what_was_learned_is_proposed_once_and_given_evidence(session: Session) -> None:
    session.eval("""
      (define before (made 900 8 long-liked))
      (learn :from before)
      (define numbers (propose-learned!))""")
    named = session.eval(
        "(map (lambda (n) (list (get (proposal n) :name) (get (proposal n) :state))) numbers)"
    )
    assert str(named[0][0]) == "answer-length" and {str(state) for _, state in named} == {"waiting"}
    assert session.eval("answer-length") == 4 and session.eval("(propose-learned!)") == []
    session.eval("""
      (for-each (lambda (t) (hash-set! t :at (now))) before)
      (learn :from before)
      (define given (give-evidence!))""")
    ((_, turns),) = session.eval("given")
    assert turns == 900 and session.eval("(get (proposal (car numbers)) :pairs)") > 0
    assert session.eval("(cadar (give-evidence!))") == 0, "each turn is told once"
    session.eval("(for-each withdraw! numbers)")


def test_regret_and_report(session: Session) -> None:
    session.eval("(learn :from (made 200 4 long-liked))")
    mean, low, high, late = session.eval("""
      (let ((r (regret)))
        (append (map (lambda (key) (last (hash-ref r key))) '(:mean :low :high)) (list (hash-ref r :lately))))""")
    assert (
        low < mean < high and abs(mean - 200 * 0.2125) < 0.3 * 200 * 0.2125
    )  # a quarter loses nothing, one .35
    assert len(late) == 3 and session.eval("(plot? (plot-regret))")
    text = session.eval("(present (learning-report))")
    assert (
        text.startswith("Learned: learned from 200 ratings by 4 developers")
        and "L3" in text
        and "Corpus:" in text
    )


# ── Patterns ─────────────────────────────────────────────────────────────────────────────────────────────────

ASKED = """
(define (inquiry target question) (list 'persona-inquiry (list 'quote target) question))
(define shaped
  (append
    (map (lambda (what who) (list (inquiry 'raiders (string-append "How would they react to " what "?")) 0.9 who))
         '("longer raids" "a new boss" "higher prices" "duels" "less loot") '("ann" "bob" "ann" "cyd" "bob"))
    (map (lambda (q) (list (inquiry 'everyone q) 0.9 "dan")) '("Who won?" "Is it fun?" "What broke the shop today?"))))
(define words '("wolf" "tax" "moon" "glass" "river" "seven" "blue" "salt" "north" "piano"))
(define (scattered n)
  (map (lambda (at) (list (inquiry (random-choice '(raiders farmers everyone))
                                   (string-join (map (lambda (i) (random-choice words)) (iota 6)) " "))
                          1.0 "ann"))
       (iota n)))
"""


def test_a_shape_that_comes_back_is_found_and_becomes_a_procedure(session: Session) -> None:
    session.eval(ASKED)
    assert session.eval("(length (recurring-shapes shaped))") == 1
    assert session.eval("(hash-ref (car (recurring-shapes shaped)) :times)") == 5
    written = session.eval('(format "~s" (shape->definition (car (recurring-shapes shaped))))')
    assert (
        '(persona-inquiry (quote raiders) (string-append "How would they react to " what "?"))'
        in written.replace("'raiders", "(quote raiders)")
    )
    disliked = "(recurring-shapes (map (lambda (row) (list (car row) 0.2 (caddr row))) shaped))"
    assert session.eval(disliked) == []


def test_no_shape_is_seen_in_random_questions(session: Session) -> None:
    session.eval(ASKED)
    assert session.eval("(map (lambda (n) (length (recurring-shapes (scattered 40)))) (iota 5))") == [0] * 5


def test_names_that_nobody_knew_become_aliases(session: Session) -> None:
    wishes = session.eval("""
      (alias-wishes '((5 "ann" raiders) (9 "bob" raiders) (12 "cyd" farmers))
                    '(("sweats" 5 "ann") ("sweats" 8 "bob") ("crows" 12 "cyd")) '(("nice, thanks" farmers)))""")
    assert [[str(a), str(b), n] for a, b, n in wishes] == [["sweats", "raiders", 2]]
    assert session.eval('(alias-wishes \'((5 "ann" raiders)) \'(("sweats" 5 "bob")) \'())') == []


def test_the_whole_loop_in_a_workspace(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        session.eval("""
          (set! explored-settings '(answer-length)) (explore! #t)
          (define (ask n) (persona-inquiry 'everyone "What do they think of the price?"))
          (define asked (as-developer "ann" (map ask (iota 3))))
          (as-developer "ann" (rate! 5 :on (car asked)))
          (as-developer "ann" (rate! 1 :on (cadr asked)))""")
        assert session.eval("(hash-ref (learned-sheet) :ratings)") == 2
        name, p = session.eval("""
          (let ((t (car (rated-turns)))) (list (caar (hash-ref t :choices)) (cdar (hash-ref t :propensities))))""")
        assert str(name) == "answer-length" and p == pytest.approx(0.25)
        session.eval('(as-developer "bob" (rate! 3 :on (caddr asked)))')
        assert session.eval("(hash-ref (learned-sheet) :ratings)") == 3, "learned anew where ratings came"
        assert "Corpus: nothing was said since" in session.eval("(present (learning-report))")
        session.eval("""
          (feedback! :comment "they call them sweats" :on (car asked))
          (guard (e (#t #f)) (resolve-persona 'sweats))""")
        assert session.eval("(map car (unknown-names))") == ["sweats"]
        session.eval("(converse (environment-version) (list '(+ 1 2)))")
