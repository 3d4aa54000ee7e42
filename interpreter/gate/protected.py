"""What proposals may not touch: what the host and the gate themselves stand on, and what reaches round the gate."""

from __future__ import annotations

from functools import cache

from chorus.interpreter.compiler.syntax_forms import CORE
from chorus.interpreter.frames.texts import expected_names
from chorus.interpreter.loader import stdlib_text, the_manifest
from chorus.interpreter.reader_fast import read

# What reaches names, definitions or decisions that the code itself does not show: allowed where it was before.
REACHING = {
    "eval": "evaluates what it is given",
    "load": "loads files",
    "interaction-environment": "reaches the environment",
    "environment": "makes environments",
    "%rewrite": "rewrites definitions",
    "%import-frame": "rewrites definitions",
    "%merge-frames": "rewrites definitions",
    "rollback!": "goes back to versions",
    "%assume": "rewrites definitions",
    "%enter-environment": "goes to other versions",
    "%enter-frame": "rewrites definitions",
    "%bind-adapter!": "rewrites definitions",
    "%propose-migration!": "moves definitions to other frames",
    "%global": "reaches names that it is given",
    "%evaluator-ref": "reaches the evaluators",
    "observe!": "tells of evidence",
    "%record-feedback!": "rates answers",
    "%record-sign!": "says what people made of answers",
}
# The same, of whoever names it: the language's own procedures that use it go by names that they choose themselves.
NAMED = {
    "%global-or": "reaches names that it is given",
    "%global-value": "reaches names that it is given",
    "environment-ref": "reaches names that it is given",
    "macroexpand": "runs macros that it is given",
    "macroexpand-1": "runs macros that it is given",
    "macroexpand-all": "runs macros that it is given",
}
# What decides. Nothing that comes through the gate may use it.
DECIDING = frozenset(
    ("approve!", "reject!", "serve-migrations!", "gate-mode!", "%invariant!", "%enter-proposal")
)


# What writes turns down, with whom and what was drawn by lot: together with what signals.sexp defines, of that evidence
# is made, and who could change it could say anything.
TURNS = frozenset(
    (
        *("as-turn", "%decided-turn", "turn-data", "%logged-choices", "%proposal-in-force"),
        *("give-evidence!", "give-evidence-of!", "turn-seen"),
        *("%turn-proposal", "%current-turn", "%developer-now", "current-developer"),
    )
)


@cache
def defined_in(part: str) -> frozenset[str]:
    """What the part of the stdlib called PART defines."""
    forms = [form for form, _ in read(stdlib_text(part), f"stdlib/{part}")]
    return frozenset(name for form in forms for name in expected_names(form))


def is_protected(name: str) -> bool:
    return why_protected(name) != ""


def why_protected(name: str) -> str:
    """Why no proposal may give NAME another meaning; "" if it may."""
    if name in defined_in("gate.sexp") or name in DECIDING:
        return "is the gate's"
    if name in TURNS or name in defined_in("signals.sexp"):
        return "is what evidence is made by"
    if name in CORE:
        return "is a core form of the host"
    if name in the_manifest().entries:
        return "is a primitive of the host, which evaluators, limits and capabilities stand on"
    return ""
