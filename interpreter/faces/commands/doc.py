"""`chorus doc`: what a name does, or the whole reference manual as Markdown, from the declarations."""

from __future__ import annotations

from chorus.interpreter.describe import as_text
from chorus.interpreter.faces.options import UsageError, near

USAGE = """usage: chorus doc [NAME…]

Documentation of each NAME; without one, the reference manual of all names as Markdown."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    from chorus.interpreter.session import Session

    with Session() as session:
        names = arguments or sorted(name for name in session.names() if not name.startswith("%"))
        for name in names:
            described = session.describe(name)
            if described is None:
                raise UsageError(f"nothing is called {name}" + near(name, session.names()))
            print(as_markdown(described) if not arguments else as_text(described))
    return 0


def as_markdown(described: dict) -> str:
    examples = "\n".join(
        f"> {form}" + (f"\n=> {value}" if value else "") for form, value in described.get("examples", [])
    )
    parts = [f"### `{described['name']}`", f"`{described['usage']}`", described.get("doc") or ""]
    if examples:
        parts.append(f"```scheme\n{examples}\n```")
    if described.get("effects"):
        parts.append("Effects: " + ", ".join(described["effects"]))
    return "\n\n".join(part for part in parts if part) + "\n"
