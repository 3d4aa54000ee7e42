"""What the command line says: a table of options, parsed without argparse so that starting stays fast."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chorus.runtime.capabilities import NAMES, Capabilities
from chorus.runtime.limits import DEFAULT_DEPTH, Limits, bounded

FORMATS = ("table", "box", "csv", "json", "jsonl", "markdown", "arrow")
NOT_GIVEN = tuple(name for name in NAMES if name not in Capabilities.command_line())
DEFAULT_WORKSPACE = "chorus.db-dir"


class UsageError(Exception):
    """The command line itself is wrong: exit 2."""


class Options:
    """A parsed command line. No dataclass: the module for those costs a tenth of the start."""

    def __init__(self) -> None:
        self.expressions: list[str] = []
        self.file: str | None = None  # "-" is standard input
        self.arguments: list[str] = []
        self.workspace = DEFAULT_WORKSPACE
        self.json = False
        self.persist: bool | None = None  # None: the REPL persists, everything else does not
        self.format: str | None = None
        self.evaluator = "host"
        self.granted = Capabilities.command_line()  # unasked
        self.allow = Capabilities()
        self.limit_steps: int | None = None
        self.limit_seconds: float | None = None
        self.limit_bytes: int | None = None
        self.limit_depth: int = DEFAULT_DEPTH
        self.limit_output: int | None = None
        self.memory: int | None = None
        self.help = False
        self.version = False

    @property
    def limits(self) -> Limits:
        return Limits(
            self.limit_steps, self.limit_seconds, self.limit_bytes, self.limit_depth, self.limit_output
        )

    @property
    def capabilities(self) -> Capabilities:
        return self.granted | self.allow


def parse_count(text: str) -> int:
    """A positive integer, with k, M or G after it if one likes."""
    scale = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 1)
    digits = text if scale == 1 else text[:-1]
    if not digits.isdecimal() or int(digits) == 0:
        raise UsageError(f"a positive number is wanted, not {text!r}")
    return int(digits) * scale


def parse_memory(text: str) -> int:
    try:
        return bounded(parse_count(text))
    except ValueError as problem:
        raise UsageError(str(problem)) from None


def parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"a positive number of seconds is wanted, not {text!r}")
    return seconds


def parse_capabilities(text: str) -> Capabilities:
    try:
        return Capabilities(*(name.strip() for name in text.split(",") if name.strip()))
    except ValueError as problem:
        raise UsageError(str(problem)) from None


def parse_expression(text: str) -> str:
    """A program's text: UTF-8, whatever encoding the host takes its arguments in."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        raise UsageError("the text after -e is not UTF-8") from None


def parse_format(text: str) -> str:
    if text not in FORMATS:
        raise UsageError(f"unknown format {text!r}; known: {', '.join(FORMATS)}")
    return text


class Option(NamedTuple):
    """One row of the table: an option's spelling, its argument's name ("" for a flag), and what it does.

    Without the last it is kept out of the help.
    """

    spelling: str
    argument: str
    attribute: str
    parse: Callable[[str], Any]
    help: str


TABLE = (
    Option(
        "-e",
        "EXPR",
        "expressions",
        parse_expression,
        "evaluate EXPR, print its values (may stand several times)",
    ),
    Option("--json", "", "json", bool, 'one JSON object a value: {"value": …} or {"error": …}'),
    Option("--workspace", "DIR", "workspace", str, f"the workspace folder (default ./{DEFAULT_WORKSPACE})"),
    Option("--format", "FORMAT", "format", parse_format, f"how tables print: {'|'.join(FORMATS)}"),
    Option("--allow", "CAP,…", "allow", parse_capabilities, f"grant more: {', '.join(NOT_GIVEN)}"),
    Option("--limit-steps", "N", "limit_steps", parse_count, "stop after N evaluation steps"),
    Option("--limit-seconds", "S", "limit_seconds", parse_seconds, "stop after S seconds"),
    Option("--limit-bytes", "N", "limit_bytes", parse_count, "stop after N bytes of allocation"),
    Option("--limit-depth", "N", "limit_depth", parse_count, f"depth of calls (default {DEFAULT_DEPTH})"),
    Option("--limit-output", "N", "limit_output", parse_count, "stop before more than N bytes are written"),
    Option(
        "--memory",
        "N",
        "memory",
        parse_memory,
        "bytes that queries hold at once (16M at least); more waits on disk",
    ),
    Option("--persist", "", "persist", bool, "keep definitions in the workspace"),
    Option("--no-persist", "", "no_persist", bool, "in the REPL: do not keep definitions"),
    Option(
        "--evaluator",
        "NAME",
        "evaluator",
        str,
        "profile, trace, coverage, dry-run, step, profile+trace …; meta: the language's own",
    ),
    Option("--version", "", "version", bool, "print the version"),
    Option("--help", "", "help", bool, "print this help"),
)
BY_SPELLING = {option.spelling: option for option in TABLE} | {"-h": TABLE[-1]}


def parse(words: list[str]) -> Options:
    """Options up to FILE; what stands after FILE belongs to the program."""
    options = Options()
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-" or not word.startswith("-") or word == "--":
            skip = word == "--"
            rest = words[at + skip :]
            options.file, options.arguments = (rest[0] if rest else None), rest[1:]
            break
        spelling, equals, attached = word.partition("=")
        option = BY_SPELLING.get(spelling)
        if option is None:
            raise UsageError(unknown_option(spelling, BY_SPELLING))
        if not option.argument:
            _set_flag(options, option)
            at += 1
            continue
        if not equals and at + 1 == len(words):
            raise UsageError(f"{spelling} wants {option.argument} after it")
        _set_value(options, option, attached if equals else words[at + 1])
        at += 1 if equals else 2
    if options.expressions and options.file is not None:
        options.arguments = [options.file, *options.arguments]
        options.file = None
    return options


def _set_flag(options: Options, option: Option) -> None:
    if option.attribute == "no_persist":
        options.persist = False
    else:
        setattr(options, option.attribute, True)


def _set_value(options: Options, option: Option, text: str) -> None:
    value = option.parse(text)
    match option.attribute:
        case "expressions":
            options.expressions.append(value)
        case "allow":
            options.allow = options.allow | value
        case attribute:
            setattr(options, attribute, value)


def unknown_option(spelling: str, known: Iterable[str]) -> str:
    """What to say of an option that is not among KNOWN."""
    return f"unknown option {spelling}" + near(spelling, known)


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` when one of KNOWN is within 2 edits of WORD, else nothing."""
    from chorus.interpreter.diagnostics import suggest

    meant = suggest(word, known)
    return f"; did you mean {meant}?" if meant else ""
