"""Equations whose solutions are known, on which operators can be tried: Burgers in closed form, Darcy by its matrix."""

from __future__ import annotations

import numpy as np


def burgers(start: np.ndarray, viscosity: float, time: float) -> np.ndarray:
    """The solution at TIME of u_t + u·u_x = VISCOSITY·u_xx on the circle [0, 1), from START f64[B,N] of mean 0.

    Closed form: u = -2ν (log φ)_x, where φ solves the heat equation from exp(-∫u/2ν).   [Cole 1951, Hopf 1950]
    """
    n = start.shape[1]
    wave = 2j * np.pi * np.fft.rfftfreq(n, 1 / n)  # d/dx
    seen = np.fft.rfft(start)
    integral = np.fft.irfft(seen / np.where(wave == 0, 1, wave) * (wave != 0), n)
    exponent = -integral / (2 * viscosity)
    phi = np.fft.rfft(np.exp(exponent - exponent.max(1, keepdims=True)))
    phi *= np.exp(-viscosity * wave.imag**2 * time)
    return -2 * viscosity * np.fft.irfft(phi * wave, n) / np.fft.irfft(phi, n)


def darcy(permeability: np.ndarray) -> np.ndarray:
    """The pressure f64[n,n] of -∇·(a∇u) = 1 in the unit square, u = 0 around it, for a = PERMEABILITY f64[n,n] > 0.

    Finite volumes: what flows between two cells meets the harmonic mean of their permeabilities.
    """
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import spsolve

    n = len(permeability)
    cell = np.arange(n * n).reshape(n, n)
    a = permeability
    pairs = [(cell[:-1], cell[1:], a[:-1], a[1:]), (cell[:, :-1], cell[:, 1:], a[:, :-1], a[:, 1:])]
    one = np.concatenate([p.ravel() for p, *_ in pairs])
    other = np.concatenate([q.ravel() for _, q, *_ in pairs])
    across = np.concatenate([(2 * s * t / (s + t)).ravel() for *_, s, t in pairs]) * n**2
    diagonal = np.bincount(one, across, n * n) + np.bincount(other, across, n * n)
    for side in (cell[0], cell[-1], cell[:, 0], cell[:, -1]):  # the wall is half a cell away
        diagonal[side] += 2 * a.ravel()[side] * n**2
    rows = np.concatenate([one, other, cell.ravel()])
    columns = np.concatenate([other, one, cell.ravel()])
    matrix = csc_matrix((np.concatenate([-across, -across, diagonal]), (rows, columns)))
    return spsolve(matrix, np.ones(n * n)).reshape(n, n)


def smooth_fields(shape: tuple[int, ...], count: int, *, roughness: float = 3.0, seed: int = 0) -> np.ndarray:
    """COUNT random periodic functions f64[count,*shape] of mean 0 and variance about 1: Gaussian, with a spectrum that
    falls off as (ROUGHNESS² + k²)^-2."""
    rng = np.random.default_rng(seed)
    square = sum(np.meshgrid(*[np.fft.fftfreq(n, 1 / n) ** 2 for n in shape], indexing="ij"))
    size = (roughness**2 + square) ** -2.0
    size.flat[0] = 0
    noise = rng.standard_normal((count, *shape))
    axes = tuple(range(1, 1 + len(shape)))
    made = np.fft.ifftn(np.fft.fftn(noise, axes=axes) * size, axes=axes).real
    return made / np.sqrt((size**2).mean())
