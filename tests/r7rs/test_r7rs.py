"""Runs the `.sexp` files beside it: the R7RS-small standard, section by section."""

from __future__ import annotations

from pathlib import Path

import pytest
from expectations import check_file

from chorus import Capabilities, Session

FILES = sorted(Path(__file__).parent.glob("*.sexp"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_section(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where a section writes its files
    with Session(allow=Capabilities.all()) as session:
        check_file(path, session)
