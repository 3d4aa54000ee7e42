"""Whether a workspace's adapters and the log of them are what was written, and fit the journal."""

from __future__ import annotations

import re
from pathlib import Path

from chorus.runtime.adapters import objects
from chorus.runtime.adapters.keeping import FOLDER
from chorus.runtime.adapters.log import Log
from chorus.runtime.frames.bindings import Binding
from chorus.runtime.frames.history import History
from chorus.runtime.frames.kept import call_in
from chorus.runtime.values import HashTable, Keyword, make_list

MIGRATION = re.compile(r"migration m\d+ of .* ([0-9a-f]{16})")  # as a version's reason tells of one


def audited(told: HashTable, workspace: Path | None, history: History) -> HashTable:
    """TOLD, what the audit says so far, with what that of adapters adds: how many were looked at, the first fault."""
    if workspace is None:
        return told
    folder = workspace / FOLDER
    kept = [change.binding for version in history.versions if version.saved for change in version.changes]
    bound = [digest for binding in kept for digest in _bound(binding)]
    digests = list(dict.fromkeys((*bound, *objects.listed(folder))))
    if not digests and not (workspace / Log.FILE).exists():
        return told
    told.set(Keyword("adapters"), len(digests))
    damaged = [digest for digest in digests if not objects.is_sound(folder, digest)]
    if damaged:
        told.set(Keyword("damaged"), make_list(damaged))
    fault = f"adapter {damaged[0][:12]}… {_fault(folder, damaged[0])}" if damaged else ""
    problem = _log_problem(workspace, history) or fault
    if problem and told.get(Keyword("ok")) is True:
        told.set(Keyword("ok"), False)
        told.set(Keyword("problem"), problem)
    return told


def _bound(binding: Binding | None) -> list[str]:
    call = call_in(binding)
    return [] if call is None else call[1]


def _fault(folder: Path, digest: str) -> str:
    return "is not what was written" if objects.has(folder, digest) else "is missing"


def _log_problem(workspace: Path, history: History) -> str:
    """What is wrong with the log; it and the journal hold each other: neither can go back alone."""
    log = Log(workspace)
    flaw = log.flaw or log.misfit(history.order) or log.unheaded
    if flaw is not None:
        return f"{Log.FILE}: {flaw.problem}"
    known = {event.hash[:16] for event in log.events}
    for version in history.versions:
        told = MIGRATION.search(version.reason)
        if version.saved and told is not None and told[1] not in known:
            return f"{Log.FILE}: nothing announces the migration of version v{version.number}"
    return ""
