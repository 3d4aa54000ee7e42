"""Output, input and files: what reaches the outside, and what is refused."""

from __future__ import annotations

import io

import pytest

from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
from chorus.runtime.errors import CapabilityDenied, EvalError, LimitSignal
from chorus.runtime.limits import Limits
from chorus.runtime.primitive import TABLE, bind
from chorus.runtime.primitives import io as files
from chorus.runtime.primitives import output, ports_reading, symbols
from chorus.runtime.primitives import random as chance
from chorus.runtime.primitives import time as clock
from chorus.runtime.values import EOF, NIL, Char, Pair, make_list

assert files and output and ports_reading and symbols and chance and clock


def call(name: str, *args, ctx: Context | None = None, allow: Capabilities | None = None):
    granted = Capabilities.all() if allow is None else allow
    return bind(TABLE[name], ctx or Context(capabilities=granted), granted)(*args)


def test_output(capsys):
    call("display", make_list(["a", Char("b")]))
    call("newline")
    call("write", make_list(["a", Char("b")]))
    call("print", "x", 1.5, NIL)
    call("write-string", "λ")
    call("write-char", Char("!"))
    assert capsys.readouterr().out == '(a b)\n("a" #\\b)x 1.5 ()\nλ!'


def test_a_terminal_that_lacks_characters_gets_substitutes(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    call("display", "aλ")
    assert raw.getvalue() == b"a?"


def test_output_is_charged_and_stops_in_the_middle(capsys):
    ctx = Context(limits=Limits(bytes=50_000))
    with pytest.raises(LimitSignal):
        call("display", make_list(range(100_000)), ctx=ctx)
    assert 1000 < len(capsys.readouterr().out) < 60_000


def test_reading_lines(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("one\r\n\nlast"))
    assert [call("read-line") for _ in range(4)] == ["one", "", "last", EOF]


def test_files(tmp_path):
    path = str(tmp_path / "a.txt")
    assert call("file-exists?", path) is False
    call("write-file", path, "one\r\ntwo λ\n")
    assert call("read-file", path) == "one\r\ntwo λ\n"
    assert list(call("read-lines", path)) == ["one", "two λ"]
    assert list(call("list-files", str(tmp_path))) == ["a.txt"]
    call("delete-file", path)
    for name in ("read-file", "read-lines", "delete-file"):
        with pytest.raises(EvalError) as caught:
            call(name, path)
        assert caught.value.code == "file" and "no such file" in caught.value.message


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "b").write_bytes(b"ab\xff")
    with pytest.raises(EvalError, match="not UTF-8"):
        call("read-file", str(tmp_path / "b"))


@pytest.mark.parametrize(
    ("name", "args", "capability"),
    [
        ("read-file", ("/etc/passwd",), "read"),
        ("list-files", ("/",), "read"),
        ("file-exists?", ("/",), "read"),
        ("write-file", ("/tmp/x", ""), "write"),
        ("delete-file", ("/tmp/x",), "write"),
        ("now", (), "clock"),
        ("current-jiffy", (), "clock"),
        ("random", (), "random"),
        ("read-line", (), "environment"),
    ],
)
def test_nothing_is_allowed_by_default(name, args, capability):
    with pytest.raises(CapabilityDenied) as caught:
        call(name, *args, allow=Capabilities())
    assert caught.value.capability == capability


def test_a_large_file_is_charged_before_it_is_read(tmp_path):
    path = tmp_path / "big"
    path.write_text("x" * 1_000_000)
    with pytest.raises(LimitSignal):
        call("read-file", str(path), ctx=Context(limits=Limits(bytes=10_000)))


def test_a_seed_repeats_what_follows():
    ctx = Context()
    drawn = []
    for _ in range(2):
        call("random-seed!", 7, ctx=ctx)
        drawn.append(
            [
                call("random", 10**20, ctx=ctx),
                call("random", ctx=ctx),
                *call("shuffle", [1, 2, 3, 4], ctx=ctx),
            ]
        )
    assert drawn[0] == drawn[1]
    assert call("random", 10**20, ctx=ctx) != call("random", 10**20, ctx=ctx)


def test_a_circle_is_shown():
    pair = Pair(1, NIL)
    pair.cdr = pair
    assert call("value->string", pair) == "#0=(1 . #0#)"
