"""Least squares by LSMR, for any matrix that knows `@`: SciPy's sparse ones, or torch's on any device."""

from __future__ import annotations

import math
from typing import Any


def lsmr(a: Any, at: Any, b: Any, *, tol: float = 1e-12, steps: int = 10_000) -> Any:
    """The shortest x that minimises ‖A x − b‖, given A and its transpose; b and x are vectors of A's kind.

    Ends when ‖Aᵀr‖ ≤ TOL·‖A‖·‖b‖, ‖A‖ as far as it is known. Golub-Kahan bidiagonalisation and two rotations a step;
    ‖Aᵀr‖ never grows, so it may be stopped at any time.   [Fong & Saunders, SIAM J. Sci. Comput. 2011, arXiv:1006.0758]
    """
    beta = _norm(b)
    u = b / (beta or 1.0)
    v = at @ u
    alpha = _norm(v)
    x = v * 0
    if alpha * beta == 0:
        return x
    v /= alpha
    h, h_bar = v * 1.0, x * 1.0
    zeta_bar, alpha_bar = alpha * beta, alpha  # |zeta_bar| is ‖Aᵀr‖
    size, reach = beta, 0.0
    rho = rho_bar = c_bar = 1.0
    s_bar = 0.0
    for _ in range(steps):
        u *= -alpha
        u += a @ v
        beta = _norm(u)
        u /= beta or 1.0
        v *= -beta
        v += at @ u
        alpha = _norm(v)
        v /= alpha or 1.0
        rho_old, rho_bar_old = rho, rho_bar
        rho = math.hypot(alpha_bar, beta)  # the rotation that makes B upper bidiagonal
        c, s = alpha_bar / rho, beta / rho
        theta, alpha_bar = s * alpha, c * alpha
        theta_bar, remaining = s_bar * rho, c_bar * rho
        rho_bar = math.hypot(remaining, theta)  # and the one that makes its transpose so
        c_bar, s_bar = remaining / rho_bar, theta / rho_bar
        zeta, zeta_bar = c_bar * zeta_bar, -s_bar * zeta_bar
        h_bar *= -theta_bar * rho / (rho_old * rho_bar_old)
        h_bar += h
        x += h_bar * (zeta / (rho * rho_bar))
        h *= -theta / rho
        h += v
        reach = max(reach, alpha, beta)
        if abs(zeta_bar) <= tol * reach * size or alpha == 0:
            break
    return x


def _norm(v: Any) -> float:
    return math.sqrt(float(v @ v))
