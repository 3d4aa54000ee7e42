"""Values in notebooks: bundles of MIME types for tables, answers, plots and errors; `%%chorus` cells in IPython."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from chorus.runtime.errors import ChorusError
from chorus.runtime.values import UNSPECIFIED, MultipleValues

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

TEXT, HTML = "text/plain", "text/html"
PROSE = "white-space: pre-wrap; font-family: inherit; text-align: left"


class Shown:
    """What a notebook displays of a value."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self.bundle = bundle

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.bundle

    def __repr__(self) -> str:
        return str(self.bundle.get(TEXT, ""))


def bundle_of(session: Session, value: Any) -> dict[str, Any]:
    """The MIME bundle of VALUE, a value of the language; nothing for the unspecified one."""
    from chorus.interpreter.faces.knowledge import Knowledge
    from chorus.runtime.printer import write
    from chorus.runtime.table_format import formatted, is_tabular

    if value is UNSPECIFIED:
        return {}
    if isinstance(value, MultipleValues):
        return {TEXT: "\n".join(bundle_of(session, item).get(TEXT, "") for item in value.items)}
    if hasattr(value, "_repr_mimebundle_"):
        return value._repr_mimebundle_()
    prose = Knowledge(session).text_for_people(value)
    if prose is not None:
        return {TEXT: prose, HTML: f'<pre style="{PROSE}">{escape(prose)}</pre>'}
    if is_tabular(value):
        return {TEXT: formatted(value), HTML: formatted(value, "html")}
    return {TEXT: write(value)}


def error_bundle(error: ChorusError) -> dict[str, Any]:
    from chorus.interpreter.diagnostics import report

    text = report(error)
    return {TEXT: text, HTML: f"<pre>{escape(text)}</pre>"}


# — IPython —


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext chorus`: `%chorus FORM` and `%%chorus` cells, in a session that stays; options of the command line
    may stand behind `%%chorus`.
    """
    from chorus.interpreter.faces.options import UsageError, parse

    sessions: dict[str, Session] = {}

    def chorus(line: str, cell: str | None = None) -> Any:
        options = line.strip() if cell is not None else ""
        try:
            session = sessions.get(options)
            if session is None:
                from chorus.interpreter.faces.cli import open_session

                for other in sessions.values():
                    other.close()
                sessions.clear()
                session = sessions[options] = open_session(parse(options.split()))
            shown = session.show(line if cell is None else cell)
        except UsageError as problem:
            raise ValueError(str(problem)) from None
        return shown if shown.bundle else None

    shell.register_magic_function(chorus, magic_kind="line_cell", magic_name="chorus")
