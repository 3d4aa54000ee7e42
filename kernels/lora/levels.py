"""The five levels of the chain, outermost first: an inner level adds to what those around it changed.

Slow levels change seldom and hold for every request: they are folded into the weights. Fast ones differ from request to
request: they stay factors, and an agent's and its context's are laid side by side.
"""

from __future__ import annotations

LEVELS = ("foundation", "domain", "swarm", "agent", "context")
SLOW = LEVELS[:3]
FAST = LEVELS[3:]
