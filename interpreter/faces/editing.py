"""What an editor asks of a text: what is wrong with it, what a name means, what may come next, how it is laid out.

The methods of the Language Server Protocol, without how they are carried. Nothing of a text is run but its
definitions, as `chorus check` does, in a session that may do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chorus.interpreter.describe import as_text
from chorus.interpreter.diagnostics import message_of
from chorus.interpreter.faces.knowledge import Knowledge
from chorus.interpreter.faces.options import Options
from chorus.interpreter.faces.repl.completion import ChorusCompleter
from chorus.interpreter.faces.repl.cursor import enclosing_calls, word_before
from chorus.interpreter.formatter import TOKEN, format_source
from chorus.interpreter.frames.texts import defined_names, definitions_in, head
from chorus.interpreter.reader import read_forms, read_spanned
from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, Span
from chorus.runtime.limits import Limits
from chorus.runtime.printer import write
from chorus.runtime.values import Pair

LIMITS = Limits(seconds=5, bytes=1 << 30)  # of a check: expanding a macro may run for ever
SEVERITY = {"error": 1, "warning": 2}
MOST = 100  # completions that are sent
CAN = {
    "textDocumentSync": 1,  # the whole text at each change
    "hoverProvider": True,
    "completionProvider": {"triggerCharacters": ["(", ":"]},
    "signatureHelpProvider": {"triggerCharacters": [" ", "("]},
    "definitionProvider": True,
    "documentSymbolProvider": True,
    "documentFormattingProvider": True,
}
Method = Callable[[dict[str, Any]], Any]


class Editing:
    """The texts that an editor has open, and what is known about them."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.session = Session(limits=LIMITS)  # knows the language; texts have sessions of their own
        self.completer = ChorusCompleter(Knowledge(self.session))
        self.methods: dict[str, Method] = {
            "initialize": lambda given: {"capabilities": CAN, "serverInfo": {"name": "chorus"}},
            "shutdown": lambda given: None,
            "textDocument/hover": self.hover,
            "textDocument/completion": self.completion,
            "textDocument/signatureHelp": self.signature,
            "textDocument/definition": self.definition,
            "textDocument/documentSymbol": self.symbols,
            "textDocument/formatting": self.formatting,
        }

    # — what comes in: each gives the file whose problems are to be told anew —

    def told(self, method: str, given: dict[str, Any]) -> str | None:
        """Take note of a notification; the URI of a text that has changed."""
        document = given.get("textDocument") or {}
        uri = document.get("uri", "")
        match method:
            case "textDocument/didOpen":
                self.texts[uri] = document.get("text", "")
            case "textDocument/didChange":
                changes = given.get("contentChanges") or [{}]
                self.texts[uri] = changes[-1].get("text", self.texts.get(uri, ""))
            case "textDocument/didClose":
                self.texts.pop(uri, None)
            case _:
                return None
        return uri

    def problems(self, uri: str) -> list[dict[str, Any]]:
        """What `chorus check` finds in the text."""
        text = self.texts.get(uri)
        if not text:
            return []
        allowed = Options().capabilities
        with Session(limits=LIMITS) as session:
            found = session.check(text, uri, allowed)
        return [self._problem(text, uri, each) for each in found]

    def _problem(self, text: str, uri: str, error: ChorusError) -> dict[str, Any]:
        here = error.span if error.span is not None and error.span.file == uri else Span(uri, 1, 1, 1, 2)
        hint = f"\n{error.hint}" if error.hint else ""
        return {
            "range": extent(text, here),
            "severity": SEVERITY.get(error.severity, 2),
            "code": error.code,
            "source": "chorus",
            "message": message_of(error) + hint,
        }

    # — what is asked —

    def hover(self, given: dict[str, Any]) -> Any:
        text, at = self._place(given)
        name = name_at(text, at)
        described = self.session.describe(name) if name else None
        if described is None:
            found = next((each for each in defined(text) if each[0] == name), None)
            return _markdown(found[2]) if found else None
        usage, _, rest = as_text(described).partition("\n")
        return _markdown(usage, rest.strip("\n"))

    def completion(self, given: dict[str, Any]) -> Any:
        from prompt_toolkit.completion import CompleteEvent
        from prompt_toolkit.document import Document

        text, at = self._place(given)
        word = word_before(text[:at])
        if not word or in_text(text, at):
            return []
        own = [name for name, _, _ in defined(text) if name.startswith(word)]
        known = self.completer.get_completions(Document(text[:at]), CompleteEvent(completion_requested=True))
        extent = {"start": position(text, at - len(word)), "end": position(text, at)}
        return [
            {
                "label": label,
                "detail": self.session.usage(label),
                "textEdit": {"range": extent, "newText": label},
            }
            for label in list(dict.fromkeys([*own, *(each.text for each in known)]))[:MOST]
        ]

    def signature(self, given: dict[str, Any]) -> Any:
        text, at = self._place(given)
        for call in reversed(enclosing_calls(text[:at])):
            usage = self.session.usage(call.head) or next(
                (u for n, _, u in defined(text) if n == call.head), ""
            )
            if usage:
                return {"signatures": [{"label": usage}], "activeSignature": 0}
        return None

    def definition(self, given: dict[str, Any]) -> Any:
        text, at = self._place(given)
        name = name_at(text, at)
        for uri, other in [(given["textDocument"]["uri"], text), *self.texts.items()]:
            for each, span, _ in defined(other):
                if each == name:
                    return {"uri": uri, "range": extent(other, span)}
        return None

    def symbols(self, given: dict[str, Any]) -> Any:
        text, _ = self._place(given)
        return [
            {"name": name, "kind": 12 if usage.startswith("(") else 13, "range": extent(text, span),
             "selectionRange": extent(text, span)}
            for name, span, usage in defined(text)
        ]  # fmt: skip

    def formatting(self, given: dict[str, Any]) -> Any:
        text, _ = self._place(given)
        try:
            read_forms(text)
        except ChorusError:
            return []  # what cannot be read stays as it is
        laid_out = format_source(text)
        whole = {"start": position(text, 0), "end": position(text, len(text))}
        return [] if laid_out == text else [{"range": whole, "newText": laid_out}]

    def _place(self, given: dict[str, Any]) -> tuple[str, int]:
        text = self.texts.get((given.get("textDocument") or {}).get("uri", ""), "")
        return text, offset(text, given.get("position") or {"line": 0, "character": 0})


def defined(text: str) -> Iterator[tuple[str, Span, str]]:
    """The top-level definitions of TEXT: name, place, usage; none where it cannot be read yet."""
    try:
        forms = read_spanned(text, "<editor>")
    except ChorusError:
        return
    for form, span in forms:
        for part in _definitions(form):
            usage = write(part.cdr.car) if head(part) == "define" else ""
            for name in defined_names(part):
                yield name, part.span or span, usage or name


def _definitions(form: Any) -> list[Pair]:
    """The definitions that FORM makes; a macro's that begins with `define` is one of what follows."""
    known = [part for part in definitions_in(form) if head(part) != "set!"]
    own = head(form).startswith("define") and isinstance(form.cdr, Pair)
    return known or ([form] if own else [])


def name_at(text: str, at: int) -> str:
    """The name that the character at AT belongs to, or the one that ends there."""
    found = ""
    for token in TOKEN.finditer(text):
        if token.start() > at:
            break
        if token.lastgroup == "atom" and at <= token.end():
            found = token.group()
    return found


def in_text(text: str, at: int) -> bool:
    """Whether AT is within a string or a comment."""
    return any(
        token.start() < at < token.end() + (token.lastgroup == "comment")
        for token in TOKEN.finditer(text)
        if token.lastgroup in ("string", "comment")
    )


def offset(text: str, place: dict[str, int]) -> int:
    """Where PLACE, which counts UTF-16 units as the protocol does, is in TEXT."""
    lines = text.split("\n")
    line = min(max(0, place["line"]), len(lines) - 1)
    units, at = place["character"], 0
    while at < len(lines[line]) and units > 0:
        units -= 1 if ord(lines[line][at]) < 0x10000 else 2
        at += 1
    return sum(len(each) + 1 for each in lines[:line]) + at


def position(text: str, at: int) -> dict[str, int]:
    start = text.rfind("\n", 0, at) + 1
    return {"line": text.count("\n", 0, at), "character": len(text[start:at].encode("utf-16-le")) // 2}


def extent(text: str, span: Span) -> dict[str, Any]:
    """SPAN as the protocol has it."""
    lines = text.split("\n")

    def at(line: int, column: int) -> dict[str, int]:
        before = lines[line - 1][: column - 1] if 0 < line <= len(lines) else ""
        return {"line": line - 1, "character": len(before.encode("utf-16-le", "surrogatepass")) // 2}

    return {"start": at(span.line, span.column), "end": at(span.end_line, span.end_column)}


def _markdown(code: str, text: str = "") -> dict[str, Any]:
    return {"contents": {"kind": "markdown", "value": f"```scheme\n{code}\n```\n\n{text}".rstrip()}}
