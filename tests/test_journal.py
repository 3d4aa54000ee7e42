"""The journal keeps forms in order and notices when one was changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorus.runtime.errors import StoreError
from chorus.runtime.store.journal import Journal
from chorus.runtime.store.store import Store

FORMS = ["(define a 1)", "(define (f x) (* x a))", "(define a 2)"]


def test_forms_come_back_in_order_after_reopening(tmp_path: Path) -> None:
    with Store.open(tmp_path / "w") as store:
        for form in FORMS:
            Journal(store).append(form, "test")
    with Store.open(tmp_path / "w") as store:
        assert Journal(store).forms() == FORMS


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE journal SET form = '(define a 9)' WHERE seq = 1",
        "UPDATE journal SET reason = 'other' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE journal SET seq = seq + 1",
    ],
)
def test_every_change_is_noticed(tmp_path: Path, tamper: str) -> None:
    with Store.open(tmp_path / "w") as store:
        for form in FORMS:
            Journal(store).append(form, "test")
        store.write(tamper)
        with pytest.raises(StoreError, match="not what was written"):
            Journal(store).forms()
