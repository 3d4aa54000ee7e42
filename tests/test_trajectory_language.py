"""What `trajectory` kept is never given where something else would be worked out: planted ways of being stale."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from adapter_helpers import APPLIED, MINE, TEAM, opened

from chorus import ChorusError, Session

# Outside, so that all frames look at them.
ASKED = f"""(rewrite kept (make-trajectory-cache) :in 'domain)
            (rewrite worked-out (lambda () (format "~s" {APPLIED})) :in 'domain)
            (rewrite asked (lambda () (trajectory kept "q" (lambda (q) (worked-out)) :name 'voice)) :in 'domain)"""


@pytest.fixture
def session() -> Iterator[Session]:
    with opened() as made:
        made.eval(f"{ASKED} (define voice {MINE})")
        yield made


def adapter(x: int) -> str:
    return f"(make-adapter 'a{x} {{:v '(((1 {x})) ((1) ({x})))}})"


def test_samplers_that_are_shown_alike_are_told_apart(session: Session) -> None:
    samplers = ["'(1)", '\'("1")', '\'("a b")', '\'("a" "b")', "'(a b)", "'(#\\a)", "'(a)", "1/3", "0.3"]
    for sampler in [*samplers, "0.30000000000000004"]:
        said = f'(trajectory kept "s" (lambda (q) (format "~s" {sampler})) :sampler {sampler})'
        assert session.eval(said) == session.eval(f'(format "~s" {sampler})')


def test_definitions_laid_over_all_are_part_of_the_key(session: Session) -> None:
    session.eval(f"(rewrite voice {TEAM} :in 'swarm)")
    for frame in ("'swarm", f"'((define voice {adapter(3)}))", f"'((define voice {adapter(4)}))"):
        for _ in range(2):
            assert session.eval(f"(with-frame {frame} (equal? (asked) (worked-out)))") is True
    assert session.eval("(hash-ref (trajectory-counts kept) :hits)") == 3


@pytest.mark.parametrize("seed", range(2))
def test_no_walk_of_changes_makes_a_hit_stale(seed: int) -> None:
    """Definitions in frames, moves outward, what is taken back, rollbacks, views: hits are what is worked out anew."""
    draw = random.Random(seed)
    with opened() as session:
        session.eval(f"{ASKED} (rewrite voice {MINE} :in 'domain)")
        first = session.eval("(length (environment-history))")
        for _ in range(80):
            versions = session.eval("(length (environment-history))")
            change = draw.choice(
                [
                    *["(rewrite voice {adapter} :in '{frame})"] * 3,
                    *["(migrate! 'voice :to '{further})", "(approve! 'm{row})", '(reject! \'m{row} "no")']
                    * 2,
                    "(rollback! 'v{version})",
                    '(trajectories-learnt! kept \'("q"))',
                ]
            )
            _try(
                session,
                change.format(
                    adapter=adapter(draw.randrange(4)),
                    frame=draw.choice(["domain", "swarm", "agent", "context"]),
                    further=draw.choice(["domain", "swarm"]),
                    row=1 + draw.randrange(1 + session.eval("(count (migrations))")),
                    version=draw.randrange(first, versions + 1),
                ),
            )
            over = f"'((define voice {adapter(draw.randrange(4))}))"
            view = draw.choice(
                ["{}", "(with-frame 'swarm {})", "(with-frame 'agent {})", f"(with-frame {over} {{}})"]
            )
            assert session.eval(view.replace("{}", "(equal? (asked) (worked-out))")) is True
        assert session.eval("(hash-ref (trajectory-counts kept) :hits)") > 10


def _try(session: Session, form: str) -> None:
    """FORM, which may be refused, as a migration of what is no longer there."""
    try:
        session.eval(form)
    except ChorusError as refused:
        assert refused.code in ("migration", "conflict"), (form, refused)
