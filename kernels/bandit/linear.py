"""The posterior of a linear model with normal noise and a normal prior, whose variances may be 0."""

from __future__ import annotations

import numpy as np


def posterior(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, mean: np.ndarray, variance: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """(mean f64[p], covariance f64[p, p]) after Y f64[n] = X f64[n, p] θ + e, e_i ~ N(0, NOISE/WEIGHTS_i), θ ~ N(MEAN,
    diag VARIANCE). [Bishop 2006, 3.3] Scaled by √VARIANCE, so that coordinates of variance 0 stay where they are.
    """
    root = np.sqrt(variance)
    z = x * root * np.sqrt(weights)[:, None]  # [n, p]
    inner = np.linalg.inv(np.eye(len(mean)) + z.T @ z / noise)
    covariance = root[:, None] * inner * root
    residual = weights * (y - x @ mean)
    return mean + covariance @ (x.T @ residual) / noise, covariance
