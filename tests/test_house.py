"""The house keeps its shape: one direction of imports, packages as on disk, a light start."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("grammar", "interpreter", "kernels", "runtime", "stdlib")
MAY_IMPORT = {
    "interpreter": {"interpreter", "runtime", "kernels"},
    "kernels": {"kernels", "runtime"},
    "runtime": {"runtime"},
    "grammar": set(),
    "stdlib": set(),
}
# The language must start without these; they are loaded by the first form that needs them.
HEAVY = (
    "torch",
    "numpy",
    "duckdb",
    "faiss",
    "scipy",
    "prompt_toolkit",
    "rich",
    "pyarrow",
    "sqlglot",
    "lark",
    "asyncio",
)


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names that PATH imports, at any depth, `from a import b` giving a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    for path in sources(room):
        rooms = {
            name.split(".")[1]
            for name in imported(path)
            if name.startswith("chorus.") and name.split(".")[1] in ROOMS
        }
        assert rooms <= MAY_IMPORT[room], (
            f"{path.relative_to(ROOT)} imports {sorted(rooms - MAY_IMPORT[room])}"
        )


def test_kernels_know_neither_store_nor_index() -> None:
    for path in sources("kernels"):
        below = {
            ".".join(name.split(".")[:3]) for name in imported(path) if name.startswith("chorus.runtime.")
        }
        allowed = {
            f"chorus.runtime.{name}"
            for name in (
                "primitive",
                "errors",
                "values",
                "limits",
                "pools",
                "instants",
                "durable",
                "learnt",
                "devices",
            )
        }
        assert below <= allowed, f"{path.relative_to(ROOT)} imports {sorted(below - allowed)}"


def test_the_interpreter_sees_kernels_only_through_the_table() -> None:
    for path in sources("interpreter"):
        inside = {name for name in imported(path) if name.startswith("chorus.kernels.")}
        assert not inside, f"{path.relative_to(ROOT)} reaches into {sorted(inside)}"


def test_nothing_below_looks_up_to_the_faces() -> None:
    shows = {
        "session.py",
        "parent.py",
    }  # `show` gives what a notebook displays, and loads it when it is called
    for path in sources("interpreter"):
        if "faces" in path.parts:
            continue
        above = {name for name in imported(path) if name.startswith("chorus.interpreter.faces.")}
        if path.name in shows:
            above = {name for name in above if not name.startswith("chorus.interpreter.faces.notebook")}
        assert not above, f"{path.relative_to(ROOT)} looks up to {sorted(above)}"


def test_packages_equal_what_is_on_disk() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    on_disk = {"chorus"} | {
        "chorus." + ".".join(init.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for init in (ROOT / room).rglob("__init__.py")
    }
    assert set(declared["packages"]) == on_disk
    for room in ROOMS:
        for path in sources(room):
            assert (path.parent / "__init__.py").exists(), f"{path.parent} is no package"


def test_every_file_says_what_it_is_responsible_for() -> None:
    for room in ROOMS:
        for path in sources(room):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"
        for path in (ROOT / room).rglob("*.sexp"):
            assert path.read_text(encoding="utf-8").startswith(";"), f"{path} opens without a comment"


def test_starting_loads_nothing_heavy() -> None:
    code = (
        "import sys; from chorus import Session; assert Session().eval('(+ 1 2)') == 3; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    for _ in range(
        2
    ):  # where sources changed, the first start makes the manifest anew, and reads the kernels for it
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_wheel_adds_only_chorus(tmp_path: Path) -> None:
    import shutil
    import zipfile

    # A copy without build/: what an earlier build left there would come into the wheel again.
    tree = tmp_path / "tree"
    shutil.copytree(
        ROOT, tree, ignore=shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(tree)],
        check=True,
        timeout=300,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "chorus",
        next(n for n in names if ".dist-info" in n).split("/")[0],
    }
    inside = {name.split("/")[1] for name in names if name.startswith("chorus/")}
    assert inside == {*ROOMS, "__init__.py", "py.typed"}
    data = {
        f"chorus/{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".lark", ".sexp", ".txt"}
    }
    assert data <= set(names), f"the wheel lacks {sorted(data - set(names))}"
    assert (
        "chorus/grammar/chorus.lark" in names
        and "chorus/stdlib/core.sexp" in names
        and "chorus/py.typed" in names
    )


def test_the_package_shows_its_public_names_only() -> None:
    import chorus

    assert dir(chorus) == sorted(chorus.__all__)
