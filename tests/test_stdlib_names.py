"""A name of the standard library has one definition: files know nothing of each other, and the later would win."""

from __future__ import annotations

from collections import defaultdict
from importlib.resources import files
from pathlib import Path

from chorus.interpreter.loader import the_manifest
from chorus.interpreter.reader import read_forms
from chorus.runtime.values import Pair, Symbol, list_items

ROOM = Path(str(files("chorus"))) / "stdlib"
DEFINERS = ("define", "define-syntax", "define-setting", "define-macro")
WRAPPED = {
    "assoc",
    "member",
}  # with an equality of the caller's they call a procedure, which primitives do not


def defined(form: object) -> list[str]:
    """The names that FORM, at the top level, gives a meaning."""
    if not isinstance(form, Pair) or not isinstance(form.car, Symbol):
        return []
    parts = list_items(form) or []
    if form.car.name in DEFINERS:
        target = parts[1]
        while isinstance(target, Pair):
            target = target.car
        return [target.name] if isinstance(target, Symbol) else []
    if form.car.name == "define-record-type":
        made = [
            parts[2].car,
            parts[3],
            *(each for field in parts[4:] for each in (list_items(field) or [])[1:]),
        ]
        return [each.name for each in made if isinstance(each, Symbol)]
    return []


def test_every_name_is_defined_once_and_no_primitive_is_hidden() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOM.glob("*.sexp")):
        for form in read_forms(path.read_text(encoding="utf-8")):
            for name in defined(form):
                where[name].append(path.name)
    assert len(where) > 1000
    assert {name: places for name, places in where.items() if len(places) > 1} == {}
    assert set(where) & set(the_manifest().entries) == WRAPPED
