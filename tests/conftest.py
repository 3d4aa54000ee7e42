"""Fixtures shared by all tests: where real data lies, and small workspaces made once a run."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `make test` draws the same examples each time, so what fails there is the change at hand. `make test-search` draws new
# ones, this many times as many, from the property tests alone.
SEARCH = int(os.environ.get("CHORUS_SEARCH", "0"))
# How fast examples are made says how busy the machine is, not whether the code is right.
settings.register_profile(
    "chorus", deadline=None, derandomize=not SEARCH, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("chorus")

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Beside another worker, threads of one more per core only wait for one another (a fifth of processor time, measured).
os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")
# Whoever runs the tests in the background has them ignore SIGINT, and every program they start with them.
signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under CHORUS_SEARCH, the property tests alone, each with as many times its examples."""
    if not SEARCH:
        return
    searched = [item for item in items if getattr(getattr(item, "obj", None), "is_hypothesis_test", False)]
    config.hook.pytest_deselected(items=[item for item in items if item not in searched])
    items[:] = searched
    for test in {
        getattr(item.obj, "__func__", item.obj) for item in searched if isinstance(item, pytest.Function)
    }:
        # The decorator leaves no other way to the settings of a test.
        own = getattr(test, "_hypothesis_internal_use_settings", settings.default)
        test._hypothesis_internal_use_settings = settings(own, max_examples=own.max_examples * SEARCH)


def real_data(name: str) -> Path:
    """A file of the real data set, or a skip that says it is not here."""
    root = Path(os.environ.get("CHORUS_DATA") or TESTS.parent.parent / "shared" / "data")
    path = root / name
    if not path.exists():
        pytest.skip(f"real data not here: {path} (set CHORUS_DATA)")
    return path


@pytest.fixture(scope="session")
def real() -> Callable[[str], Path]:
    """`real("folder/file")` in a test: that file of the real data set, or a skip."""
    return real_data


@pytest.fixture(scope="session")
def tiny_export() -> Path:
    """Twelve hand-written messages in DiscordChatExporter's format, with companions beside them."""
    return TESTS / "data" / "tiny.json"


@pytest.fixture(scope="session")
def _tiny_workspace(tiny_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from chorus import Capabilities, Session

    folder = tmp_path_factory.mktemp("tiny") / "workspace"
    with Session(folder, allow=Capabilities.all()) as session:
        session.eval("(ingest path)", path=str(tiny_export))
    return folder


@pytest.fixture
def sample_workspace(_tiny_workspace: Path, tmp_path: Path) -> Iterator[Path]:
    """A private copy of the workspace made from the tiny export."""
    folder = tmp_path / "workspace"
    shutil.copytree(_tiny_workspace, folder)
    yield folder
