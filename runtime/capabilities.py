"""What a session may do: a closed set of names, each the key to some effects of primitives."""

from __future__ import annotations

from chorus.runtime.errors import CapabilityDenied

# effect declared by a primitive -> capability it needs (None: always allowed)
NEEDS: dict[str, str | None] = {
    "pure": None,
    "compute": None,
    "output": None,
    "mutate": None,
    "read-store": "workspace",
    "read-table": None,  # a table that is given: only who may read the store comes by one of the store
    "write-store": "workspace",
    "keep-index": "workspace",  # what is computed from the store, and can be again
    "note": "workspace",  # what asking leaves behind: turns, signs; a primitive notes nothing where it may only read
    "ingest": "ingest",
    "model": "model",  # calls of a model, which may cost money
    "read-file": "read",
    "write-file": "write",
    "net": "net",
    "process": "process",
    "rewrite": "rewrite",
    "clock": "clock",
    "random": "random",
    "environment": "environment",
}

READING = "read-workspace"  # a narrower key than `workspace`, for these
READERS = frozenset({"read-store", "keep-index", "note"})

NAMES: tuple[str, ...] = tuple(sorted({need for need in NEEDS.values() if need} | {READING}))


class Capabilities:
    """An immutable set of capability names; `Capabilities()` allows nothing."""

    __slots__ = ("names",)

    def __init__(self, *names: str) -> None:
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            raise ValueError(f"unknown capability {unknown[0]!r}; known: {', '.join(NAMES)}")
        self.names = frozenset(names)

    @classmethod
    def all(cls) -> Capabilities:
        return cls(*NAMES)

    @classmethod
    def command_line(cls) -> Capabilities:
        """What `chorus` grants without --allow."""
        return cls("workspace", "ingest", "model", "clock", "random", "environment")

    @classmethod
    def reading(cls) -> Capabilities:
        """What an agent that asks is granted: it changes nothing, calls nobody, and sees no environment."""
        return cls(READING, "clock", "random")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __or__(self, other: Capabilities) -> Capabilities:
        return Capabilities(*(self.names | other.names))

    def without(self, *names: str) -> Capabilities:
        return Capabilities(*(self.names - set(names)))

    def missing(self, effects: frozenset[str]) -> str | None:
        """The first capability that EFFECTS need and this set lacks."""
        for effect in sorted(effects):
            need = NEEDS[effect]
            if need is not None and need not in self.names:
                if effect in READERS and READING in self.names:
                    continue
                return need
        return None

    def demand(self, effects: frozenset[str], name: str) -> None:
        """CapabilityDenied if NAME, which has EFFECTS, needs what this set lacks."""
        missing = self.missing(effects)
        if missing is not None:
            raise CapabilityDenied(missing, name)

    def __repr__(self) -> str:
        return f"Capabilities({', '.join(map(repr, sorted(self.names)))})"
