"""The `chorus` command: scripts, expressions, pipes and subcommands, with documented exit codes.

0 ok · 1 an error in the program · 2 usage · 3 a limit · 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from chorus.interpreter.faces.options import TABLE, Options, UsageError, near, parse
from chorus.interpreter.faces.output import Output, OutputLost, prepare_streams, print_error
from chorus.runtime.errors import ChorusError, Interrupted, LimitExceeded
from chorus.runtime.limits import COLLECT, Meter

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

OK, PROGRAM_ERROR, USAGE, LIMIT, INTERRUPTED = 0, 1, 2, 3, 130
HELP = "chorus --help"

COMMANDS = {
    "fmt": "make the layout of .sexp files regular",
    "check": "read and compile files without running them",
    "doc": "documentation of a name, or the whole reference manual",
    "serve": "answer over HTTP, or JSON-RPC on standard input and output",
    "lsp": "the language server, for editors",
    "kernel": "make Chorus known to Jupyter",
    "bench": "run a benchmark of a source checkout",
    "demo": "write a synthetic community to try things on",
}


def main(words: list[str] | None = None) -> int:
    """Entry point of the console script."""
    words = sys.argv[1:] if words is None else words
    gc.set_threshold(*COLLECT)
    prepare_streams()
    stdout = sys.stdout
    try:
        code = run(words)
        stdout.flush()
    except UsageError as problem:
        explain(problem, words, stdout)
        code = USAGE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OutputLost as lost:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())  # what is still held back goes nowhere
        if lost.reader_left:
            return OK
        print(f"chorus: {lost.message}", file=sys.stderr)
        code = PROGRAM_ERROR
    except ChorusError as error:  # of a subcommand
        Output().error(error)
        code = exit_code(error)
    return code


def explain(problem: UsageError, words: list[str], stdout: TextIO) -> None:
    """What is wrong with the command line: to stderr, or to stdout as JSON where that was asked for."""
    command = words[0] if words and words[0] in COMMANDS else ""
    if "--json" in words and not command:
        print_error(
            {"code": "usage", "message": str(problem), "line": None, "column": None, "hint": HELP}, stdout
        )
        return
    shown = str(problem)
    if not shown.startswith("usage:"):
        shown = f"chorus: {shown}\nTry: " + (f"chorus {command} --help" if command else HELP)
    print(shown, file=sys.stderr)


def run(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        return import_module(f"chorus.interpreter.faces.commands.{words[0]}").run(words[1:])
    options = parse(words)
    if options.help:
        print(usage())
        return OK
    if options.version:
        from chorus import __version__

        print(f"chorus {__version__}")
        return OK
    if not options.expressions and options.file is None:
        if sys.stdin.isatty():
            from chorus.interpreter.faces.repl.loop import start

            return start(options)
        options.file = "-"
    return run_program(options)


def usage() -> str:
    rows = [(f"{o.spelling} {o.argument}".strip(), o.help) for o in TABLE if o.help]
    commands = [(f"chorus {name}", text) for name, text in COMMANDS.items()]
    lines = [
        "usage: chorus [OPTION…]                    a prompt on the workspace",
        "       chorus [OPTION…] FILE.sexp [ARG…]   run a script; (command-line) gives FILE ARG …",
        "       chorus [OPTION…] -e EXPR [ARG…]     print the value of each form in EXPR, as `write` does;",
        "                                           (show EXPR) prints answers and personas as text",
        "       … | chorus [OPTION…] -              the program from standard input",
        "",
        *(f"  {left:<22} {right}" for left, right in rows),
        "",
        *(f"  {left:<22} {right}" for left, right in commands),
        "",
        "exit codes: 0 ok, 1 an error in the program, 2 usage, 3 a limit, 130 interrupted",
    ]
    return "\n".join(lines)


def run_program(options: Options) -> int:
    """A script, expressions, or a program from standard input."""
    output = Output(options.json, options.format, alone=options.json)
    try:
        texts = list(programs(options))
    except ChorusError as error:
        output.error(error)
        return exit_code(error)
    try:
        opened = open_session(options)
    except ChorusError as error:
        output.error(error)
        return exit_code(error)
    with opened as session:
        session.context.arguments = arguments_of(options)
        try:
            return _run(session, texts, options, output)
        finally:
            if "duckdb" in sys.modules:  # which tells, at the end, of connections that nobody has let go of
                gc.unfreeze()


def _run(session: Session, texts: list[tuple[str, str]], options: Options, output: Output) -> int:
    """Evaluate TEXTS, as (text, name); the exit code. What an evaluator has noted is told after an error, too."""
    from chorus.interpreter.faces.persistence import Definitions

    status = OK
    try:
        definitions = Definitions(session, keep=bool(options.persist))
        definitions.restore()
        gc.freeze()  # what the language itself is made of is never garbage
        for text, name in texts:
            meter = Meter(session.limits)
            for form, value in session.run(text, name, meter):
                if options.file is None or options.file == "-":
                    session.printing(form, partial(output.value, value), meter)
        definitions.settle()
    except OutputLost:
        raise
    except ChorusError as error:
        output.error(error)
        status = exit_code(error)
    except SystemExit as leave:  # (exit n)
        status = int(leave.code or 0)
    if options.evaluator != "host":
        from chorus.interpreter.stage.reporting import show_reports

        show_reports(session)
    return status


def arguments_of(options: Options) -> list[str]:
    return [options.file or "-e", *options.arguments]


def programs(options: Options) -> Iterator[tuple[str, str]]:
    """The texts to run, each with the name its errors show."""
    if options.file is None:
        for number, text in enumerate(options.expressions, 1):
            yield text, "-e" if len(options.expressions) == 1 else f"-e {number}"
    elif options.file == "-":
        yield decode(sys.stdin.buffer.read(), "<stdin>"), "<stdin>"
    else:
        try:
            with open(options.file, "rb") as file:
                data = file.read()
        except OSError as problem:
            raise UsageError(_unreadable(options.file, problem)) from None
        yield decode(data, options.file), options.file


def _unreadable(name: str, problem: OSError) -> str:
    """Why NAME is no script, and what may have been meant instead."""
    if name.lstrip()[:1] in ("(", "'", '"'):
        return f"there is no file {name}; to evaluate an expression, put -e before it"
    if name in COMMANDS:
        return f"a subcommand stands before its options: chorus {name} …"
    hint = near(name, [*COMMANDS, *(name for name in os.listdir() if name.endswith(".sexp"))])
    return f"cannot read {name}: {problem.strerror}{hint}"


def decode(data: bytes, name: str) -> str:
    from chorus.runtime.errors import ReadError, Span

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        span = Span(name, line, 1, line, 1)
        raise ReadError(f"{name} is not UTF-8 text", span=span, hint="save it as UTF-8") from None


def exit_code(error: ChorusError) -> int:
    if isinstance(error, LimitExceeded):
        return LIMIT
    return INTERRUPTED if isinstance(error, Interrupted) else PROGRAM_ERROR


def open_session(options: Options) -> Session:
    from chorus.interpreter.session import Session

    return Session(
        options.workspace, options.limits, options.capabilities, options.evaluator, memory=options.memory
    )


if __name__ == "__main__":
    sys.exit(main())
