"""The queue of what is to move from an inner level to an outer one: bounded, coalescing, durable, and asked for.

A migration is proposed, approved (by a person, or at once where none is asked for), moved, and may be returned; or it
is rejected; or dropped where the queue is full, which is reported as mass. Like ones coalesce (write combining): the
same signature and a cosine of at least ALIKE. The order of service is: emergencies, what is due, then priority =
universality × strength. What exceeds CAPACITY is spilled: only its payload on disk remains.

Moving follows intent logging (Mohan et al., ARIES, TODS 1992): `moving` with the digests before and after is on disk
before the target moves. Killed anywhere, the queue that opens again looks at which of the two stands and resumes or
reverts. What is noted, and where payloads lie, is a store's matter (`Store`): files of its own (durable.py), or the log
and adapters of a workspace (interpreter/frames/migrations.py), so both have one queue.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from chorus.kernels.lora.bandwidth import Bandwidth, Fixed
from chorus.kernels.lora.durable import Durable, Step, digest
from chorus.kernels.lora.migration import AFTER, ENDED, STATES, WAITING, Migration, Report, Store, Target
from chorus.kernels.lora.signature import WHOLE, Algebra
from chorus.runtime.errors import EvalError, StoreError

ALIKE = 0.9


@dataclass
class Queue:
    """FOLDER or another STORE keeps it (neither: in memory only, where nothing can be spilled). APPROVAL: a person is
    asked for each.
    """

    folder: Path | None = None
    capacity: int = 64
    spill: int = 1024
    approval: bool = False
    bandwidth: Bandwidth | Fixed = field(default_factory=Bandwidth)
    algebra: Algebra = WHOLE
    alike: float = ALIKE
    step: Step = lambda name: None
    store: Store | None = None

    def __post_init__(self) -> None:
        self.now, self._next, self._coalesced = 0, 1, 0
        self.all: dict[int, Migration] = {}
        self._payloads: dict[int, Any] = {}
        self._total = 0.0
        self._disk: Store | None = Durable(self.folder, self.step) if self.folder else self.store
        if self._disk:
            for event in self._disk.lines():
                self.take(event)
            self._disk.sweep({row.digest for row in self.waiting("proposed", "approved", "moving")})

    # Proposing

    def push(
        self,
        payload: Any,
        source: str,
        target: str,
        universality: float = 1.0,
        strength: float | None = None,
        emergency: bool = False,
        mark: str | None = None,
        about: dict[str, Any] | None = None,
        latest: bool = False,
    ) -> Migration | None:
        """Propose that PAYLOAD (ΔW by layer) moves from level SOURCE to TARGET. None: dropped, as the queue is
        full of better.

        STRENGTH is by default the norm; MARK, a signature of one's own, by default is made of the payload. LATEST: it
        takes the place of a like one that waits, where else their mean does. ABOUT is kept with it.
        """
        mass = self._mass(payload)
        mark = mark or self.algebra.mark(payload)
        given = (source, target, mark, universality, mass if strength is None else strength, mass, emergency)
        like = self._like(payload, source, target, mark)
        if like is None:
            return self._new(payload, about or {}, *given)
        return self._merge(like, payload, latest, about or like.about, *given[3:])

    def approve(self, id: int, by: str, digest: str | None = None) -> Migration:
        """A person lets it move. DIGEST: what the person saw, refused where it has changed since."""
        row = self._row(id, "proposed")
        if digest is not None and digest != row.digest:
            raise EvalError(
                f"migration {id} has changed since it was looked at", code="changed", hint="look at it again"
            )
        return self._note("approved", id=id, by=by, why="", tick=self.now)

    def reject(self, id: int, by: str, why: str = "") -> Migration:
        """A person keeps it where it is."""
        row = self._note("rejected", id=self._row(id, *WAITING).id, by=by, why=why, tick=self.now)
        self._forget(row)
        return row

    # Serving

    def tick(self, target: Target) -> list[Migration]:
        """One tick: apply to TARGET as many as the bandwidth allows, emergencies before and beside it."""
        self._note("tick", tick=self.now + 1)
        began = time.monotonic()
        served = self.rush(target)
        left = {row.id: self._left(row) for row in self.waiting("approved")}
        speed = self.bandwidth.services(left.values())
        chosen = sorted(self.waiting("approved"), key=lambda row: (left[row.id] > 1, -row.priority, row.id))
        served += self._serve(chosen[:speed], target)
        self.bandwidth.observe(time.monotonic() - began, len(served))
        return served

    def rush(self, target: Target) -> list[Migration]:
        """Apply what is an emergency and approved now, without waiting for a tick. Nobody's approval is bypassed."""
        return self._serve([row for row in self.waiting("approved") if row.emergency], target)

    def take_back(self, id: int, target: Target, by: str, why: str = "") -> Migration:
        """What moved goes back, as long as what came of it stands as it was left."""
        row = self._row(id, "moved")
        if target.head(row) != row.after:
            raise EvalError(f"{row.target} has changed since migration {id} was done", code="conflict")
        self._note("returning", id=id, by=by, why=why)
        self._under_way(row, target, row.after, row.before)
        return self.all[id]

    def recover(self, target: Target) -> list[Migration]:
        """Settle what was under way when the process ended, by what stands in TARGET; call before the first tick."""
        settled = []
        for row in self.waiting("moving", "returning"):
            stands, back = target.head(row), row.state == "returning"
            if stands == (row.before if back else row.after):
                settled.append(self._done(row))
            elif stands == (row.after if back else row.before):
                settled.append(self._note("kept" if back else "reverted", id=row.id))
            else:  # somebody else has moved the target since: a person must tell
                settled.append(
                    self._note("unsure", id=row.id, why=f"{row.target} was changed by others meanwhile")
                )
        return settled

    def waiting(self, *states: str) -> list[Migration]:
        return [row for row in self.all.values() if row.state in (states or WAITING)]

    def payload(self, row: Migration) -> Any:
        """What would move; from disk where it was spilled."""
        if row.id in self._payloads:
            return self._payloads[row.id]
        if self._disk is None:
            raise StoreError(f"migration {row.id} has no payload any more", code="input")
        return self._disk.fetch(row.digest)

    def rows(self) -> list[dict[str, Any]]:
        """All that ever came, as rows of a table."""
        return [vars(row) | {"priority": row.priority, "wait": row.wait} for row in self.all.values()]

    def report(self) -> Report:
        counts = {state: len(self.waiting(state)) for state in STATES}
        waits = [row.wait for row in self.waiting("moved", "returned") if row.wait is not None]
        return Report(
            tick=self.now,
            proposed=counts["proposed"],
            approved=counts["approved"],
            spilled=sum(row.id not in self._payloads for row in self.waiting()),
            moved=counts["moved"],
            returned=counts["returned"],
            rejected=counts["rejected"],
            dropped=counts["dropped"],
            dropped_mass=sum(row.mass for row in self.waiting("dropped")),
            mass=self._total,
            coalesced=self._coalesced,
            longest_wait=max(waits, default=0),
            late=sum(wait > self.bandwidth.within for wait in waits),
            speed=self.bandwidth.services(self._left(row) - 1 for row in self.waiting("approved")),
        )

    # Parts

    def _new(
        self, payload: Any, about: dict[str, Any], source: str, target: str, mark: str, *rest: Any
    ) -> Migration | None:
        universality, strength, mass, emergency = rest
        name = self._disk.keep(payload) if self._disk else digest(payload)
        row = Migration(
            self._next,
            source,
            target,
            mark,
            universality,
            strength,
            mass,
            self.now,
            name,
            emergency=emergency,
            about=about,
        )
        if not self.approval:
            row.state, row.by, row.since = "approved", "nobody is asked", self.now
        self._note("pushed", row={key: value for key, value in asdict(row).items() if value is not None})
        self._payloads[row.id] = payload
        self._bound()
        made = self.all[row.id]
        return None if made.state == "dropped" else made

    def _merge(
        self, row: Migration, payload: Any, latest: bool, about: dict[str, Any], *rest: Any
    ) -> Migration:
        """The mean by strength of what waits and what came, or the LATEST."""
        universality, strength, mass, emergency = rest
        shares = (row.strength * row.count, strength)
        made = payload if latest else self.algebra.mean((self.payload(row), payload), shares)
        old = row.digest
        name = self._disk.keep(made) if self._disk else digest(made)
        n = row.count + 1
        self._note(
            "merged",
            id=row.id,
            digest=name,
            count=n,
            universality=max(row.universality, universality),
            strength=(row.strength * row.count + strength) / n,
            mass=self._mass(made),
            emergency=row.emergency or emergency,
            about=about,
            came=mass,
        )
        self._payloads[row.id] = made
        if self._disk and old != name and not any(other.digest == old for other in self.waiting()):
            self._disk.forget(old)
        self._bound()
        return row

    def _like(self, payload: Any, source: str, target: str, mark: str) -> Migration | None:
        """What waits and is so like PAYLOAD that they are one; what a person has approved is left as it was
        approved.
        """
        still = "proposed" if self.approval else "approved"
        for row in self.waiting(still):
            if (row.source, row.target, row.signature) == (source, target, mark):
                mine = self.payload(row)
                inner = self.algebra.inner(mine, payload)
                if inner >= self.alike * self._mass(mine) * self._mass(payload):
                    return row
        return None

    def _serve(self, rows: Iterable[Migration], target: Target) -> list[Migration]:
        done = []
        for row in list(rows):
            try:
                payload = self.payload(row)
            except StoreError as error:
                self._note("dropped", id=row.id, why=error.message, tick=self.now)
                continue
            try:
                before, after = target.head(row), target.stage(row, payload)
            except EvalError as error:
                if error.code != "conflict":
                    raise
                self._note("unsure", id=row.id, why=error.message)
                continue
            self._note("moving", id=row.id, before=before, after=after)
            done.append(self._under_way(row, target, before, after))
        return done

    def _under_way(self, row: Migration, target: Target, before: str, after: str) -> Migration:
        """What was announced is done; if that fails, what stands in TARGET says what became of it."""
        self.step("move")
        try:
            target.move(row, before, after)
        except BaseException:
            self.recover(target)
            raise
        return self._done(row)

    def _done(self, row: Migration) -> Migration:
        if row.state == "returning":
            return cast(Migration, self._note("returned", id=row.id))
        self._note("moved", id=row.id, tick=self.now)
        self._forget(row)
        return row

    def _bound(self) -> None:
        """Beyond CAPACITY payloads of least priority are left on disk; beyond SPILL as well they are dropped."""
        waiting = sorted(self.waiting(), key=lambda row: (row.emergency, row.priority, -row.id))
        room = self.capacity + (self.spill if self._disk else 0)
        for row in waiting[: max(0, len(waiting) - room)]:
            self._note("dropped", id=row.id, why="the queue was full", tick=self.now)
            self._forget(row)
        if self._disk:
            kept = [row for row in waiting if row.state in WAITING]
            for row in kept[: max(0, len(kept) - self.capacity)]:
                self._payloads.pop(row.id, None)

    def _forget(self, row: Migration) -> None:
        self._payloads.pop(row.id, None)
        if self._disk and not any(other.digest == row.digest for other in self.waiting()):
            self._disk.forget(row.digest)

    def _left(self, row: Migration) -> int:
        """Ticks within which it is to be served, this one included."""
        return (row.since or 0) + self.bandwidth.within - self.now + 1

    def _row(self, id: int, *states: str) -> Migration:
        row = self.all.get(id)
        if row is None:
            raise EvalError(f"there is no migration {id}", code="range")
        if row.state not in states:
            raise EvalError(
                f"migration {id} is {row.state}", code="range", hint=f"wanted: {' or '.join(states)}"
            )
        return row

    def _mass(self, payload: Any) -> float:
        return float(np.sqrt(max(0.0, self.algebra.inner(payload, payload))))

    # Events: what happened is what is on disk

    def _note(self, event: str, **about: Any) -> Any:
        made = {"event": event, **about}
        return self.take(self._disk.note(made) if self._disk else made)

    def take(self, event: dict[str, Any]) -> Migration | None:
        """The state after EVENT, whether it happens now, is read again, or was noted by another process."""
        about = dict(event)
        kind, moment = about.pop("event"), about.pop("at", "")
        if kind == "tick":
            self.now = about["tick"]
            return None
        if kind == "pushed":
            row = Migration(**(about["row"] | {"made": moment}))
            self.all[row.id] = row
            self._next, self._total = row.id + 1, self._total + row.mass
            return row
        row = self.all[about.pop("id")]
        tick = about.pop("tick", None)
        if kind == "merged":
            self._coalesced, self._total = self._coalesced + 1, self._total + about.pop("came")
        else:
            row.state, row.decided = AFTER[kind], moment or row.decided
            row.since = tick if kind == "approved" else row.since
            if kind in ("moved", "rejected", "dropped"):
                row.ended = tick
        if row.state in ENDED or (kind == "merged" and about["digest"] != row.digest):
            self._payloads.pop(row.id, None)
        for name, value in about.items():
            setattr(row, name, value)
        return row
