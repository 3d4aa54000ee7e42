"""Taking files into the store: sniff, read in batches, merge, commit each batch, remember how far it came."""

from __future__ import annotations

import datetime as dt
import gc
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.connectors.batch import INPUT_FAILURES
from chorus.runtime.connectors.jsonsplit import Malformed, Truncated
from chorus.runtime.connectors.slack import without_lists
from chorus.runtime.connectors.sniff import Plan, companions, plan_for
from chorus.runtime.connectors.source import SourceFile
from chorus.runtime.errors import StoreError
from chorus.runtime.progress import Progress
from chorus.runtime.store.merge import Counts, Origin, merge

if TYPE_CHECKING:
    from chorus.runtime.connectors.mapping import Mapping
    from chorus.runtime.store.store import Store

NOTHING = Counts()
MEDIA = frozenset(
    ".png .jpg .jpeg .gif .webp .svg .bmp .ico .avif .apng .mp4 .webm .mov .mkv .mp3 .ogg .oga .wav .flac .m4a .pdf "
    ".css .js .woff .woff2 .ttf".split()
)  # what `--media` of DiscordChatExporter lays into a folder `EXPORT_Files` beside an export


@dataclass
class Summary:
    """What an ingestion came to: rows counted, REASONS of the quarantined, FAILED files with why.

    COMPANIONS counts the new rows of each file that came along with an export.
    """

    source: str
    counts: Counts = NOTHING
    companions: dict[str, int] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    files: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def take(self, other: Summary, beside: bool = False) -> None:
        if beside:
            self.companions[Path(other.source).name] = other.counts.added + other.counts.updated
            self.counts += Counts(quarantined=other.counts.quarantined)
        else:
            self.counts += other.counts
        self.reasons += other.reasons
        self.files += other.files
        self.failed += other.failed


def ingest(
    store: Store,
    path: Path,
    mapping: Mapping | None = None,
    meter: Any = None,
) -> Summary:
    """Take the file or folder PATH into STORE. StoreError `input`: nothing there, or unreadable.

    In a folder an unreadable file is quarantined and named. Batches committed before a failure stay.
    """
    started = time.monotonic()
    path = path.expanduser()
    if not path.exists():
        raise StoreError(
            f"there is no file or folder {path}",
            code="input",
            hint="paths are relative to the current folder",
        )
    files = (
        sorted(one for one in path.rglob("*") if _is_candidate(one, path, store.path))
        if path.is_dir()
        else [path]
    )
    files = without_lists(files) if path.is_dir() else files
    if not files:
        raise StoreError(f"the folder {path} holds no file", code="input")
    beside = [one for file in files for one in companions(file)]
    files = [file for file in files if file not in beside]
    summary = Summary(str(path))
    with store.recovering(), store.frugal(), _NoCollections():
        for file in files:
            if path.is_dir():
                _take_member(store, file, mapping, meter, summary)
            else:
                summary.take(_take_file(store, file, mapping, meter))
        for file in beside:
            summary.take(_take_file(store, file, None, meter), beside=True)
    summary.seconds = time.monotonic() - started
    return summary


class _NoCollections:
    """Rows are many and make no cycles: looking for cycles among them costs a fifth of the time."""

    def __enter__(self) -> None:
        self.was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was_on:
            gc.enable()


def _is_candidate(file: Path, folder: Path, workspace: Path) -> bool:
    """Hidden files, the workspace itself, pictures and sounds that were downloaded along, and a synthetic community's
    planted truth are nobody's export.
    """
    beside = any(part.endswith("_Files") for part in file.relative_to(folder).parts[:-1])
    if beside and file.suffix.lower() in MEDIA:
        return False
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    own = file.absolute().is_relative_to(workspace)
    return (
        file.is_file()
        and not hidden
        and not own
        and not file.name.endswith((".truth.json", ".questions.jsonl"))
    )


def _take_member(store: Store, file: Path, mapping: Mapping | None, meter: Any, summary: Summary) -> None:
    """One file of a folder; what it cannot be read for goes into the quarantine, under the file's name."""
    taken = Summary(str(file), files=1)
    try:
        _take_file(store, file, mapping, meter, taken)
    except (StoreError, OSError) as error:
        if isinstance(error, StoreError) and error.code != "input":
            raise
        reason = error.message if isinstance(error, StoreError) else str(error)
        with store.transaction("quarantine"):
            source = _begin(store, file, "unreadable", "", None)
            store.write("INSERT INTO quarantine VALUES (?, NULL, ?, ?)", [source, reason, str(file)])
            _finish(store, source, "unreadable")
        taken.failed.append((str(file), reason))
        taken.reasons[_refusal(error, taken.counts)] += 1
        taken.counts += Counts(quarantined=1)
    summary.take(taken)


def _refusal(error: Exception, counts: Counts) -> str:
    """Why a whole file stands in the quarantine, in few words."""
    if not isinstance(error.__cause__, (Truncated, EOFError)):
        return "unreadable file"
    return f"ends in the middle, {_kept(counts):,} rows kept"


def _kept(counts: Counts) -> int:
    return counts.added + counts.updated + counts.skipped


def _take_file(
    store: Store, file: Path, mapping: Mapping | None, meter: Any, summary: Summary | None = None
) -> Summary:
    """What came of FILE, counted into SUMMARY as its batches are committed."""
    summary = Summary(str(file), files=1) if summary is None else summary
    with Progress(file.name, file.stat().st_size, meter, unit="bytes") as bar:
        source_file = SourceFile(file, bar.to)
        try:
            plan = plan_for(source_file, mapping)
            digest = source_file.digest(plan.format, repr(mapping))
            known = _known(store, file, digest)
            if known is not None and known.complete:
                summary.counts = Counts(
                    skipped=known.high_water - known.quarantined, quarantined=known.quarantined
                )
                summary.reasons = _reasons(store, known.id)
                return _settled(store, file, summary)
            return _settled(store, file, _run(store, source_file, plan, digest, known, summary))
        except INPUT_FAILURES as failure:
            raise _input_error(file, failure, summary.counts) from failure


def _settled(store: Store, file: Path, summary: Summary) -> Summary:
    store.settle(f"ingest {file}")
    return summary


def _run(
    store: Store, source_file: SourceFile, plan: Plan, digest: str, known: _Known | None, summary: Summary
) -> Summary:
    """Read and merge the rows that are not acknowledged yet."""
    label = f"ingest {source_file.path}"
    resuming = known is not None and known.status == "running" and plan.resumable
    start = known.high_water if known is not None and resuming else 0
    with store.transaction(label):
        source = _begin(store, source_file.path, plan.format, digest, known, start)
    summary.counts += Counts(skipped=start)
    try:
        for batch, exported_at in plan.read(source_file, start):
            with store.transaction(label):
                if exported_at is not None:
                    store.write(
                        'UPDATE sources SET "exported-at" = ? WHERE id = ?',
                        [exported_at.replace(tzinfo=None), source],
                    )
                summary.counts += merge(store, Origin(source, exported_at), batch)
                store.write(
                    'UPDATE sources SET "high-water" = ?, rows = ? WHERE id = ?',
                    [batch.high_water, batch.high_water, source],
                )
            summary.reasons.update(reason for _, reason, _ in batch.quarantine)
    except INPUT_FAILURES:
        with store.transaction(label):
            _finish(store, source, "truncated")
        raise
    with store.transaction(label):
        _finish(store, source, "done")
    return summary


def _input_error(file: Path, failure: BaseException, counts: Counts) -> StoreError:
    kept = _kept(counts)
    what = str(failure) if isinstance(failure, (Truncated, Malformed)) else f"cannot be read: {failure}"
    if isinstance(failure, EOFError):
        what = "it is compressed, and ends in the middle"
    return StoreError(
        f"{file} {what}" if isinstance(failure, Truncated) else f"{file} is not readable: {what}",
        code="input",
        hint=f"the {kept:,} rows before that place are kept; ingest the whole file when you have it"
        if kept
        else None,
        irritants=(str(file),),
    )


# ── the ledger of sources ──


@dataclass
class _Known:
    """A source that was begun before: the same bytes, read the same way."""

    id: int
    status: str
    high_water: int
    quarantined: int
    complete: bool  # and every row it brought is still its own


def _known(store: Store, file: Path, digest: str) -> _Known | None:
    found = store.rows(
        """SELECT s.id, s.status, coalesce(s."high-water", 0), s.owned,
                  (SELECT count(*) FROM quarantine q WHERE q."source-id" = s.id)
           FROM sources s WHERE s.digest = ? ORDER BY s.id DESC LIMIT 1""",
        [digest],
    )
    if not found:
        return None
    source, status, high_water, owned, quarantined = found[0]
    complete = status == "done" and owned == _owned(store, source)
    return _Known(source, status, high_water, quarantined, complete)


def _owned(store: Store, source: int) -> int:
    """Rows that SOURCE brought and no later source has replaced."""
    tables = ("messages", "tickets", "events", "changes")
    sums = " + ".join(f'(SELECT count(*) FROM {table} WHERE "source-id" = $1)' for table in tables)
    return int(store.value(f"SELECT {sums}", [source]))


def _date(store: Store, source: int, exported_at: dt.datetime) -> None:
    store.write(
        'UPDATE sources SET "exported-at" = ? WHERE id = ?', [exported_at.replace(tzinfo=None), source]
    )


def _reasons(store: Store, source: int) -> Counter[str]:
    rows = store.rows(
        'SELECT reason, count(*) FROM quarantine WHERE "source-id" = ? GROUP BY reason', [source]
    )
    return Counter(dict(rows))


def _begin(store: Store, file: Path, format: str, digest: str, known: _Known | None, start: int = 0) -> int:
    """The source's id. A source begun anew forgets what an earlier reading of that path had quarantined."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    place = str(file.absolute())
    if known is not None and start:
        return known.id
    store.write(
        'DELETE FROM quarantine WHERE "source-id" IN (SELECT id FROM sources WHERE path = ?)', [place]
    )
    if known is not None:
        store.write(
            """UPDATE sources SET status = 'running', rows = 0, "high-water" = 0, path = ?, "started-at" = ?,
               "finished-at" = NULL WHERE id = ?""",
            [place, now, known.id],
        )
        return known.id
    store.write("DELETE FROM sources WHERE path = ? AND status = 'unreadable'", [place])
    source = int(store.value("SELECT coalesce(max(id), 0) + 1 FROM sources"))
    store.write(
        "INSERT INTO sources VALUES (?, ?, ?, ?, 'running', 0, 0, ?, NULL, NULL, 0)",
        [source, place, format, digest, now],
    )
    return source


def _finish(store: Store, source: int, status: str) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    store.write(
        'UPDATE sources SET status = ?, "finished-at" = ?, owned = ? WHERE id = ?',
        [status, now, _owned(store, source), source],
    )
