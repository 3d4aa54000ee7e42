"""What may be quoted is what a slow definition says: ranked by worth, nearly as good as the best, linked by itself."""

from __future__ import annotations

import random

import pytest

from chorus import Session

QUESTIONS = ("Who won the last match?", "How would they react to higher weapon damage?")
SLOW = """
(define (slowly reading evidence)
  (let ((ranked (by-worth reading evidence)))
    (if (null? ranked)
        '()
        (let ((least (max relevance-least (* relevance-share (hash-ref (car ranked) :score)))))
          (surest (fullest reading (filter (lambda (e) (and (>= (hash-ref e :score) least) (own-link? e))) ranked)))))))
(define (fullest reading kept) ; of fact: beside one that has every word, none that lacks one
  (if (or (opinion? reading) (null? kept) (< (apply max (map (lambda (e) (hash-ref e :weakest)) kept)) match-full))
      kept
      (remove (lambda (e) (< (hash-ref e :weakest) match-none)) kept)))
(define (surest kept) ; whoever stands there by a link alone must have one of the better sort, if anybody has
  (define (sort-of e)
    (cond ((>= (max (- (hash-ref e :own-coverage) link-coverage) (- (hash-ref e :own-dense) link-dense)) 0) 'matter)
          ((< (hash-ref e :link) addressed-link) 'beside)
          (else 'answer)))
  (if (memq 'answer (map sort-of kept)) (remove (lambda (e) (eq? (sort-of e) 'beside)) kept) kept))
(define (told found) (map (lambda (e) (list (hash-ref e :id) (hash-ref e :score))) found))
"""
FIGURES = ("relevance", "own-dense", "own-coverage", "own-weakest", "weakest", "pleads")


def sentences(rng: random.Random, count: int) -> str:
    """Evidence as a list in the language; figures from few values, so that many are equal."""
    few = (0.0, 0.1, 0.25, 0.3, 0.7, 0.75, 0.9, 1.0)

    def one(at: int) -> str:
        figures = " ".join(f":{name} {rng.choice(few)}" for name in FIGURES)
        asks = rng.choice(("#t", "#f", "#f"))
        return (
            f"{{:id {at} {figures} :asks {asks} :asked {rng.choice((0, 0.4))} "
            f":link {rng.choice((0.0, 0.3, 0.6, 0.9, 1.0))} :idle {rng.choice((0.1, 0.9))} "
            f":features {{:sought {rng.choice((0.0, 0.2))}}}}}"
        )

    return "'(" + " ".join(one(at) for at in range(count)) + ")"


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_quoted_is_what_the_slow_way_finds(question: str) -> None:
    rng = random.Random(7)
    with Session() as session:
        session.eval(SLOW)
        session.eval("(define reading (read-question asked))", asked=question)
        found = 0
        for count in (0, 1, 2, 5, 20, 60):
            session.eval(f"(define evidence {sentences(rng, count)})")
            assert session.eval(
                "(equal? (told (relevant reading evidence)) (told (slowly reading evidence)))"
            )
            found += session.eval("(length (relevant reading evidence))")
        assert found  # so that two empty lists are not all that was compared
