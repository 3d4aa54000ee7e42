"""Adapters on their way outward: a queue in the log, decided by a person, whole after a kill, shared by sessions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from adapter_helpers import GAME, MINE, TEAM, digest, opened, shown

from chorus import Capabilities, ChorusError, Session
from chorus.interpreter.frames import migrations
from chorus.runtime.capabilities import NAMES

# — moving outward —


def test_a_person_decides_and_the_name_means_the_same(tmp_path: Path) -> None:
    with opened(tmp_path, True) as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm)")
        before = digest(session)
        assert shown(session, "(migrate! 'voice :to 'swarm :because \"stable\")") == "m1"
        assert shown(session, "(migrate! 'voice :to 'swarm)") == "m1"  # asked for already
        assert digest(session) == before and shown(session, "(with-frame 'swarm voice)").count("mine") == 0
        assert shown(session, "(approve! 'm1)") == "moved"
        assert digest(session) == before  # the same factors in the same order: the same to the bit
        assert shown(session, "(with-frame 'swarm voice)").count("mine") == 1
        assert shown(session, "(map (lambda (r) (cadr r)) (%frame-adapters 'voice))") == "(swarm)"
    with opened(tmp_path, True) as session:
        assert shown(session, "(get (first (table->list (migrations))) :state)") == '"moved"'
        assert shown(session, '(reject! \'m1 "too early")') == "returned"
        assert digest(session) == before and shown(session, "(get (audit) :ok)") == "#t"
        assert shown(session, "(map (lambda (r) (cadr r)) (%frame-adapters 'voice))") == "(swarm context)"
        assert shown(session, "(migrate! 'voice :to 'domain)") == "m2"
        session.eval(f"(define voice {GAME})")
        with pytest.raises(ChorusError) as changed:
            session.eval("(approve! 'm2)")
        assert changed.value.code == "conflict" and changed.value.hint
        assert shown(session, '(reject! \'m2 "no")') == "rejected"
        for wrong in (
            "(approve! 'm2)",
            "(approve! 'm9)",
            "(migrate! 'voice :from 'swarm :to 'agent)",
            "(migrate! 'x)",
        ):
            with pytest.raises(ChorusError) as refused:
                session.eval(wrong)
            assert refused.value.code == "migration" and refused.value.hint, wrong


def test_cutting_the_rank_is_said_and_kept() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm)")
        session.eval("(migrate! 'voice :to 'swarm :rank 1) (approve! 'm1)")
        assert 0.4 < session.eval("(get (first (table->list (migrations))) :lost)") < 0.5
        assert session.space.get("voice").rank == 1


def test_what_a_session_was_not_granted_is_refused(tmp_path: Path) -> None:
    without = lambda *names: Session(tmp_path, allow=Capabilities(*(set(NAMES) - set(names))))
    for missing, form in (
        ("rewrite", f"(rewrite voice {TEAM} :in 'swarm)"),
        ("rewrite", "(approve! 'm1)"),
        ("rewrite", "(reject! 'm1)"),
        ("rewrite", "(%bind-adapter! 'v voice 'swarm \"\")"),
        ("write", '(adapter-export voice "x")'),
        ("read", '(adapter-import "x")'),
        ("workspace read-workspace", '(adapter "abcdef")'),
    ):
        with without(*missing.split()) as session:
            session.eval(f"(define voice {MINE})")
            with pytest.raises(ChorusError) as denied:
                session.eval(form)
            assert denied.value.code == "denied", form


KILLED = """
    import os, signal, sys
    import chorus.interpreter.frames.migrations as migrations
    import chorus.runtime.frames.journal as journal
    import chorus.runtime.gate.chain as chain
    from chorus import Capabilities, Session

    folder, step, doing = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    session = Session(folder, allow=Capabilities.all(), persist=True)
    session.eval("voice")
    seen = 0
    def reached(name):
        global seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
    migrations.reached = journal.reached = chain.reached = reached
    session.eval(doing)
    print("done", seen)
"""


def _killed(folder: Path, step: int, doing: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(KILLED)
    return subprocess.run(
        [sys.executable, "-c", code, str(folder), str(step), doing],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_killed_at_each_step_a_migration_was_done_or_not(tmp_path: Path) -> None:
    with opened(tmp_path / "first", True) as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm) (migrate! 'voice :to 'swarm)")
        known = digest(session)
    steps = int(_killed(_copy(tmp_path, "count"), 10_000, "(approve! 'm1)").stdout.split()[1])
    assert steps > 10
    outcomes = set()
    for step in range(1, steps + 1):
        folder = _copy(tmp_path, f"step{step}")
        assert _killed(folder, step, "(approve! 'm1)").returncode < 0
        with opened(folder, True) as session:
            assert digest(session) == known  # before and after, the name means the same
            state = session.eval("(get (first (table->list (migrations))) :state)")
            frames = shown(session, "(map (lambda (r) (cadr r)) (%frame-adapters 'voice))")
            assert (state, frames) in {
                ("proposed", "(swarm context)"),
                ("approved", "(swarm context)"),
                ("moved", "(swarm)"),
            }
            assert shown(session, "(get (audit) :ok)") == "#t"
            outcomes.add(state)
            if state != "moved":
                assert shown(session, "(approve! 'm1)") == "moved"
            assert digest(session) == known and shown(session, '(reject! \'m1 "back")') == "returned"
            assert digest(session) == known
    assert outcomes == {"proposed", "approved", "moved"}


def _copy(tmp_path: Path, name: str) -> Path:

    shutil.copytree(tmp_path / "first", tmp_path / name)
    return tmp_path / name


def test_two_sessions_of_one_workspace(tmp_path: Path) -> None:
    with opened(tmp_path, True) as one, opened(tmp_path, True) as other:
        one.eval(f"(define voice {MINE})")
        assert one.eval("(count (migrations))") == 0
        one.eval("(migrate! 'voice)")
        assert other.eval("(count (migrations))") == 1  # one log
        with pytest.raises(ChorusError) as stale:
            other.eval("(approve! 'm1)")
        assert stale.value.code == "conflict"
        other.eval("(rollback! 'now)")
        assert shown(other, "(approve! 'm1)") == "moved"
        assert shown(other, "(map (lambda (r) (cadr r)) (%frame-adapters 'voice))") == "(agent)"
        code = (
            "import sys; from chorus import Session, ChorusError\n"
            "try: Session(sys.argv[1], persist=True)\n"
            "except ChorusError as e: print(e.code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, os.fspath(tmp_path)], capture_output=True, text=True
        )
        assert done.stdout.strip() == "busy"


# — the queue —

OF = "(make-adapter 'x {:v (list '((1 2)) (list (list (cos %s)) (list (sin %s))))})"


def test_what_others_bring_coalesces_moves_by_bandwidth_and_survives(tmp_path: Path) -> None:
    with opened(tmp_path, True) as session:
        session.eval(f"(define voice {MINE})")
        ask = lambda angle, more="": (
            session.eval(f"(migrate! 'voice :adapter {OF % (angle, angle)} {more})").name
        )
        first = [ask(angle) for angle in (0.0, 0.01)]
        assert first == ["m1", "m1"] and session.eval("(hash-ref (migration-report) :coalesced)") == 1
        asked = list(dict.fromkeys(ask(0.4 * at) for at in range(1, 14)))
        urgent = ask(9.3, ":emergency #t :universality 0.1")
        names = " ".join([*asked, *([urgent] if urgent not in asked else [])])
        states = shown(session, f"(approve! '({names}))").strip("()").split()
        told = "(map (lambda (r) (hash-ref r :migration)) (table->list (migrations :state 'moved)))"
        moved = set(session.eval(told))
        assert 1 <= states.count("moved") < len(states) and urgent in moved  # it does not wait for its turn
    with opened(tmp_path, True) as session:  # what was approved goes on where it was
        for _ in range(12):
            session.eval("(serve-migrations!)")
        report = session.eval("(migration-report)")
        said = {key.name: value for key, value in report.items()}
        assert said["approved"] == said["late"] == said["dropped"] == 0 and said["longest-wait"] < 10
        assert said["moved"] == len(names.split()) and said["proposed"] in (0, 1)
        assert shown(session, "(get (audit) :ok)") == "#t"


def test_the_queue_is_bounded_and_says_what_it_lost() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE})")
        queue = migrations.ledger_of(session).queue
        queue.capacity, queue.spill, queue.alike = 2, 1, 2.0
        for at, worth in enumerate((3, 1, 4, 2)):
            session.eval(f"(migrate! 'voice :adapter {OF % (at, at)} :universality {worth})")
        states = shown(session, "(map (lambda (r) (hash-ref r :state)) (table->list (migrations)))")
        assert states == '("proposed" "proposed" "dropped" "proposed")'
        assert session.eval("(hash-ref (migration-report) :dropped-mass)") > 1
        assert session.eval("(hash-ref (migration-report) :spilled)") == 1
        with pytest.raises(ChorusError, match="the queue is full") as full:
            session.eval(f"(migrate! 'voice :adapter {TEAM} :universality 0)")
        assert full.value.code == "migration" and full.value.hint


def test_a_name_asked_for_again_moves_as_it_is_now() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE}) (migrate! 'voice :to 'swarm)")
        session.eval("(define voice (make-adapter 'mine {:v '(((1 0.1)) ((1) (0)))}))")
        before = digest(session)
        assert shown(session, "(migrate! 'voice :to 'swarm)") == "m1"
        assert shown(session, "(approve! 'm1)") == "moved" and digest(session) == before
        assert session.eval("(hash-ref (first (table->list (migrations))) :count)") == 2
