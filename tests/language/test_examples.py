"""Every name of the language is documented, and every example in the documentation does what it says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus import Capabilities, Session
from chorus.interpreter.compiler.syntax_forms import CORE
from chorus.interpreter.loader import the_manifest
from chorus.runtime.printer import write

ANYTHING = ("", "…")
PLAIN = {"pure", "compute", "output", "mutate", "clock", "random", "environment"}
# files of the stdlib whose examples need no workspace
PLAIN_FILES = {
    f"stdlib/{name}.sexp" for name in ("core", "control", "records", "lists", "sequences", "hash", "tools")
}


def described() -> dict[str, dict]:
    with Session(allow=Capabilities.all()) as session:
        return {name: session.describe(name) or {} for name in session.names()}


KNOWN = described()
PUBLIC = sorted(name for name in KNOWN if not name.startswith("%"))


def is_plain(known: dict) -> bool:
    """Whether the examples run without a workspace: by what is shown, and by what the examples use beside it."""
    used = {name for form, _ in known["examples"] for name in re.findall(r"\(([^\s()]+)", form)}
    return all(_works_plainly(each) for each in (known, *(KNOWN[name] for name in used & KNOWN.keys())))


def _works_plainly(known: dict) -> bool:
    if known["effects"] is not None:
        return set(known["effects"]) <= PLAIN
    return known["source"] is None or known["source"].partition(":")[0] in PLAIN_FILES


WITH_EXAMPLES = [name for name in KNOWN if KNOWN[name].get("examples")]
IN_PLAIN = sorted(name for name in WITH_EXAMPLES if is_plain(KNOWN[name]))
IN_WORKSPACE = sorted(set(WITH_EXAMPLES) - set(IN_PLAIN))


def run(session: Session, name: str) -> None:
    """Run NAME's examples in order; consecutive ones share their definitions."""
    for form, expected in KNOWN[name]["examples"]:
        value = [value for _, value in session.run(form, f"example of {name}")][-1]
        assert expected in ANYTHING or write(value) == expected, (
            f"{form}\n  gave {write(value)}\n  not  {expected}"
        )


@pytest.fixture(scope="module")
def plain() -> Iterator[Session]:
    with Session(allow=Capabilities.command_line()) as session:
        yield session


@pytest.mark.parametrize("name", IN_PLAIN)
def test_example(name: str, plain: Session) -> None:
    if any("(define" in form for form, _ in KNOWN[name]["examples"]):
        with Session(allow=Capabilities.command_line()) as session:  # its definitions stay its own
            run(session, name)
    else:
        run(plain, name)


@pytest.fixture(scope="module")
def in_workspace(_tiny_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("examples") / "workspace"
    shutil.copytree(_tiny_workspace, folder)
    with Session(folder, allow=Capabilities.all()) as session:
        yield session


@pytest.mark.parametrize("name", IN_WORKSPACE)
def test_example_in_a_workspace(name: str, in_workspace: Session) -> None:
    run(in_workspace, name)


def test_every_primitive_has_a_doc_and_an_example() -> None:
    lacking = [
        name
        for name in sorted(the_manifest().entries)
        if name in KNOWN
        and KNOWN[name].get("kind") == "primitive"
        and not (KNOWN[name]["doc"] and KNOWN[name]["examples"])
    ]
    assert lacking == []


def test_every_form_and_public_procedure_is_documented() -> None:
    lacking = [
        name for name in PUBLIC if KNOWN[name].get("kind") in ("form", "procedure") and not KNOWN[name]["doc"]
    ]
    assert lacking == []


def test_every_macro_and_procedure_of_the_language_has_an_example() -> None:
    """Core forms are shown by the tests beside this one; accessors of records by their type's."""
    lacking = [
        name
        for name in PUBLIC
        if name not in CORE
        and KNOWN[name]["source"]
        and is_plain(KNOWN[name])
        and not KNOWN[name]["examples"]
    ]
    assert lacking == []


def test_no_primitive_is_missing_from_the_manifest() -> None:
    assert the_manifest().problems == {}
