"""`chorus check`: what reading, compiling and looking at the code tell of a text without running it.

Definitions of forms and procedures are carried out, as macros may need them; nothing else is. Each form has the whole
of the session's limits, so that a macro that never ends is one finding among others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.interpreter.compiler.compile import compile_unit
from chorus.interpreter.compiler.nodes import Call, Const, Global, Node
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.findings import Findings, parts_of
from chorus.interpreter.reader import read_spanned
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import ChorusError, ReadError, Span, UnboundName

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

Run = Callable[[Callable[[], Any]], Any]


class Report(NamedTuple):
    """PROBLEMS in order, and the EFFECTS that the text may have."""

    problems: list[ChorusError]
    effects: list[str]


def check(session: Session, run: Run, text: str, file: str, allow: Capabilities | None = None) -> Report:
    """What can be told of TEXT. RUN carries out a job under the session's limits, on an account of its own.

    ALLOW: what the text will be granted; using more is a problem.
    """
    findings = Findings(session.space)
    problems = _Check(session, run, findings, {file}).check(text, file)
    problems += run(partial(findings.conclude, allow))
    start = Span(file, 0, 0, 0, 0)
    return Report(sorted(problems, key=lambda each: each.span or start), sorted(run(findings.effects)))


class _Check:
    """SEEN: the files that were taken in already."""

    def __init__(self, session: Session, run: Run, findings: Findings, seen: set[str]) -> None:
        self.session = session
        self.run = run
        self.findings = findings
        self.seen = seen

    def check(self, text: str, file: str) -> list[ChorusError]:
        try:
            forms = self.run(lambda: read_spanned(text, file))
        except ReadError as error:
            return [error]
        problems: list[ChorusError] = []
        for form, span in forms:
            try:
                self.run(partial(self._look, form, span, file))
            except ChorusError as error:
                error.span = error.span or span
                problems.append(error)
        # a macro may call what the text would have defined by then: that is no fault of the text
        return [each for each in problems if not self._would_be_defined(each)]

    def _would_be_defined(self, error: ChorusError) -> bool:
        return isinstance(error, UnboundName) and set(error.irritants[:1]) <= self.findings.defined.keys()

    def _look(self, form: Any, span: Span, file: str) -> None:
        space = self.session.space
        evaluator = Evaluator(space, self.session.limits.metered, self.session.context.check)
        for node in evaluator.nodes(form, span, file):
            self.findings.collect(node)
            self._follow_loads(node)
            unit = compile_unit(node, space, file, self.session.limits.metered)
            if unit.kind != "other":
                unit.run(space)

    def _follow_loads(self, unit: Node) -> None:
        """Take in the definitions of the files that UNIT loads."""
        work = [unit]
        while work:
            node = work.pop()
            work += parts_of(node)
            if isinstance(node, Call) and isinstance(node.fn, Global) and node.fn.name == "load":
                path = node.args[0].value if node.args and isinstance(node.args[0], Const) else None
                self._take_in(str(path) if isinstance(path, str) else None)

    def _take_in(self, path: str | None) -> None:
        if path in self.seen:
            return
        try:
            text = Path(path or "").read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            self.findings.closed = False  # whatever is called by an unknown name may come from there
            return
        assert path is not None
        self.seen.add(path)
        others = Findings(self.session.space)
        _Check(self.session, self.run, others, self.seen).check(text, path)
        for name in others.defined:
            self.findings.defined.setdefault(name, (self.findings.units, None))
            self.findings.shapes.setdefault(name, others.shapes.get(name))
        self.findings.closed = self.findings.closed and others.closed
