"""McNemar's exact test: two models on the same recordings, and how many recordings would show a difference.

Recordings on which both are right, or both wrong, say nothing about which is better. Of the others, the
discordant ones, either would be right alone on half if the models were equally good.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA: Final = 0.05
POWER: Final = 0.8
MOST_RECORDINGS: Final = 10_000_000
"""Nobody records more; a difference that needs more is none that matters."""
_AROUND: Final = range(2)  # the normal curve's answer is that near, which a test tries
_DEVIATIONS: Final = 6.0  # what lies farther out has a probability below 1e-8


def exact_p(only_a: int, only_b: int) -> float:
    """The two-sided p of a split of discordant recordings at least as uneven as this, if both were equal.

    Twice the binomial's tail, at most 1; 1 where there are no discordant recordings.
    """
    from scipy.special import bdtr

    return float(min(1.0, 2 * bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def recordings_needed(only_a: int, only_b: int, recordings: int, alpha: float = ALPHA) -> int | None:
    """How many recordings would show the difference with a power of POWER, if it is as it was observed.

    That is: the share of discordant recordings stays as it is among ``recordings``, and so does their split.
    None where the split is even, or it would take more than MOST_RECORDINGS.
    """
    discordant = only_a + only_b
    if only_a == only_b:
        return None
    share, split = discordant / recordings, max(only_a, only_b) / discordant
    about = _about(share, split, alpha)
    if about > 2 * MOST_RECORDINGS:
        return None
    too_few = about // 2 if power(about // 2, share, split, alpha) < POWER else 0
    enough = max(1, about)
    while power(enough, share, split, alpha) < POWER:
        enough *= 2
    least = _least(too_few, enough, share, split, alpha)
    return least if least <= MOST_RECORDINGS else None


def power(recordings: int, share: float, split: float, alpha: float = ALPHA) -> float:
    """How probably the exact test gives p < ``alpha`` on so many recordings.

    Each is discordant with probability ``share``; one that is, is right for the better model alone with
    probability ``split``. Exact, over every count of discordant recordings that can come.
    """
    counts = _likely_counts(recordings, share)
    return float(np.sum(_binomial(counts, recordings, share) * _rejected(counts, split, alpha)))


def _about(share: float, split: float, alpha: float) -> int:
    """The number by the normal curve, which is near where many are discordant."""
    from scipy.special import ndtri

    spread = ndtri(1 - alpha / 2) / 2 + ndtri(POWER) * sqrt(split * (1 - split))
    return int((spread / (split - 0.5)) ** 2 / share)


def _least(too_few: int, enough: int, share: float, split: float, alpha: float) -> int:
    """Halve the gap until the two are neighbours."""
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if power(middle, share, split, alpha) < POWER:
            too_few = middle
        else:
            enough = middle
    return enough


def _likely_counts(recordings: int, share: float) -> NDArray[np.int64]:
    """Counts of discordant recordings, but for those that all but never come."""
    reach = _DEVIATIONS * sqrt(recordings * share * (1 - share)) + _DEVIATIONS**2
    low = max(0, int(recordings * share - reach))
    high = min(recordings, int(recordings * share + reach) + 1)
    return np.arange(low, high + 1, dtype=np.int64)


def _binomial(counts: NDArray[np.int64], trials: int, share: float) -> NDArray[np.float64]:
    """The probability of each count of successes."""
    from scipy.special import gammaln, xlog1py, xlogy

    ways = gammaln(trials + 1) - gammaln(counts + 1) - gammaln(trials - counts + 1)
    chances: NDArray[np.float64] = np.exp(ways + xlogy(counts, share) + xlog1py(trials - counts, -share))
    return chances


def _rejected(discordant: NDArray[np.int64], split: float, alpha: float) -> NDArray[np.float64]:
    """How probably so many discordant recordings give p < ``alpha``."""
    from scipy.special import bdtr, bdtrc

    fewest = _critical(discordant, alpha)
    can = fewest >= 0
    low = np.where(can, fewest, 0)
    below = bdtr(low, discordant, split)
    above = bdtrc(np.maximum(discordant - low - 1, 0), discordant, split)
    chances: NDArray[np.float64] = np.where(can, below + above, 0.0)
    return chances


def _critical(discordant: NDArray[np.int64], alpha: float) -> NDArray[np.float64]:
    """The most that the worse model may be right alone for p < ``alpha``; -1 where no split gives that."""
    from scipy.special import bdtr, ndtri

    near = np.floor((discordant - 1 + ndtri(alpha / 2) * np.sqrt(discordant)) / 2)
    best = np.full(len(discordant), -1.0)
    for step in _AROUND:
        tried = np.clip(near + step, 0, discordant)
        best = np.where(2 * bdtr(tried, discordant, 0.5) < alpha, np.maximum(best, tried), best)
    return best
