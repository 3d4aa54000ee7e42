"""Settings of the prompt: environment over file over defaults; what is wrong is told and stops nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorus.interpreter.faces.repl.confirming import LOSES, losses, wanted
from chorus.interpreter.faces.repl.outside import edited, shell
from chorus.interpreter.faces.repl.preferences import preferences
from chorus.interpreter.faces.themes import THEMES, ChorusStyle, prompt_style


@pytest.fixture
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What holds with a file of the given text, and what was told."""
    for name in ("CHORUS_THEME", "CHORUS_PAGER", "PAGER", "CHORUS_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "chorus").mkdir()

    def settle(text: str | bytes):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "chorus" / "config.toml").write_bytes(data)
        told: list[str] = []
        return preferences(told.append), "\n".join(told)

    return settle


def test_the_file_is_heeded(settled) -> None:
    chosen, told = settled('theme = "light"\nformat = "box"\npager = "off"\ntiming = true\nconfirm = false\n')
    assert (chosen.theme, chosen.format, chosen.pager, chosen.timing, chosen.confirm) == (
        "light", "box", None, True, False,
    )  # fmt: skip
    assert told == ""


def test_the_environment_is_before_the_file(settled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_THEME", "plain")
    monkeypatch.setenv("CHORUS_PAGER", "most")
    chosen, told = settled('theme = "light"\npager = "less"\n')
    assert (chosen.theme, chosen.pager, told) == ("plain", "most", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('theem = "light"', "there is no setting theem; did you mean theme?"),
        ('theme = "lihgt"', "theme should be one of dark, light, plain; did you mean light?"),
        ("theme = [1]", "theme should be one of dark, light, plain"),
        ("timing = 1", "timing should be true or false"),
        ("pager = 3", "pager should be a command"),
        ("theme = ", "is no TOML"),
        (b'theme = "\xff"', "is no TOML"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_holds(settled, text: str | bytes, says: str) -> None:
    chosen, told = settled(text)
    assert says in told and (chosen.theme, chosen.format) == ("dark", "table")


def test_a_named_file_that_is_not_there_is_told(
    settled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHORUS_CONFIG", str(tmp_path / "none.toml"))
    assert "there is no file" in settled("")[1]


def test_themes_are_whole() -> None:
    assert len(THEMES) == 3
    for theme in THEMES:
        rules = dict(prompt_style(theme).style_rules)
        assert {"prompt", "bracket.match", "bracket.stray", "bottom-toolbar"} <= set(rules)
    assert "#" not in "".join(THEMES["plain"].values()) and ChorusStyle.styles is THEMES["dark"]


def test_what_takes_away_for_good_is_asked_about() -> None:
    from chorus import Capabilities, Session

    with Session(allow=Capabilities.all()) as session:
        assert set(LOSES) <= set(session.names())
    assert losses('(forget-ratings! "ann")')[0].startswith("forget-ratings! erases")
    assert len(losses("(begin (forget-voices!) (list (forget-unknown-names!)) (forget-voices!))")) == 2
    assert (
        not losses("'(forget-ratings! x)")
        and not losses('(list "forget-ratings!")')
        and not losses("(forget-voices!")
    )
    asked: list[str] = []

    def says(answer: str):
        return lambda question: asked.append(question) or answer

    assert wanted("(+ 1 2)", says("n")) and not asked
    assert wanted("(forget-voices!)", says("Y")) and not wanted("(forget-voices!)", says(""))
    assert "Go on? (y/N)" in asked[0]

    def leaves(question: str) -> str:
        raise EOFError

    assert not wanted("(forget-voices!)", leaves)


def test_the_shell_and_the_editor(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shell("echo from the shell; exit 3")
    shown = capfd.readouterr()
    assert shown.out == "from the shell\n" and "exit code 3" in shown.err
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "printf '(list 1 é)' >>")
    assert edited("(first)") == "(first)\n(list 1 é)"
    monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
    assert edited("(first)") is None and "set $EDITOR" in capfd.readouterr().err
