"""Primitives of plots: made of a table, drawn, saved. The renderer loads when it is needed."""

from __future__ import annotations

from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.primitive import Name, primitive, wrong_type
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, Record, list_items, make_list


@primitive("%plot-parts", effects="pure")
def plot_parts(forms: Any) -> Any:
    """What stands after the table in `plot`, taken apart: (roles mark options rows keys totals).

    > (%plot-parts '(:x day :y (count) :mark line))
    => (((x . day) (y . |(count)|)) line () () (day) ((|(count)| (count))))
    """
    from chorus.runtime.plots.asking import taken_apart

    return taken_apart(forms)


@primitive("%plottable", effects="pure")
def plottable(ctx: Context, data: Any) -> Any:
    """DATA as a table: a table itself, a list of hash tables or records, or a list of values, which become the column
    `value`.

    > (table-columns (%plottable '(1 2 3)))
    => (value)
    """
    from chorus.runtime.table import Table
    from chorus.runtime.table_given import table_of_records

    if isinstance(data, Table):
        return data
    items = data if isinstance(data, list) else list_items(data)
    if items is None:
        raise wrong_type("plot", "data", "a table or a list", data)
    if not items:
        from chorus.runtime.errors import EvalError

        raise EvalError("plot: there is nothing to draw: the list is empty", code="plot-empty")
    return table_of_records([_row(item) for item in items], ctx)


def _row(item: Any) -> HashTable:
    if isinstance(item, HashTable):
        return item
    if isinstance(item, Record):
        return HashTable(
            (Keyword(name), value) for name, value in zip(item.type.fields, item.values, strict=True)
        )
    return HashTable([(Keyword("value"), item)])


@primitive("%plot", effects="read-table")
def make_plot(
    table: Any,
    roles: Any,
    mark: Name | None = None,
    *,
    title: str | None = None,
    width: int | None = None,
    height: int | None = None,
    bins: int | None = None,
    unit: Name | None = None,
    most: int | None = None,
) -> Any:
    """The plot of TABLE whose ROLES, (role . column) each, are seen as MARK.

    > (%plot (%plottable '({:a 1 :b 2} {:a 2 :b 5})) '((x . a) (y . b)) 'point)
    => #<plot point x=a y=b 2 rows>
    """
    from chorus.runtime.errors import EvalError
    from chorus.runtime.plan.operators import UNITS
    from chorus.runtime.plots.gathering import Options, plot_of

    for name, value in (("width", width), ("height", height), ("most", most)):
        if value is not None and not 1 <= value <= 100_000:
            raise EvalError(f"plot: :{name} should be from 1 to 100,000, not {value}", code="range")
    if unit is not None and unit not in UNITS:
        raise EvalError(f"plot: there is no unit {unit}", code="range", hint=f"one of {' '.join(UNITS)}")
    for pair in roles:
        table.plan.schema.field(pair.cdr.name, getattr(pair, "span", None))
    named = {pair.car.name: pair.cdr.name for pair in roles}
    return plot_of(table, named, mark, Options(title, width, height, bins, unit, most))


@primitive("%toned", effects="compute")
def toned(ctx: Context, times: Any, tones: Any) -> Any:
    """A table of TIMES (of %said) and TONES, one each: the columns `at` and `tone`.

    > (table-columns (%toned (hash-ref (%said :authors '("nobody-at-all")) :times) (vector)))
    => (at tone)
    """
    import pyarrow as pa

    from chorus.runtime.table_given import given_table

    at = pa.array(list(getattr(times, "host", times)), pa.int64()).cast(pa.timestamp("us"))
    return given_table(pa.table({"at": at, "tone": pa.array(list(map(float, tones)), pa.float64())}), ctx)


@primitive("plot?", effects="pure")
def is_plot(value: Any) -> bool:
    """Whether VALUE is a plot.

    > (plot? '(1 2))
    => #f
    """
    return hasattr(value, "_repr_mimebundle_") and hasattr(value, "spec")


@primitive("plot-spec", effects="pure")
def plot_spec(plot: Any) -> Any:
    """The Vega-Lite specification of PLOT, its data inline, as a hash table.

    > (get (plot-spec (plot '(1 2 3) :title "three")) :title)
    => {:text "three"}
    """
    return _lispy(_checked("plot-spec", plot).spec)


@primitive("plot->string", effects="pure")
def plot_to_string(plot: Any, *, width: int = 80, height: int = 24, ascii: bool = False) -> str:
    """PLOT drawn in WIDTH × HEIGHT characters, in ASCII alone if that is asked for.

    > (string? (plot->string (plot '(1 2 2 3)) :ascii #t))
    => #t
    """
    from chorus.runtime.plots.drawing import draw

    return draw(_checked("plot->string", plot), width, height, unicode=not ascii)


@primitive("%plot-text", effects="output")
def plot_text(ctx: Context, plot: Any) -> str:
    """PLOT as it looks where standard output goes: pixels, Unicode or ASCII.

    > (string? (%plot-text (plot '(1 2 2 3))))
    => #t
    """
    from chorus.runtime.plots.terminal import shown

    return shown(_checked("show", plot), ctx.out)


@primitive("save-plot", effects="write-file")
def save_plot(ctx: Context, plot: Any, path: str) -> Any:
    """Write PLOT to the file at PATH, whose ending says how: .png .svg .pdf .html (self-contained) .json (Vega-Lite).

    > (procedure? save-plot)
    => #t
    """
    from chorus.runtime.limits import expect
    from chorus.runtime.plots.saving import RENDERING, picture, suffix_of
    from chorus.runtime.primitives.io import write_whole

    checked = _checked("save-plot", plot)
    suffix = suffix_of(path)
    expect(RENDERING)  # nothing can stop the renderer once it works
    data = picture(checked, suffix)
    ctx.charge(len(data) >> 3, len(data))
    write_whole("save-plot", path, data)
    return UNSPECIFIED


def _checked(caller: str, value: Any) -> Any:
    if not is_plot(value):
        raise wrong_type(caller, "plot", "a plot", value)
    return value


def _lispy(value: Any) -> Any:
    if isinstance(value, dict):
        return HashTable((Keyword(key), _lispy(each)) for key, each in value.items())
    if isinstance(value, list):
        return make_list(map(_lispy, value))
    return False if value is None else value
