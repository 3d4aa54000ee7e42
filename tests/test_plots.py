"""Plots: what is chosen of what columns, specifications that the schema accepts, data that is odd, files, terminals."""

from __future__ import annotations

import json
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


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities("workspace", "write")) as opened:
        yield opened


DATA = """
(define days (rows->table (map (lambda (n) {:at (moment (string-append "2024-03-0" (number->string (+ 1 n))))
                                            :n (* n n) :who (if (even? n) "ann" "bob") :r (/ n 3)
                                            :low (- n 1) :high (+ (* n n) 2)})
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
    '(plot \'("a" "b" "a"))': ("bar", "x y"),
    "(plot '(1 5 2) :y value)": ("line", "x y"),
    '(plot (list {:a 1 :b 2} {:a 2 :b 3}) :mark area :title "t" :width 300 :height 100)': ("line", "x y"),
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


# — what is counted —


def test_a_histogram_counts_what_is_there(session: Session) -> None:
    values = [((7 * n) % 101) / 10 for n in range(500)]
    for form in ("(plot (list->vector v))", "(plot v :bins 7)", "(plot w)"):
        made = session.eval(form, v=values, w=[round(10 * each) for each in values])
        held = (
            values
            if "w" not in form.split() and form != "(plot w)"
            else [round(10 * each) for each in values]
        )
        begins, ends, counts = made.values("x"), made.values("x2"), made.values("y")
        assert sum(counts) == 500
        last = max(ends)
        for begin, end, count in zip(begins, ends, counts, strict=True):
            inside = sum(begin - 1e-9 <= each < end - 1e-9 or (each == max(held) and abs(end - last) < 1e-9 and
                         begin <= each) for each in held)  # fmt: skip
            assert inside == count, (form, begin, end)


def test_time_is_counted_where_nothing_happened_too(session: Session) -> None:
    data = (
        '(list {:at (moment "2024-01-01")} {:at (moment "2024-01-01T05:00:00Z")} {:at (moment "2024-01-04")})'
    )
    made = session.eval(f"(plot {data} :unit day)")
    assert made.values("y") == [2, 0, 0, 1] and made.channels["y"].title == "count a day"
    assert [at.day for at in made.values("x")] == [1, 2, 3, 4]
    months = session.eval(f"(plot {data} :unit month)")
    assert months.values("y") == [3] and months.mark == "bar"


# — odd data —


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("(plot '())", "plot-empty"),
        ("(plot (where days (> n 1000)))", "plot-empty"),
        ("(plot (where days (> n 1000)) :x at :y n)", "plot-empty"),
        ("(plot (list {:a #f :b 1} {:a 1 :b #f}) :x a :y b)", "plot-empty"),
        ("(plot (list {:a #f}))", "plot-empty"),
        ("(plot days :x nn)", "table-column"),
        ("(plot days :x n :colour who)", "syntax"),
        ("(plot days :x n :mark pie)", "plot-mark"),
        ("(plot days :x n :y r :low n)", "plot-type"),
        ("(plot days :x n :y r :size who)", "plot-type"),
        ("(plot days n)", "syntax"),
        ("(plot days :x)", "syntax"),
        ("(plot 5)", "type"),
        ("(plot days :x n :bins 0)", "range"),
        ("(plot days :x at :unit fortnight)", "range"),
        ('(plot (list 1 "a"))', "table-type"),
        ("(plot (rows->table (map (lambda (n) {:n n :m n}) (iota 30))) :x m :facet n)", "plot-size"),
        ('(save-plot 5 "x.png")', "type"),
        ('(save-plot (plot \'(1)) "x")', "format"),
        ('(save-plot (plot \'(1)) "/no/such/folder/x.json")', "file"),
    ],
)
def test_what_cannot_be_drawn_is_a_typed_error(session: Session, form: str, code: str) -> None:
    session.eval(DATA)
    with pytest.raises(ChorusError) as told:
        session.eval(form.replace(":unit fortnight", ":unit 'fortnight"))
    assert told.value.code == code, told.value.message


@pytest.mark.parametrize(
    "rows",
    [
        [{"x": 1, "y": 2.0}],  # one point
        [{"x": 5, "y": 5.0}] * 3,  # all the same
        [{"x": 1, "y": float("nan")}, {"x": 2, "y": float("inf")}, {"x": 3, "y": 1.0}, {"x": None, "y": 1.0}],
        [{"x": -1e300, "y": 1e-300}, {"x": 1e300, "y": -1e300}],
        [{"x": 10**15 + n, "y": n / 1e9} for n in range(5)],
        [{"x": n, "y": -n} for n in range(-3, 4)],
    ],
)
@pytest.mark.parametrize(
    "form",
    ["(plot t :x x :y y)", "(plot t :x y)", "(plot t :x x :y y :mark bar)", "(plot t :x x :y y :mark line)"],
)
def test_odd_numbers_are_drawn_everywhere(session: Session, rows: list[dict[str, Any]], form: str) -> None:
    made = session.eval(
        form,
        t=pa.Table.from_pylist(
            rows,
            pa.schema(
                [
                    (
                        "x",
                        pa.int64()
                        if all(isinstance(r["x"], (int, type(None))) for r in rows)
                        else pa.float64(),
                    ),
                    ("y", pa.float64()),
                ]
            ),
        ),
    )
    text = json.dumps(made.spec, allow_nan=False)
    assert "NaN" not in text and "Infinity" not in text
    for unicode in (True, False):
        for line in draw(made, 60, 15, unicode).splitlines():
            assert len(line) <= 60 and (unicode or line.isascii())


def test_rows_without_a_place_are_said(session: Session) -> None:
    made = session.eval("(plot (list {:x 1 :y 2} {:x 2 :y #f} {:x #f :y 1}) :x x :y y)")
    assert len(made) == 1 and made.notes == ("left out: 2 without x and y",)
    assert "left out: 2" in draw(made, 60, 12) and made.spec["title"]["subtitle"] == list(made.notes)


def test_a_large_table_is_counted_whole_and_drawn_by_a_sample(session: Session) -> None:
    table = pa.table({"x": range(200_000), "y": [n % 997 / 3 for n in range(200_000)]})
    assert sum(session.eval("(plot t :x y)", t=table).values("y")) == 200_000
    made = session.eval("(plot t :x x :y y :mark point)", t=table)
    assert len(made) == 5_000 and made.notes == ("5,000 of 200,000 rows, a sample",)
    again = session.eval("(plot t :x x :y y :mark point)", t=table)
    assert sorted(made.values("x")) == sorted(again.values("x"))  # the same one each time
    assert 80_000 < sorted(made.values("x"))[2500] < 120_000
    assert len(session.eval("(plot t :x x :y y :most 10)", t=table)) == 10


# — text —


def test_a_grid_counts_all_rows_and_takes_whole_numbers_for_names(session: Session) -> None:
    many = pa.table(
        {"a": [at % 3 for at in range(9000)], "b": ["x" if at % 2 else "y" for at in range(9000)]}
    )
    drawn = session.eval("(plot->string (plot t :x a :y b :mark rect) :width 60 :ascii #t)", t=many).split(
        "\n"
    )
    assert drawn[0].split() == ["0", "1", "2"] and [line.count("1500") for line in drawn[1:]] == [3, 3]
    spec = session.eval("(plot t :x a :y b :mark rect)", t=many).spec
    assert [row["count"] for row in spec["data"]["values"]] == [1500] * 6


def test_a_small_number_beside_a_great_one_is_not_rounded_away(session: Session) -> None:
    rows = '(list {:x "a" :y 3.5} {:x "b" :y -1000} {:x "c" :y 0.25})'
    drawn = session.eval(f"(plot->string (plot {rows} :x x :y y) :width 60)")
    assert [line.split()[-1] for line in drawn.split("\n")[1:]] == ["3.5", "-1000", "0.25"]


def test_text_is_as_wide_as_told_and_what_members_wrote_steers_nothing(session: Session) -> None:
    session.eval(DATA)
    evil = "\x1b[2J\x1b]0;t\x07\u202e" + "w" * 300
    for form in [*FORMS, "(plot (list {:k evil :n 1} {:k \"b\" :n 2}) :x k :y n :title evil)",
                 "(plot (list {:k evil :n 1 :m 2}) :x n :y m :color k :facet k)"]:  # fmt: skip
        made = session.eval(form, evil=evil)
        for width in (20, 40, 79, 200):
            for unicode in (True, False):
                text = draw(made, width, 20, unicode)
                assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
                assert all(len(line) <= width for line in text.splitlines()), (form, width)
                assert unicode or text.isascii()
                assert len(text.splitlines()) <= 20 or made.channels.get("facet") or width < 40


def test_a_line_rises_where_its_numbers_do(session: Session) -> None:
    made = session.eval("(plot (map (lambda (n) {:x n :y n}) (iota 50)) :x x :y y :mark point)")
    lines = [line.partition("│")[2] or line.partition("┤")[2] for line in draw(made, 60, 20).splitlines()]
    first = [
        min(at for at, letter in enumerate(line) if letter != " ") for line in lines[1:-3] if line.strip()
    ]
    assert first == sorted(first, reverse=True) and len(first) > 10
    bars = draw(session.eval('(plot (list {:k "a" :n 10} {:k "b" :n 5} {:k "c" :n 0}) :x k :y n)'), 60, 20)
    lengths = [line.count("█") for line in bars.splitlines()[1:]]
    assert lengths[0] > 0 and lengths[2] == 0 and abs(lengths[0] - 2 * lengths[1]) <= 1
    assert [line.split()[-1] for line in bars.splitlines()[1:]] == ["10", "5", "0"]


# — files —


def test_files_by_their_endings(session: Session, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    session.eval(DATA + '(define p (plot days :x at :y n :color who :title "t<b>"))')
    signs = {
        ".png": b"\x89PNG\r\n",
        ".svg": b"<svg",
        ".pdf": b"%PDF",
        ".html": b"<!DOCTYPE html>",
        ".json": b"{",
    }
    for suffix, sign in signs.items():
        session.eval("(save-plot p path)", path=str(tmp_path / f"p{suffix}"))
        assert (tmp_path / f"p{suffix}").read_bytes().startswith(sign), suffix
    assert json.loads((tmp_path / "p.json").read_text()) == session.eval("p").spec
    page = (tmp_path / "p.html").read_text()
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)  # nothing is fetched
    with Session(allow=Capabilities("workspace")) as bare, pytest.raises(ChorusError, match="'write'"):
        bare.eval('(save-plot (plot \'(1 2)) "x.png")')


def test_data_cannot_leave_the_script_of_a_page(session: Session, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    evil = "</script><script>alert(1)</script><!--"
    session.eval(
        "(save-plot (plot (list {:k evil :n 1}) :x k :y n :title evil) path)",
        evil=evil,
        path=str(tmp_path / "p.html"),
    )
    page = (tmp_path / "p.html").read_text()
    assert "alert(1)" in page and "<script>alert" not in page and "\\u003c/script>" in page


# — pixels —


def test_what_a_terminal_says_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    from chorus.runtime.plots import terminal

    class Screen:
        encoding = "utf-8"

    for name in ("TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "LC_TERMINAL", "CHORUS_PLOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(terminal, "_told", [[]])
    for told, way in (
        ({"TERM": "xterm-kitty"}, "kitty"), ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM": "foot"}, "sixel"), ({"TERM": "xterm-256color"}, "unicode"), ({"TERM": "dumb"}, "ascii"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, "unicode"), ({"TERM": "dumb", "CHORUS_PLOT": "sixel"}, "sixel"),
    ):  # fmt: skip
        with monkeypatch.context() as patched:
            for name, value in told.items():
                patched.setenv(name, value)
            assert terminal.way_of(Screen(), True) == way, told
    Screen.encoding = "latin-1"
    assert terminal.way_of(Screen(), True) == "ascii"
    Screen.encoding = "utf-8"
    monkeypatch.setenv("TERM", "xterm-kitty")
    assert terminal.way_of(Screen(), False) == "unicode"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal, "_told", [["62", "4", "22"]])
    assert terminal.way_of(Screen(), True) == "sixel"


def png_of(pixels: Any, filters: list[int]) -> bytes:
    """A PNG of PIXELS u8[h,w,4] with each line filtered as FILTERS say: written from the specification."""
    height, width, _ = pixels.shape
    raw, before = b"", [0] * (4 * width)
    for line, kind in zip(pixels.tolist(), filters, strict=True):
        now = [part for pixel in line for part in pixel]
        coded = []
        for at, value in enumerate(now):
            left, up, corner = (now[at - 4] if at >= 4 else 0), before[at], (before[at - 4] if at >= 4 else 0)
            guess = left + up - corner
            near = min(
                (abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner)
            )[2]
            coded.append((value - (0, left, up, (left + up) // 2, near)[kind]) % 256)
        raw += bytes([kind, *coded])
        before = now

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def test_pixels_are_read_and_sent_as_they_are() -> None:
    import base64

    np = pytest.importorskip("numpy")
    from chorus.runtime.plots.pixels import iterm, kitty, pixels_of, sixel

    pixels = np.random.default_rng(0).integers(0, 256, (15, 9, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    png = png_of(pixels, [0, 1, 2, 3, 4] * 3)
    assert (pixels_of(png) == pixels[..., :3]).all()
    sent = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b\\", kitty(png)))
    assert base64.b64decode(sent) == png
    assert base64.b64decode(iterm(png).partition(":")[2].rstrip("\x07")) == png
    # The sixels, drawn again, are the picture in 216 colours.
    text = sixel(png)
    colours = {
        int(n): (int(r), int(g), int(b)) for n, r, g, b in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", text)
    }
    drawn = np.zeros((18, 9, 3), int)
    bands = re.sub(r'^\x1bPq"[\d;]+', "", text)
    bands = re.sub(r"#\d+;2;\d+;\d+;\d+", "", bands).removesuffix("\x1b\\")
    for band, content in enumerate(bands.split("-")[:-1]):
        for one in content.split("$"):
            number, at = int(re.match(r"#(\d+)", one)[1]), 0
            for count, letter in re.findall(r"(?:!(\d+))?([?-~])", one.partition(str(number))[2]):
                for _ in range(int(count or 1)):
                    for bit in range(6):
                        if (ord(letter) - 63) >> bit & 1:
                            drawn[6 * band + bit, at] = colours[number]
                    at += 1
    wanted = np.round(pixels[..., :3] / 51) * 20
    assert np.abs(drawn[:15] - wanted).max() <= 20 and np.abs(drawn[:15] - wanted).mean() < 1


def test_pixels_reach_a_terminal_that_takes_them_and_nothing_else(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("vl_convert")
    import io

    from chorus.runtime.plots.terminal import shown

    class Screen(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    made = session.eval("(plot '(1 2 2 3))")
    for way, begins in (("kitty", "\x1b_G"), ("iterm", "\x1b]1337;"), ("sixel", "\x1bPq")):
        monkeypatch.setenv("CHORUS_PLOT", way)
        assert shown(made, Screen()).startswith(begins)
        assert "\x1b" not in shown(made, io.StringIO())  # no terminal
    monkeypatch.setenv("CHORUS_PLOT", "unicode")
    assert "\x1b[38;5;" in shown(made, Screen())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(made, Screen())


def test_making_a_plot_loads_no_renderer() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from chorus import Session, Capabilities; s = Session(allow=Capabilities('workspace')); "
        's.eval("(plot? 1)"); print(\'pyarrow\' in sys.modules); s.eval("(plot->string (plot \'(1 2 2)))"); '
        "print([n for n in ('vl_convert', 'altair', 'torch') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split("\n")[:2] == ["False", "[]"], done.stderr


def test_a_single_instant_is_drawn_in_its_day() -> None:
    with Session() as session:
        rows = """(rows->table '({:at #inst "2024-03-01T12:00Z" :n 2}))"""
        drawn = session.eval(f"(plot->string (plot {rows} :x at :y n) :width 60 :ascii #t)")
    assert "03-01 12h" in drawn and "03-02" in drawn


@pytest.mark.parametrize("ascii", ["#t", "#f"])
def test_bars_that_have_no_ground_are_marks(session: Session, ascii: str) -> None:
    """Names upwards and instants sideways: no number that a bar could rise from."""
    session.eval(DATA)
    drawn = session.eval(f"(plot->string (plot days :x at :y who :mark bar) :ascii {ascii})")
    assert "ann" in drawn and "bob" in drawn
