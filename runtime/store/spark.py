"""Apache Spark through Spark Connect, where tables are larger than a machine: queries sent there, their rows as Arrow.

A session of its own at each server, so that nothing that it sets is seen by others. The client is imported when it is
first asked for.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, REAL, STRING, Field

if TYPE_CHECKING:
    import pyarrow

COLUMN_TYPES: Final = {
    STRING: "STRING",
    INTEGER: "BIGINT",
    REAL: "DOUBLE",
    BOOLEAN: "BOOLEAN",
    INSTANT: "TIMESTAMP_NTZ",
    MISSING: "STRING",
}
SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    # It breaks plans that read one view twice (Spark 4.3.0: PLAN_VALIDATION_FAILED_RULE_IN_BATCH), and only tidies.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
}


class Spark:
    """What a session has asked Spark: one connection for each server."""

    def __init__(self) -> None:
        self._sessions: dict[str, Any] = {}

    def read(
        self,
        remote: str,
        sql: str,
        parameters: Mapping[str, Any],
        sent: Mapping[str, tuple[str, pyarrow.Table]],
    ) -> pyarrow.Table:
        """The rows of SQL at REMOTE, which is SENT tables before: (columns' types, rows) by the view's name."""
        with _in_words(remote):
            session = self._session(remote)
            try:
                for name, (columns, rows) in sent.items():
                    session.createDataFrame(rows, schema=columns).createOrReplaceTempView(name)
                found = session.sql(sql, args=dict(parameters)) if parameters else session.sql(sql)
                return found.toArrow()
            finally:
                for name in sent:
                    session.catalog.dropTempView(name)

    def interrupt(self, asker: int) -> None:
        """Stop what is being computed, at every server."""
        for session in list(self._sessions.values()):
            with warnings.catch_warnings(), _unsaid():
                session.interruptAll()

    def close(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            with _unsaid():
                session.client.close()

    def _session(self, remote: str) -> Any:
        if not remote.startswith("sc://"):
            raise EvalError(
                f"{remote} is no address of Spark Connect",
                code="table-engine",
                hint='as in "sc://host:15002"',
            )
        if remote not in self._sessions:
            builder = _client().builder.remote(remote)
            for name, value in SETTINGS.items():
                builder = builder.config(name, value)
            self._sessions[remote] = builder.create()
        return self._sessions[remote]


def columns_of(fields: list[Field]) -> str:
    """The columns of a view, with their types as Spark calls them."""
    return ", ".join(f"`{field.name.replace('`', '``')}` {COLUMN_TYPES[field.type]}" for field in fields)


def _client() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas, which is not used
            from pyspark.sql import SparkSession
    except ImportError as problem:
        raise EvalError(
            f"the client of Spark is not here ({problem})",
            code="not-installed",
            hint="pip install 'chorus-lisp[spark]'",
        ) from None
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # what it says, the error says
    return SparkSession


@contextmanager
def _unsaid() -> Iterator[None]:
    """Of a server that is gone there is nothing left to stop or to close."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).debug("Spark has gone", exc_info=True)


@contextmanager
def _in_words(remote: str) -> Iterator[None]:
    """What Spark says, as an error of the language."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except EvalError:
        raise
    except Exception as problem:
        told = (str(problem).splitlines() or [type(problem).__name__])[0]
        if not type(problem).__module__.startswith(("pyspark", "grpc")):
            raise
        raise EvalError(f"Spark at {remote}: {told}", code="table-engine", irritants=(remote,)) from None
