"""Plots in files: PNG, SVG, PDF, self-contained HTML or the specification as JSON, by the file's ending; no browser."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, Final

from chorus.runtime.errors import EvalError
from chorus.runtime.plots.plot import Plot

RENDERING: Final = 2.0  # seconds that a first picture takes: the renderer starts
SCALE: Final = 2  # pixels of a picture for each of the plot's, as fine screens have them
REQUIRED: Any = object()


def _engine() -> Any:
    """The Vega renderer: a library of its own, loaded when a picture is made."""
    try:
        import vl_convert
    except ImportError:
        return None
    return vl_convert


def _version(engine: Any) -> str:
    """The newest Vega-Lite of the engine's that the specification is written for."""
    from chorus.runtime.plots.spec import VERSION

    fitting = [each for each in engine.get_vegalite_versions() if each.startswith(f"{VERSION}.")]
    return max(fitting, key=lambda each: [int(part) for part in each.split(".")])


def _png(engine: Any, spec: dict[str, Any], scale: float) -> bytes:
    return engine.vegalite_to_png(spec, vl_version=_version(engine), scale=scale)


def _svg(engine: Any, spec: dict[str, Any], scale: float) -> bytes:
    return engine.vegalite_to_svg(spec, vl_version=_version(engine)).encode()


def _pdf(engine: Any, spec: dict[str, Any], scale: float) -> bytes:
    return engine.vegalite_to_pdf(spec, vl_version=_version(engine))


def _html(engine: Any, spec: dict[str, Any], scale: float) -> bytes:
    """A page with the programs that draw it inside: it needs nothing from anywhere.

    The renderer puts the data into a script as they are, where a `</script>` in a message would end it: `<` goes in
    under another name, and comes out as the script's escape for it.
    """
    import secrets

    mark = f"lt{secrets.token_hex(16)}"
    safely = json.loads(json.dumps(spec, ensure_ascii=False).replace("<", mark))
    page: str = engine.vegalite_to_html(safely, vl_version=_version(engine), bundle=True)
    return page.replace(mark, "\\u003c").encode("utf-8", "replace")


PICTURES: Final[dict[str, Callable[[Any, dict[str, Any], float], bytes]]] = {
    ".png": _png,
    ".svg": _svg,
    ".pdf": _pdf,
    ".html": _html,
}
TEXTS: Final = (".json", ".vl")
SUFFIXES: Final = (*PICTURES, *TEXTS)


def suffix_of(path: str) -> str:
    """The ending of PATH, which says what is written there."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in SUFFIXES:
        raise EvalError(
            f"save-plot: a plot cannot be written as {ending or 'a file without an ending'}",
            code="format",
            irritants=(path,),
            hint="name a file that ends in " + " ".join(SUFFIXES),
        )
    return ending


def picture(plot: Plot, suffix: str, scale: float = SCALE, missing: Any = REQUIRED) -> Any:
    """PLOT as the bytes of a file with SUFFIX; MISSING, if given, where the renderer is not installed."""
    spec = plot.spec
    if suffix in TEXTS:
        return (json.dumps(spec, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
    engine = _engine()
    if engine is None:
        if missing is not REQUIRED:
            return missing
        raise EvalError(
            f"save-plot: {suffix} needs the renderer vl-convert-python, which is not installed",
            code="missing-library",
            hint="pip install vl-convert-python; .json needs nothing",
        )
    try:
        return PICTURES[suffix](engine, spec, scale)
    except ValueError as error:
        raise EvalError(f"save-plot: the renderer refused the plot: {error}", code="plot") from error
