"""Runs the `.sexp` files beside it, in sessions that are granted nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from expectations import check_file

from chorus import Session

FILES = sorted((Path(__file__).parent / "core").glob("*.sexp"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(path: Path) -> None:
    with Session() as session:
        check_file(path, session)
