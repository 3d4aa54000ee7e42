"""Adapters in the language: values that come back, sums along the chain of frames, moves that a person decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from adapter_helpers import APPLIED, GAME, MINE, TEAM, digest, opened, shown
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError
from chorus.runtime.adapters import objects

# — along the chain —


def test_a_name_means_the_sum_of_what_its_frames_add() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE})")
        assert shown(session, APPLIED) == "(2.0 1.0)"
        session.eval(f"(rewrite voice {TEAM} :in 'swarm)")
        assert shown(session, APPLIED) == "(2.0 3.0)"
        session.eval(f"(rewrite voice {GAME} :in 'domain)")
        assert shown(session, APPLIED) == "(2.0 11.0)"
        assert shown(session, "(adapter-about voice)").count("game+team+mine") == 1
        seen = "(list (with-frame 'domain E) (with-frame 'swarm E) (with-frame 'agent E) (with-frame 'context E) E)"
        assert (
            shown(session, seen.replace("E", APPLIED))
            == "((1.0 9.0) (1.0 11.0) (1.0 11.0) (2.0 11.0) (2.0 11.0))"
        )
        session.eval("(define (heard) (adapter-apply voice '(1 1)))")  # procedures follow
        assert shown(session, "(with-frame 'domain (heard))") == "(1.0 9.0)"
        for frame in ("foundation", "agent"):  # an adapter that only lies further in adds nothing
            session.eval(f"(define alone {MINE})")
            with pytest.raises(ChorusError, match="nothing is called alone"):
                session.eval(f"(with-frame '{frame} alone)")
        session.eval("(define (search x) x)")
        assert shown(session, "(list (search 1) (with-frame 'swarm (procedure? near)))") == "(1 #t)"


def test_anything_else_in_between_shadows_what_lies_further_out() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm) (rewrite voice 5 :in 'agent)")
        assert shown(session, APPLIED) == "(2.0 1.0)"
        assert shown(session, "(with-frame 'agent voice)") == "5"
        assert shown(session, f"(with-frame 'swarm {APPLIED})") == "(1.0 3.0)"
        session.eval("(define voice 'none)")
        assert session.eval("voice").name == "none"


def test_a_frame_of_definitions_adds_to_the_chain_and_is_gone_after() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE}) (define rate 1) (define (rated) (cons rate {APPLIED}))")
        before = session.environment_version
        inside = f"(with-frame '((define rate 2) (define voice {TEAM})) (rated))"
        assert shown(session, inside) == "(2 2.0 3.0)"
        nested = f"(with-frame '((define voice {TEAM})) (with-frame '((define voice {GAME})) (rated)))"
        assert shown(session, nested) == "(1 2.0 9.0)"
        assert shown(session, f"(guard (e (#t 'left)) {inside.replace('(rated)', '(car 5)')})") == "left"
        assert shown(session, "(rated)") == "(1 2.0 1.0)" and session.environment_version == before
        for wrong in ("'nowhere", "'(5)", "5", "'((+ 1 2))"):
            with pytest.raises(ChorusError):
                session.eval(f"(with-frame {wrong} 1)")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.sampled_from(["context", "agent", "swarm", "domain"]), min_size=1, max_size=6),
    st.integers(0, 99),
)
def test_the_sum_is_that_of_the_matrices_whatever_the_order(frames: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    latest: dict[str, np.ndarray] = {}
    with opened() as session:
        for frame in frames:
            a, b = rng.integers(-4, 5, (2, 3)).astype(float), rng.integers(-4, 5, (3, 2)).astype(float)
            latest[frame] = b @ a
            session.eval(
                f"(%rewrite 'voice (list 'quote (make-adapter 'x (hash-table :v (list a b)))) :in '{frame})",
                a=[list(row) for row in a],
                b=[list(row) for row in b],
            )
        made = session.eval("(adapter-apply voice '((1 0 0) (0 1 0) (0 0 1)) :onto 'nothing)")
    assert np.array_equal(np.array(made).T, sum(latest.values()))


def test_what_does_not_fit_is_refused_and_changes_nothing() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE})")
        for other in ("(make-adapter 'big {:v '(9 9)})", "(make-adapter 'x {:v '(2 2)} :base \"other\")"):
            session.eval("(rewrite voice (make-adapter 'm {:v '(2 2)} :base \"one\"))")
            with pytest.raises(ChorusError) as refused:
                session.eval(f"(rewrite voice {other} :in 'swarm)")
            assert refused.value.code == "adapter" and refused.value.hint
            assert len(digest(session)) == 1


# — written down —


def test_versions_differences_and_rollback_are_as_of_any_name() -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE})")
        first = digest(session)
        session.eval(f"(rewrite voice {TEAM} :in 'swarm)")
        both = digest(session)
        assert shown(session, "(map car (environment-diff 'v1))") == "(changed)"
        session.eval("(rollback! 'v1)")
        assert digest(session) == first
        session.eval("(undo!)")
        assert digest(session) == both
        assert shown(session, f"(with-environment 'v1 {APPLIED})") == "(2.0 1.0)"
        assert shown(session, APPLIED) == "(2.0 3.0)"


def test_kept_definitions_come_back_bit_for_bit(tmp_path: Path) -> None:
    with opened(tmp_path, True) as session:
        session.eval(
            f"(define voice {MINE}) (define other voice) (define adapter 5)"
        )  # a name that a person takes
        session.eval(f"(rewrite voice {TEAM} :in 'swarm)")
        session.eval(f"(define (turn!) (set! other {GAME})) (turn!)")
        known = {name: digest(session, name) for name in ("voice", "other")}
        content = session.space.get("voice").contents
    for _ in range(2):
        with opened(tmp_path, True) as session:
            assert {name: digest(session, name) for name in known} == known
            assert shown(session, APPLIED) == "(2.0 3.0)" and shown(session, "(get (audit) :ok)") == "#t"
            for one, again in zip(content, session.space.get("voice").contents, strict=True):
                assert one.about == again.about
                assert all(
                    one.tensors[name].tobytes() == again.tensors[name].tobytes() for name in one.tensors
                )


def test_persist_takes_adapters_that_were_only_in_memory(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm)")
        assert not (tmp_path / "adapters").exists()
        session.eval("(persist!)")
        known = digest(session)
    with opened(tmp_path, True) as session:
        assert digest(session) == known and shown(session, APPLIED) == "(2.0 3.0)"
        assert len(session.eval("(adapters)")) == 2


def test_a_frame_as_a_file_carries_the_sum(tmp_path: Path) -> None:
    path = tmp_path / "mine.sexp"
    with opened(tmp_path / "w", True) as session:
        session.eval(f"(define voice {MINE}) (rewrite voice {TEAM} :in 'swarm) (define rate 2)")
        session.eval("(export-frame path)", path=str(path))
    with opened(tmp_path / "other", True) as session:
        session.eval("(import-frame path)", path=str(path))
        assert shown(session, f"(cons rate {APPLIED})") == "(2 2.0 3.0)"
    with opened(tmp_path / "other", True) as session:
        assert shown(session, APPLIED) == "(2.0 3.0)" and shown(session, "(get (audit) :ok)") == "#t"


def test_merging_frames_adds_no_adapter_twice() -> None:
    with opened() as session:
        session.eval(f"(rewrite voice {TEAM} :in 'swarm) (define a 1)")
        session.eval("(define b 2) (merge-frames 'v1 'v2 'now :adopt #t)")
        assert shown(session, APPLIED) == "(1.0 3.0)"


def test_a_missing_or_damaged_file_is_told_when_it_is_used(tmp_path: Path) -> None:
    with opened(tmp_path, True) as session:
        session.eval(f"(define voice {MINE}) (define rate 3)")
        path = objects.path_of(tmp_path / "adapters", digest(session)[0])
    sound = path.read_bytes()
    for spoil, code in (
        (lambda: path.write_bytes(sound[:-1] + b"x"), "corrupt"),
        (path.unlink, "unknown-adapter"),
    ):
        spoil()
        with opened(tmp_path, True) as session:
            assert session.eval("rate") == 3 and code in shown(session, "voice")
            with pytest.raises(ChorusError) as told:
                session.eval(APPLIED)
            assert told.value.code == code and told.value.hint
            assert shown(session, "(get (audit) :ok)") == "#f"
            session.eval(MINE)  # the same content makes it good only where it is kept
    with opened(tmp_path, True) as session:
        session.eval(f"(define again {MINE})")
        assert shown(session, APPLIED) == "(2.0 1.0)" and shown(session, "(get (audit) :ok)") == "#t"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("adapters.head", "adapters.head is missing"),
        ("adapters.sexp", "2 events were acknowledged, 0 are there"),
        ("the adapter", "is missing"),
    ],
)
def test_the_dashboard_shows_what_is_sound_beside_what_is_gone(
    name: str, problem: str, tmp_path: Path
) -> None:
    with opened(tmp_path, True) as session:
        session.eval(f"(define voice {MINE}) (define other {GAME})")
        session.eval("(migrate! 'voice) (migrate! 'other)")
        path = objects.path_of(tmp_path / "adapters", digest(session)[0])
    (path if name == "the adapter" else tmp_path / name).unlink()
    with opened(tmp_path, True) as session:
        assert problem in session.eval("(get (audit) :problem)")
        board = session.eval("(dashboard->string (dashboard))")
        assert board.startswith("NOT what was written") and problem in board and "other in context" in board
        states = shown(session, "(map (lambda (row) (get row :state)) (table->list (health)))")
        assert states == ('("unproven" "damaged")' if name == "the adapter" else '("unproven" "unproven")')


# — learning —


def test_what_was_planted_is_learnt_and_luck_is_not() -> None:
    rng = np.random.default_rng(4)
    w, delta = rng.standard_normal((5, 6)), rng.standard_normal((5, 1)) @ rng.standard_normal((1, 6))
    x = rng.standard_normal((120, 6))
    noise = 0.1 * rng.standard_normal((120, 5))
    rows = lambda of: [list(map(float, row)) for row in of]
    with opened() as session:
        pairs = [[a, b] for a, b in zip(rows(x), rows(x @ (w + delta).T + noise), strict=True)]
        learnt = session.eval(
            "(let ((made (adapter-train! 'planted pairs :onto w :rank 1)))"
            " (list (hash-ref made :accepted) (adapter-apply planted probe :onto w)))",
            pairs=pairs, w=rows(w), probe=rows(np.eye(6)),
        )  # fmt: skip
        assert learnt[0] and np.abs(np.array(learnt[1]).T - (w + delta)).max() < 0.15
        null = [[a, b] for a, b in zip(rows(x), rows(x @ w.T + noise), strict=True)]
        accepted = session.eval(
            "(hash-ref (adapter-train! 'nothing pairs :onto w :rank 1) :accepted)", pairs=null, w=rows(w)
        )
        assert not accepted and not session.space.holds("nothing")
        assert shown(
            session, "(guard (e (#t (error-object-message e))) (adapter-train! 'few '(((1) (1)))))"
        ) == ('"adapter-train!: only 1 pairs; 20 or more are needed"')


def test_vectors_that_belong_together_are_brought_together_on_pairs_not_seen() -> None:
    from chorus.kernels.lora import fitting

    rng = np.random.default_rng(0)
    unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)
    t = rng.standard_normal((500, 32))
    turned = t.copy()
    turned[:, :4] = t[:, [1, 0, 3, 2]] * 3  # queries speak of four things by other names
    q, t = unit(turned + 0.4 * rng.standard_normal(t.shape)), unit(t)
    at = np.arange(500)
    found = fitting.fit_vectors(q, t, at, at, 8, 0)
    assert found.accepted and found.after > found.before + 0.05
    by_lot = fitting.fit_vectors(q, t[rng.permutation(500)], at, at, 8, 0)
    assert not by_lot.accepted
    recurring = np.repeat(np.arange(25), 20)  # few targets, each asked for often
    often = unit(3 * turned[recurring][:, ::-1] + 2 * rng.standard_normal(turned.shape))
    known = fitting.fit_vectors(often, t[:25], at, recurring, 8, 0)
    assert known.accepted and known.held_out == 100


def test_a_mixed_batch_is_each_row_by_its_own() -> None:
    with opened() as session:
        together = session.eval(
            f"(define a {MINE}) (define b {TEAM}) (adapter-apply (list a b #f a) '((1 1) (1 1) (1 1) (2 3)))"
        )
        alone = session.eval(
            "(list (adapter-apply a '(1 1)) (adapter-apply b '(1 1)) '(1.0 1.0) (adapter-apply a '(2 3)))"
        )
        assert together == alone


def test_peft_files_come_back_as_they_went(tmp_path: Path) -> None:
    with opened() as session:
        session.eval(f"(define voice {MINE}) (adapter-export voice folder)", folder=str(tmp_path / "peft"))
        assert {path.name for path in (tmp_path / "peft").iterdir()} == {
            "adapter_model.safetensors", "adapter_config.json"
        }  # fmt: skip
        session.eval("(define again (adapter-import folder))", folder=str(tmp_path / "peft"))
        assert shown(session, "(adapter-apply again '(1 1))") == shown(session, APPLIED)
        (tmp_path / "peft" / "adapter_model.safetensors").write_bytes(b"\x80\x04pickle")
        with pytest.raises(ChorusError) as refused:
            session.eval("(adapter-import folder)", folder=str(tmp_path / "peft"))
        assert refused.value.code == "input"


# — how they are —


def test_bad_members_do_not_move_what_is_common() -> None:
    with opened() as session:
        session.eval(
            """
            (define (towards x y) (make-adapter 'of {:v (list '((1 0)) (list (list x) (list y)))}))
            (define found (resonance {:ann (towards 1 0) :bob (towards 1 0.2) :cem (towards 0.9 -0.2)
                                      :dot (towards 1.1 0) :mallory (towards -50 50)}))
            """
        )
        made = session.eval("(adapter-apply (hash-ref found :consensus) '(1 0) :onto 'nothing)")
        assert abs(made[0] - 1) < 0.2 and abs(made[1]) < 0.2
        assert "mallory" in session.eval("(hash-ref found :reading)")
        plain = session.eval(
            "(adapter-apply (hash-ref (resonance (list (towards 1 0) (towards 1 0) (towards -9 0)) :rule 'mean)"
            " :consensus) '(1 0) :onto 'nothing)"
        )
        assert plain[0] < -2  # the mean is dragged along: what the rule is for


def test_health_names_what_is_to_be_looked_at() -> None:
    with opened() as session:
        session.eval("(define idle (make-adapter 'idle {:v '(6 6)}))")
        session.eval(
            f"(define voice (make-adapter 'undoes {{:v '(((0 1)) ((0) (-2)))}})) (rewrite voice {TEAM} :in 'swarm)"
        )
        states = shown(session, "(map (lambda (row) (list (get row :name) (get row :frame) (get row :state)))"
                                " (table->list (health)))")  # fmt: skip
        assert '("idle" "context" "idle")' in states and '("voice" "context" "opposed")' in states
        text = session.eval("(dashboard->string (dashboard))")
        assert "What is kept is what was written." in text and "opposed" in text
        assert "#<plot bar" in shown(session, "(plot-health)")
