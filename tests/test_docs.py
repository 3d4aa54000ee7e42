"""The manual says what the sources say, its links lead somewhere, and what the documents show is what comes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chorus import Capabilities, Session
from chorus.interpreter.faces.commands import doc
from chorus.interpreter.faces.manual import OTHER, pages
from chorus.interpreter.loader import stdlib_text
from chorus.interpreter.reader import read_forms
from chorus.interpreter.stage.front import derived_names
from chorus.runtime.primitive import split_doc
from chorus.runtime.printer import write

DOCS = Path(doc.__file__).parents[3] / "docs"
BLOCK = re.compile(r"^```scheme\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    with Session(allow=Capabilities.all()) as session:
        return pages(session)


def test_the_committed_pages_are_up_to_date(made: dict[str, str]) -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md")}
    assert sorted(kept) == sorted(made), "run `make docs`"
    for name, text in made.items():
        assert kept[name] == text, f"{name} is behind the sources: run `make docs`"


def test_every_name_has_an_entry_with_its_usage(made: dict[str, str]) -> None:
    with Session(allow=Capabilities.all()) as session:
        public = [name for name in session.names() if not name.startswith("%")]
    whole = "\n".join(made.values())
    entries = set(re.findall(r'<a id="(n-[^"]+)"></a>', whole))
    assert len(entries) == len(public) == len(re.findall(r'<a id="(n-[^"]+)"></a>', whole))
    assert f"{OTHER.page}.md" not in made, (
        f"give these a page in manual.SUBJECTS:\n{made.get(f'{OTHER.page}.md')}"
    )
    assert "(car pair)" in made["lists.md"] and "> (car '(1 2))\n=> 1" in made["lists.md"]
    assert "primitive; effects: output" in made["input-output.md"]
    assert "/" + "work" not in whole and str(DOCS.parent) not in whole  # no path of the machine


def test_links_lead_somewhere() -> None:
    for path in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        text = path.read_text(encoding="utf-8")
        for link in LINK.findall(re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)):
            file, _, place = link.partition("#")
            if "://" in file:
                continue
            target = (path.parent / file) if file else path
            assert target.exists(), f"{path.name}: {link}"
            assert not place or f'id="{place}"' in target.read_text(encoding="utf-8"), f"{path.name}: {link}"


def test_the_manual_can_be_written_anywhere(tmp_path: Path, made: dict[str, str]) -> None:
    (tmp_path / "gone.md").write_text("a subject that is no more")
    assert doc.run(["--folder", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(made)


@pytest.mark.parametrize(
    ("file", "least", "allow"),
    [
        ("language.md", 50, Capabilities()),
        ("evaluator.md", 35, Capabilities("rewrite", "workspace")),
        ("evaluators.md", 12, Capabilities("clock")),
        ("frames.md", 20, Capabilities()),
        ("feedback.md", 10, Capabilities()),
        ("gate.md", 18, Capabilities("rewrite", "workspace")),
        ("tables.md", 30, Capabilities("workspace")),
        ("questions.md", 4, Capabilities()),
        ("plots.md", 10, Capabilities("workspace")),
        ("spectra.md", 5, Capabilities("workspace")),
        ("search.md", 4, Capabilities("workspace", "model")),
        ("adapters.md", 15, Capabilities("workspace", "rewrite", "clock")),
        ("learning.md", 15, Capabilities.all()),
    ],
)
def test_what_the_chapters_show_is_what_comes_back(file: str, least: int, allow: Capabilities) -> None:
    text = (DOCS / file).read_text(encoding="utf-8")
    examples = [example for block in BLOCK.findall(text) for example in split_doc(block)[1]]
    assert len(examples) > least
    with Session(allow=allow) as session:
        for form, expected in examples:
            assert len(read_forms(form)) == 1, form
            ((_, value),) = session.run(form, file)
            assert expected in ("", "…") or write(value) == expected, (
                f"{form}\n  gave {write(value)}\n  not  {expected}"
            )


@pytest.mark.parametrize(
    ("chapter", "files", "least"),
    [
        ("evaluator.md", ["evaluator.sexp"], 5),
        ("evaluators.md", [f"evaluators/{name}.sexp" for name in derived_names()], 4),
    ],
)
def test_the_evaluators_are_quoted_as_they_stand(chapter: str, files: list[str], least: int) -> None:
    quoted = re.findall(r"^```lisp\n(.*?)^```$", (DOCS / chapter).read_text(encoding="utf-8"), re.M | re.S)
    assert len(quoted) >= least
    for block in quoted:
        assert any(block in stdlib_text(file) for file in files), block
    if len(files) > 1:  # five evaluators, each a page, and each shown whole
        whole = [file for file in files if stdlib_text(file) in quoted]
        assert len(whole) >= 5 and all(stdlib_text(file).count("\n") <= 60 for file in whole)
