"""Toom-Cook's transforms as exact integers: F(m, r), m outputs of r taps with m + r - 1 products.

Polynomials are multiplied by their values at as many points as the product has coefficients; transposed, that
is a convolution of r taps with m + r - 1 inputs (Winograd, Arithmetic Complexity of Computations, 1980;
Blahut, Fast Algorithms for Signal Processing, 2010, 5.2 and 5.6). With points p/q, n of them:

    outputs[j] = sum_i p_i^j q_i^(m-1-j) * (sum_k taps[k] p_i^k q_i^(r-1-k)) * (sum_l N_i[l] inputs[l]) / D_i

where N_i is the product of all (q_j x - p_j) but the i-th, and D_i its value at point i. Modulo 2^32 an odd
number has an inverse; what is even in D_i is made up for by outputs that are 2^L times too large, where 2^L
is the largest power of two that divides any D_i. So each point has a factor, 2^L / D_i: of its taps, or,
where these shall stay small, of its inputs. It is the same for p/q and -p/q.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAIRS: Final = ((1, 1), (2, 1), (1, 2), (3, 1), (1, 4), (4, 1), (1, 3))
"""Points p/q and -p/q beside 0, in this order: they lose few bits and have small powers."""
_WORD: Final = 1 << 32
_Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Transform:
    """F(``outputs``, ``taps``), of which the points are 0, then pairs of both signs."""

    outputs: int
    taps: int

    @property
    def is_possible(self) -> bool:
        """Whether the points are 0 and whole pairs, and there are as many."""
        pairs, single = divmod(self.inputs - 1, 2)
        return self.outputs > 1 and self.taps > 1 and not single and 1 < pairs <= len(PAIRS)

    @property
    def inputs(self) -> int:
        """That a tile reads, and its products."""
        return self.outputs + self.taps - 1

    @property
    def pairs(self) -> _Points:
        """The points (p, q) above 0."""
        return PAIRS[: self.inputs // 2]

    @property
    def lost_bits(self) -> int:
        """L: outputs are 2^L times too large."""
        return max(_twos(each) for each in self._divisors)

    def rows(self) -> list[list[int]]:
        """N (points, inputs): what becomes of the inputs."""
        points = self._points
        return [_product(points[:at] + points[at + 1 :]) for at in range(len(points))]

    def columns(self) -> list[list[int]]:
        """(points, outputs): what becomes of the products."""
        return [_powers(point, self.outputs) for point in self._points]

    def powers(self) -> list[list[int]]:
        """(points, taps): what becomes of the taps."""
        return [_powers(point, self.taps) for point in self._points]

    def values(self, taps: NDArray[np.int8]) -> NDArray[np.int64]:
        """At the points (outputs, points, channels), of taps (outputs, taps, channels)."""
        powers = np.array(self.powers(), np.int64)
        found: NDArray[np.int64] = np.einsum("pk,okc->opc", powers, taps.astype(np.int64))
        return found

    def factors(self) -> list[int]:
        """2^L / D (points,) as words in [0, 2^32)."""
        return [self._factor(each) for each in self._divisors]

    @property
    def _points(self) -> _Points:
        signed = (((p, q), (-p, q)) for p, q in self.pairs)
        return ((0, 1), *(point for pair in signed for point in pair))

    @property
    def _divisors(self) -> list[int]:
        points = self._points
        return [prod(q * a - p * b for p, q in points if (p, q) != (a, b)) for a, b in points]

    def _factor(self, divisor: int) -> int:
        """2^L / divisor as a word."""
        twos = _twos(divisor)
        return (pow(divisor >> twos, -1, _WORD) << (self.lost_bits - twos)) % _WORD


def _twos(number: int) -> int:
    """How often 2 divides it."""
    return (number & -number).bit_length() - 1


def _powers(point: tuple[int, int], count: int) -> list[int]:
    p, q = point
    return [p**at * q ** (count - 1 - at) for at in range(count)]


def _product(points: _Points) -> list[int]:
    """Coefficients of the product of all (q x - p), the constant one first."""
    found = [1]
    for p, q in points:
        found = [q * above - p * own for above, own in zip([0, *found], [*found, 0], strict=True)]
    return found
