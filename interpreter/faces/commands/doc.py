"""`chorus doc`: what a name does, or the reference manual as Markdown, from the declarations."""

from __future__ import annotations

from pathlib import Path

from chorus.interpreter.describe import as_text
from chorus.interpreter.faces.options import UsageError, near, unknown_option

USAGE = """usage: chorus doc [NAME… | --folder DIR]

Documentation of each NAME; without one, the reference manual as Markdown: on standard output, or as a page for each
subject in DIR."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    if not arguments:
        for text in _manual().values():
            print(text)
    elif arguments[0] == "--folder":
        if len(arguments) != 2:
            raise UsageError("--folder wants a folder after it, and nothing else")
        write_pages(Path(arguments[1]))
    else:
        describe(arguments)
    return 0


def describe(names: list[str]) -> None:
    from chorus.interpreter.session import Session

    with Session() as session:
        for name in names:
            described = session.describe(name)
            if described is None:
                known = session.names()
                raise UsageError(
                    unknown_option(name, ["--folder"])
                    if name.startswith("--")
                    else f"nothing is called {name}" + near(name, known)
                )
            print(as_text(described))


def _manual() -> dict[str, str]:
    from chorus.interpreter.faces.manual import pages
    from chorus.interpreter.session import Session
    from chorus.runtime.capabilities import Capabilities

    with Session(allow=Capabilities.all()) as session:
        return pages(session)


def write_pages(folder: Path) -> None:
    """Make the pages of FOLDER those of the manual: pages of subjects that are gone are removed."""
    made = _manual()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for page in folder.glob("*.md"):
            if page.name not in made:
                page.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"cannot write {folder}: {problem.strerror}") from None
