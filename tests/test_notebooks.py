"""Notebooks: the display protocol of tables, answers, plots and errors; `%%chorus` cells; the kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Session

EVIL = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture(scope="module")
def session() -> Any:
    with Session(allow=Capabilities("workspace")) as opened:
        yield opened


def test_a_table_is_text_and_html_in_which_cells_are_text(session: Session) -> None:
    session.eval('(define (mine) (rows->table (list {:a said :n 1} {:a "b" :n 2})))', said=EVIL)
    bundle = session.tables("mine")._repr_mimebundle_()
    assert "&lt;script&gt;" in bundle["text/html"] and "<script" not in bundle["text/html"]
    assert "\x1b" not in bundle["text/html"] + bundle["text/plain"]
    assert "2 of 2 rows" in bundle["text/html"] and "(2 rows × 2 columns)" in bundle["text/plain"]
    assert session.show("(mine)").bundle == bundle
    many = session.show("(rows->table (map (lambda (n) {:n n}) (iota 80)))").bundle
    assert "50 of 80 rows" in many["text/html"] and many["text/html"].count("<tr>") == 51


def test_a_plot_is_a_specification_with_a_picture_beside_it(session: Session) -> None:
    bundle = session.eval("(plot '(1 2 2 3))")._repr_mimebundle_()
    assert bundle["application/vnd.vegalite.v5+json"]["mark"]["type"] == "bar"
    assert bundle["image/svg+xml"].startswith("<svg") and "┤" in bundle["text/plain"]


def test_other_values_and_what_is_nothing(session: Session) -> None:
    assert session.show("(+ 1 2)").bundle == {"text/plain": "3"}
    assert session.show("(define x 1)").bundle == {}
    assert repr(session.show('(list 1 "a")')) == '(1 "a")'
    prose = session.show("(hash-table ':added 2)").bundle
    assert prose["text/plain"] == "added 2" and "added 2</pre>" in prose["text/html"]


def test_answers_are_prose(_tiny_workspace: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(_tiny_workspace, tmp_path / "w")
    with Session(tmp_path / "w", allow=Capabilities("workspace", "clock")) as opened:
        bundle = opened.show('(persona-inquiry \'everyone "Which wine goes with a tax return?")').bundle
    assert bundle["text/plain"].startswith("No answer") and "<pre" in bundle["text/html"]


def test_an_error_shows_its_place_and_no_traceback(session: Session) -> None:
    with pytest.raises(ChorusError) as told:
        session.eval("(+ 1\n (car 5))")
    shown = told.value._repr_mimebundle_()["text/plain"]
    assert "error[type]" in shown and "(car 5)" in shown and "^" in shown
    assert told.value._render_traceback_() == shown.split("\n")


def test_a_cell_of_ipython(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    testing = pytest.importorskip("IPython.testing.globalipapp")
    monkeypatch.chdir(tmp_path)
    shell = testing.start_ipython() or testing.get_ipython()
    shell.run_line_magic("load_ext", "chorus")
    assert repr(shell.run_cell_magic("chorus", "", "(define kept 4)\n(* kept kept)")) == "16"
    assert repr(shell.run_line_magic("chorus", "(+ kept 1)")) == "5"
    assert shell.run_line_magic("chorus", "(define more 1)") is None
    with pytest.raises(ValueError, match="unknown option"):
        shell.run_cell_magic("chorus", "--no-such", "1")


def test_the_kernel_runs_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    described = [sys.executable, "-m", "chorus.interpreter.faces.cli", "kernel", "--folder", str(tmp_path)]
    assert subprocess.run(described, capture_output=True, timeout=60).returncode == 0
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    cells = [
        '(define x 20) (display "said") (+ x 1)',
        "(plot '(1 2 2))",
        "(+ 1\n  (car 5))",
        "(* x 2)",
        '(list 1) "two"',
        "(where (rows->table '({:n 1} {:n 2})) (> n 1))",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(
        book,
        kernel_name="chorus",
        timeout=120,
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    first, plot, error, product, several, table = [cell.outputs for cell in book.cells]
    assert [each.output_type for each in first] == ["stream", "execute_result"]
    assert (first[0].text, first[1].data["text/plain"]) == ("said", "21")
    assert "application/vnd.vegalite.v5+json" in plot[0].data
    assert error[0].ename == "type" and "(car 5)" in "\n".join(error[0].traceback)
    assert "Traceback" not in "\n".join(error[0].traceback)
    assert product[0].data["text/plain"] == "40"
    assert [each.data["text/plain"] for each in several] == ["(1)", '"two"']
    assert "(1 row × 1 column)" in table[0].data["text/plain"] and "<td" in table[0].data["text/html"]


def test_tables_in_a_notebook_of_python(tmp_path: Path) -> None:
    """There the engine would show a bar, and without ipywidgets refuses to be told not to."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cells = [
        "from chorus import Capabilities, Session\n"
        f"session = Session({str(tmp_path / 'workspace')!r}, allow=Capabilities.all())\n"
        "session.eval('(count (messages))')",
        'session.show("(rows->table \'({:n 1} {:n 2}))")',
        "session.eval('(count t)', t=session.eval(\"(rows->table '({:n 1} {:n 2}))\"))",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, kernel_name="python3", timeout=120).execute()
    stored, shown, given = [cell.outputs[-1].data for cell in book.cells]
    assert (stored["text/plain"], given["text/plain"]) == ("0", "2") and "<td" in shown["text/html"]


def test_the_kernel_completes_inspects_and_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = pytest.importorskip("jupyter_client.manager")
    pytest.importorskip("ipykernel")
    described = [sys.executable, "-m", "chorus.interpreter.faces.cli", "kernel", "--folder", str(tmp_path)]
    assert subprocess.run(described, capture_output=True, timeout=60).returncode == 0
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    started, client = manager.start_new_kernel(kernel_name="chorus")
    try:
        completed = client.complete("(string-app", 11, reply=True, timeout=60)["content"]
        assert completed["matches"][0] == "string-append" and completed["cursor_start"] == 1
        inspected = client.inspect('(string-append "a")', 5, reply=True, timeout=60)["content"]
        assert inspected["found"] and "(string-append" in inspected["data"]["text/plain"]
        client.is_complete("(+ 1")
        assert client.get_shell_msg(timeout=60)["content"]["status"] == "incomplete"
        client.execute(
            "(define kept 1) (let loop () (loop))", stop_on_error=False
        )  # else what follows is aborted
        import time

        time.sleep(2)
        started.interrupt_kernel()
        answered = client.get_shell_msg(timeout=60)["content"]
        assert answered["status"] == "error" and answered["ename"] == "interrupted"
        assert client.execute_interactive("kept", timeout=60)["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        started.shutdown_kernel(now=True)
