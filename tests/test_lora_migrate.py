"""The migration queue: bounded, coalescing, asked for, on time; killed anywhere it loses and repeats nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.kernels.lora.bandwidth import Bandwidth, Fixed, needed
from chorus.kernels.lora.durable import Durable, Payload, digest
from chorus.kernels.lora.migrate import Migration, Queue
from chorus.kernels.lora.signature import signature
from chorus.runtime.errors import EvalError, StoreError

SHAPE = (4, 6)


class Level:
    """A level in memory: what stands is the sum of what moved there."""

    def __init__(self) -> None:
        self.standing: Payload = {"w": np.zeros(SHAPE)}
        self.staged: dict[str, Payload] = {}
        self.order: list[int] = []

    def head(self, migration: Migration | None = None) -> str:
        return digest(self.standing)

    def stage(self, migration: Migration, payload: Payload) -> str:
        self.order.append(migration.id)
        made = {"w": self.standing["w"] + payload["w"]}
        self.staged[digest(made)] = made
        return digest(made)

    def move(self, migration: Migration, before: str, after: str) -> None:
        assert self.head() == before
        self.standing = self.staged[after]


def payload(seed: int) -> Payload:
    return {"w": np.random.default_rng(seed).integers(-9, 10, SHAPE).astype(float)}


def fill(queue: Queue, count: int, start: int = 0) -> list[Migration | None]:
    return [queue.push(payload(start + at), "agent", "domain") for at in range(count)]


# How fast


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=60))
def test_the_speed_is_the_least_that_keeps_every_promise(left: list[int]) -> None:
    speed = needed(left)

    def keeps(speed: int) -> bool:
        return all(at // speed < ticks for at, ticks in enumerate(sorted(left))) if speed else not left

    assert keeps(speed) and not (speed and keeps(speed - 1))


def test_fifty_at_once_need_six_a_tick() -> None:
    assert [needed([9] * burst) for burst in (50, 51, 100, 200)] == [6, 6, 12, 23]


@pytest.mark.parametrize("burst", [50, 100, 200])
def test_a_burst_waits_less_than_ten_ticks(burst: int) -> None:
    queue, level = Queue(capacity=300, bandwidth=Bandwidth(most=64)), Level()
    fill(queue, 2)
    queue.tick(level)
    fill(queue, burst, 100)
    for tick in range(12):
        fill(queue, 1, 1000 + tick)
        queue.tick(level)
    while queue.waiting():
        queue.tick(level)
    made = queue.report()
    assert made.longest_wait < 10 and made.late == 0 and made.dropped == 0
    slow = Queue(capacity=300, bandwidth=Fixed(4))
    fill(slow, burst)
    for _ in range(60):
        slow.tick(Level())
    assert slow.report().longest_wait >= 10 and slow.report().late > 0


def test_what_the_machine_bears_halves_and_recovers() -> None:
    speed = Bandwidth(most=16, seconds=1.0)
    speed.observe(2.0, 16)
    assert speed.most == 8
    for _ in range(20):
        speed.observe(0.1, speed.most)
    assert speed.most == 16 and speed.services([1] * 100) == 16
    speed.observe(9.0, 0)
    assert speed.most == 16  # a tick in which nothing was served tells nothing


# In which order, how many


def test_due_before_priority_before_age_and_emergencies_before_all() -> None:
    queue, level = Queue(bandwidth=Fixed(1, within=3)), Level()
    low = queue.push(payload(1), "agent", "domain", universality=0.1)
    high = queue.push(payload(2), "agent", "domain", universality=0.9)
    other = queue.push(payload(3), "agent", "domain", universality=0.5)
    assert low and high and other
    queue.tick(level)
    urgent = queue.push(payload(4), "agent", "domain", universality=0.0, emergency=True)
    assert urgent
    assert [row.id for row in queue.rush(level)] == [urgent.id]
    queue.tick(level)
    queue.tick(level)
    assert level.order == [high.id, urgent.id, other.id, low.id]
    late = Queue(bandwidth=Fixed(1, within=2))
    first = late.push(payload(1), "agent", "domain", universality=0.1)
    late.tick(level), late.push(payload(5), "agent", "domain", universality=0.9)
    assert first and first.state == "moved"


def test_beyond_its_room_the_least_is_dropped_and_its_mass_told() -> None:
    queue = Queue(capacity=3)
    rows = [
        queue.push(payload(at), "agent", "domain", universality=worth)
        for at, worth in enumerate((3, 1, 4, 2, 0))
    ]
    assert rows[4] is None
    made = queue.report()
    lost = [row for row in queue.all.values() if row.state == "dropped"]
    assert [row.universality for row in lost] == [1, 0] and made.dropped == 2
    assert made.dropped_mass == pytest.approx(sum(row.mass for row in lost)) and made.mass > made.dropped_mass


def test_what_exceeds_memory_is_on_disk_and_comes_back(tmp_path: Path) -> None:
    queue, level = Queue(tmp_path, capacity=4, alike=2), Level()
    fill(queue, 12)
    assert queue.report().spilled == 8 and queue.report().dropped == 0
    while queue.waiting():
        queue.tick(level)
    assert np.array_equal(level.standing["w"], sum(payload(at)["w"] for at in range(12)))
    assert not list((tmp_path / "payloads").iterdir())


# Coalescing


def test_like_ones_coalesce_by_strength_and_unlike_ones_do_not() -> None:
    queue, made = Queue(), payload(1)
    first = queue.push(made, "agent", "domain", strength=1.0)
    again = queue.push({"w": 1.2 * made["w"]}, "agent", "domain", strength=3.0)
    assert first and first is again and first.count == 2 and first.strength == 2.0
    assert np.allclose(queue.payload(first)["w"], 1.15 * made["w"])
    for other in ({"w": -made["w"]}, payload(2)):
        assert queue.push(other, "agent", "domain") is not first
    assert queue.push(made, "agent", "swarm") is not first
    assert queue.report().coalesced == 1


def test_a_hash_alone_makes_nothing_one() -> None:
    queue = Queue()
    rows = [queue.push(payload(at), "agent", "domain", mark="same") for at in range(5)]
    assert len({row.id for row in rows if row}) == 5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_signatures_forget_length_and_turn_with_the_sign(seed: int, length: float) -> None:
    made = {"w": np.random.default_rng(seed).standard_normal(SHAPE)}
    assert signature({"w": length * made["w"]}) == signature(made)
    bits = [int(signature({"w": sign * made["w"]}).split("-")[1], 16) for sign in (1, -1)]
    assert bits[0] ^ bits[1] == 255 and signature(made) != signature({"v": made["w"]})


# People


def test_nothing_moves_that_nobody_approved(tmp_path: Path) -> None:
    queue, level = Queue(tmp_path, approval=True), Level()
    rows = fill(queue, 3)
    urgent = queue.push(payload(9), "agent", "domain", emergency=True)
    assert not queue.tick(level) and not queue.rush(level) and urgent
    assert all(row and row.state == "proposed" for row in rows)
    queue.approve(1, "ann"), queue.reject(2, "ben", "too narrow"), queue.approve(urgent.id, "ann")
    assert [row.id for row in queue.tick(level)] == [urgent.id, 1]
    again = Queue(tmp_path, approval=True)
    said = {row.id: (row.state, row.by, row.why) for row in again.all.values()}
    assert said[1] == ("moved", "ann", "") and said[2] == ("rejected", "ben", "too narrow")
    assert said[3] == ("proposed", "", "")


def test_what_was_approved_is_what_moves() -> None:
    queue, made = Queue(approval=True), payload(1)
    row = queue.push(made, "agent", "domain")
    assert row
    seen = row.digest
    queue.push({"w": 1.1 * made["w"]}, "agent", "domain")
    with pytest.raises(EvalError, match="changed"):
        queue.approve(row.id, "ann", digest=seen)
    approved = queue.approve(row.id, "ann", digest=row.digest).digest
    assert queue.push(made, "agent", "domain") is not row and row.digest == approved


def test_wrong_states_are_refused() -> None:
    queue = Queue(approval=True)
    fill(queue, 1)
    queue.reject(1, "ann")
    for wrong in (
        lambda: queue.approve(1, "ann"),
        lambda: queue.reject(1, "ann"),
        lambda: queue.approve(7, "ann"),
    ):
        with pytest.raises(EvalError):
            wrong()


# Faults


class Killed(Exception):
    pass


def migrate(folder: Path, level: Level, point: int | None) -> int:
    """Five migrations, two a tick, ended at step POINT; how many steps there were."""
    steps = 0

    def step(name: str) -> None:
        nonlocal steps
        steps += 1
        if steps - 1 == point:
            raise Killed(name)

    queue = Queue(folder, capacity=3, bandwidth=Fixed(2), step=step)
    queue.recover(level)
    known = {row.digest for row in queue.all.values()}
    for at in range(5):
        if digest(payload(at)) not in known:
            queue.push(payload(at), "agent", "domain")
    while queue.waiting():
        queue.tick(level)
    return steps


def test_killed_at_each_step_it_resumes_or_reverts(tmp_path: Path) -> None:
    unhurt = Level()
    points = migrate(tmp_path / "unhurt", unhurt, None)
    assert points > 40
    for point in range(points):
        level, folder = Level(), tmp_path / str(point)
        with pytest.raises(Killed):
            migrate(folder, level, point)
        migrate(folder, level, None)
        assert level.head() == unhurt.head(), point
        assert {row.state for row in Queue(folder).all.values()} == {"moved"}


def test_a_target_that_others_moved_is_for_people_to_settle(tmp_path: Path) -> None:
    level = Level()
    with pytest.raises(Killed):
        queue = Queue(tmp_path, step=lambda name: (_ for _ in ()).throw(Killed()) if name == "move" else None)
        fill(queue, 1)
        queue.tick(level)
    level.standing = {"w": np.ones(SHAPE)}
    queue = Queue(tmp_path)
    (row,) = queue.recover(level)
    assert row.state == "proposed" and "others" in row.why and not queue.tick(level)


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from chorus.kernels.lora.migrate import Queue
at = int(sys.argv[2])
def step(name, count=[0]):
    count[0] += 1
    if count[0] == at:
        os.kill(os.getpid(), signal.SIGKILL)
queue = Queue(Path(sys.argv[1]), step=step)
for seed in range(4):
    row = queue.push({"w": np.full((4, 6), float(seed + 1))}, "agent", str(seed))
    print(row.digest, flush=True)
"""


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    for at in (2, 5, 8, 11, 14):
        folder = tmp_path / str(at)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(at)], capture_output=True, text=True
        )
        assert done.returncode == -signal.SIGKILL
        queue = Queue(folder)
        assert set(done.stdout.split()) <= {row.digest for row in queue.waiting()}
        assert all(digest(queue.payload(row)) == row.digest for row in queue.waiting())


def test_a_torn_end_is_cut_and_damage_before_it_is_told(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    fill(queue, 3)
    journal = tmp_path / "journal"
    whole = journal.read_bytes()
    for cut in (1, 7, 40):
        journal.write_bytes(whole[:-cut])
        assert len(Queue(tmp_path).all) == 2
        fill(Queue(tmp_path), 1, 50)
        assert len(Queue(tmp_path).all) == 3
    journal.write_bytes(whole[:30] + b"?" + whole[31:])
    with pytest.raises(StoreError, match="line 1"):
        Queue(tmp_path)
    assert os.path.getsize(journal) == len(whole)  # nothing was thrown away


def test_a_damaged_payload_is_dropped_and_told(tmp_path: Path) -> None:
    queue, level = Queue(tmp_path, capacity=1, alike=2), Level()
    fill(queue, 2)
    (spilled,) = [row for row in queue.waiting() if row.id not in queue._payloads]
    path = tmp_path / "payloads" / f"{spilled.digest}.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    while queue.waiting():
        queue.tick(level)
    made = queue.report()
    assert (made.moved, made.dropped) == (1, 1) and "not what was kept" in spilled.why


def test_unfinished_and_unwanted_payloads_go(tmp_path: Path) -> None:
    disk = Durable(tmp_path)
    kept, other = disk.keep(payload(1)), disk.keep(payload(2))
    (tmp_path / "payloads" / "half.new").write_bytes(b"x")
    disk.sweep({kept})
    assert [path.stem for path in (tmp_path / "payloads").iterdir()] == [kept] != [other]
