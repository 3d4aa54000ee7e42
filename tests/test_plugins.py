"""Plug-ins: a package that is really made and installed brings primitives, under the rules of all primitives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

GUILDS = '''
"""Guilds, as a plug-in."""
from chorus import primitive

SIZES = {"raiders": 40, "farmers": 12}

@primitive("guild-size", effects="compute")
def guild_size(name: str, *, least: int = 0) -> int:
    """How many members the guild NAME has.

    > (guild-size "raiders")
    => 40
    """
    return max(SIZES.get(name, 0), least)

@primitive("guild-post", effects="net")
def guild_post(ctx, text: str) -> str:
    """Send TEXT to the guilds.

    > (procedure? guild-post)
    => #t
    """
    return text
'''
CAR = """
from chorus import primitive

@primitive("car", effects="pure")
def car(x: object) -> str:
    '''Not the car of the language.

    > (procedure? car)
    => #t
    '''
    return "mine"
"""
UNDECLARED = '''
from chorus import primitive

@primitive("sneaky", effects="whatever")
def sneaky() -> int:
    """One.

    > (sneaky)
    => 1
    """
    return 1
'''


def install(folder: Path, name: str, source: str) -> None:
    """Build a wheel of a package NAME with an entry point, and install it into FOLDER."""
    wheel = folder.parent / f"{name}-1.2-py3-none-any.whl"
    about = f"{name}-1.2.dist-info"
    files = {
        f"{name}.py": source,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[chorus.plugins]\n{name} = {name}\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{about}/RECORD,,\n"
    with zipfile.ZipFile(wheel, "w") as made:
        for path, text in {**files, f"{about}/RECORD": record}.items():
            made.writestr(path, text)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        "--target",
        str(folder),
        str(wheel),
    ]
    if subprocess.run(pip, capture_output=True).returncode != 0:  # an environment without pip
        zipfile.ZipFile(wheel).extractall(folder)


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def installed(tmp_path: Path, cached: Path) -> dict[str, str]:
    """An environment in which packages are installed in `site`."""
    site = tmp_path / "site"
    site.mkdir()
    return {**os.environ, "PYTHONPATH": str(site), "XDG_CACHE_HOME": str(cached), "SITE": str(site)}


def chorus(environment: dict[str, str], *words: str) -> Any:
    command = [sys.executable, "-m", "chorus.interpreter.faces.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_plug_in_brings_primitives_under_the_rules_of_all(installed: dict[str, str]) -> None:
    before = chorus(installed, "-e", "(plugins)", "-e", '(guild-size "raiders")')
    assert before.stdout == "()\n" and "guild-size" in before.stderr and before.returncode == 1
    install(Path(installed["SITE"]), "guilds", GUILDS)
    for _ in range(2):  # the second time from the cache
        done = chorus(
            installed, "--json", "-e", '(guild-size "farmers") (guild-size "none" :least 3) (plugins)'
        )
        size, least, told = [json.loads(line)["value"] for line in done.stdout.splitlines()]
        assert (size, least) == (12, 3)
        assert told[0]["names"] == ["guild-size", "guild-post"] and told[0]["version"] == "1.2"
    described = chorus(installed, "doc", "guild-size").stdout
    assert "(guild-size name :least 0)" in described and '(guild-size "raiders")' in described
    wrong = chorus(installed, "-e", "(guild-size 'raiders)")
    assert "guild-size: name should be a string" in wrong.stderr and "Traceback" not in wrong.stderr
    denied = chorus(installed, "-e", '(guild-post "hi")')
    assert "needs the capability 'net'" in denied.stderr and denied.returncode == 1
    assert chorus(installed, "--allow", "net", "-e", '(guild-post "hi")').stdout == '"hi"\n'
    assert chorus({**installed, "CHORUS_PLUGINS": "off"}, "-e", "(plugins)").stdout == "()\n"


def test_a_plug_in_cannot_take_a_name_of_the_language(installed: dict[str, str]) -> None:
    install(Path(installed["SITE"]), "cars", CAR)
    done = chorus(installed, "-e", "(car '(1 2))", "-e", "(get (car (plugins)) :problem)")
    assert done.stdout == '1\n"these names are the language\'s: car"\n'
    again = chorus(
        installed, "-e", "(map car '((1 2)))"
    )  # its module is loaded now, after what the cache says
    assert again.stdout == "(1)\n"


def test_a_plug_in_that_cannot_be_had_is_told_of_and_hurts_nobody(installed: dict[str, str]) -> None:
    site = Path(installed["SITE"])
    install(site, "broken", "import no_such_module_at_all\n")
    install(site, "sneaky", UNDECLARED)
    install(site, "guilds", GUILDS)
    done = chorus(
        installed,
        "-e",
        '(guild-size "raiders")',
        "-e",
        "(map (lambda (p) (list (get p :name) (get p :problem))) (plugins))",
    )
    assert done.returncode == 0 and done.stdout.startswith("40\n")
    assert "no_such_module_at_all" in done.stdout and "undeclared effect ['whatever']" in done.stdout
    assert chorus(installed, "-e", "(sneaky)").returncode == 1


def test_a_change_of_the_plug_in_is_seen(installed: dict[str, str]) -> None:
    site = Path(installed["SITE"])
    install(site, "guilds", GUILDS)
    assert chorus(installed, "-e", '(guild-size "raiders")').stdout == "40\n"
    time.sleep(0.01)
    (site / "guilds.py").write_text(GUILDS.replace("guild-size", "guild-members"))
    assert chorus(installed, "-e", '(guild-members "raiders")').stdout == "40\n"
    shutil.rmtree(site / "guilds-1.2.dist-info")
    assert chorus(installed, "-e", "(plugins)").stdout == "()\n"


def test_nothing_of_a_plug_in_is_imported_before_it_is_called(installed: dict[str, str]) -> None:
    install(Path(installed["SITE"]), "guilds", GUILDS)
    program = (
        "import sys; from chorus import Session; s = Session(); s.eval('(+ 1 2)'); print('guilds' in sys.modules); "
        "print('importlib.metadata' in sys.modules); s.eval('(guild-size \"raiders\")'); print('guilds' in sys.modules)"
    )
    for expected in (None, ["False", "False", "True"]):
        done = subprocess.run(
            [sys.executable, "-c", program], env=installed, capture_output=True, text=True, timeout=120
        )
        assert expected is None or done.stdout.split() == expected, done.stderr


def test_in_a_worker_process_too(installed: dict[str, str]) -> None:
    install(Path(installed["SITE"]), "guilds", GUILDS)
    program = (
        "from chorus import Session\n"
        "with Session(isolation='process') as s: print(s.eval('(guild-size \"raiders\")'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=installed, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "40\n", done.stderr
