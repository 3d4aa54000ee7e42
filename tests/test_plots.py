"""Plots: what is chosen of what columns, specifications that the schema accepts, data that is odd, files, terminals."""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.plots.drawing import draw
from chorus.runtime.plots.plot import Plot

pa = pytest.importorskip("pyarrow")
ESCAPE = re.compile("\x1b")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities("workspace", "write")) as opened:
        yield opened


DATA = """
(define days (rows->table (map (lambda (n) {:at (moment (string-append "2024-03-0" (number->string (+ 1 n))))
                                            :n (* n n) :who (if (even? n) "ann" "bob") :r (/ n 3) :low (- n 1) :high (+ (* n n) 2)})
                               (iota 9))))
"""
FORMS = {  # form → (mark, roles)
    "(plot days)": ("line", "x y"),
    "(plot days :x at)": ("line", "x y"),
    "(plot days :x n :y r)": ("line", "x y"),
    "(plot days :x r :y n)": ("point", "x y"),
    "(plot days :x r)": ("bar", "x x2 y"),
    "(plot days :x n :bins 4 :color who)": ("bar", "x x2 y color"),
    "(plot days :x who)": ("bar", "x y"),
    "(plot days :x who :y n)": ("boxplot", "x y"),
    "(plot days :x who :y (mean n))": ("bar", "x y"),
    "(plot days :x at :y n :low low :high high)": ("line", "x y low high"),
    "(plot days :x r :y n :size n :label who :mark 'point)": ("point", "x y size label"),
    "(plot days :x at :y n :facet who)": ("line", "x y facet"),
    "(plot days :x at :y n :low low :high high :facet who)": ("line", "x y low high facet"),
    "(plot days :x who :y (text n))": ("rect", "x y color"),
    "(plot days :x at :y who)": ("point", "x y"),
    "(plot '(1 2 3))": ("bar", "x x2 y"),
    "(plot '(\"a\" \"b\" \"a\"))": ("bar", "x y"),
    "(plot '(1 5 2) :y value)": ("line", "x y"),
    "(plot (list {:a 1 :b 2} {:a 2 :b 3}) :mark area :title \"t\" :width 300 :height 100)": ("line", "x y"),
    "(let ((k 2)) (plot days :x (* k r) :y (max n) :mark tick))": ("tick", "x y"),
}


def plots(session: Session) -> dict[str, Plot]:
    session.eval(DATA)
    return {form: session.eval(form) for form in FORMS}


def test_what_columns_suggest(session: Session) -> None:
    for form, made in plots(session).items():
        mark, roles = FORMS[form]
        told = "area" if ":mark area" in form else mark
        assert (made.mark, set(made.channels)) == (told, set(roles.split())), form


def test_specifications_are_what_the_schema_accepts(session: Session) -> None:
    altair = pytest.importorskip("altair")
    jsonschema = pytest.importorskip("jsonschema")
    folder = Path(altair.__file__).parent / "vegalite"
    (path,) = sorted(folder.glob("v*/schema/vega-lite-schema.json"))[-1:]
    validator = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    for form, made in plots(session).items():
        assert next(iter(validator.iter_errors(made.spec)), None) is None, form
    broken = {**next(iter(plots(session).values())).spec, "mark": "no-such-mark"}
    assert next(iter(validator.iter_errors(broken)), None) is not None  # the validator does look
