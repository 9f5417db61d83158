"""Whether a model is shown not to be worse than another by more than a margin of macro-F1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MARGIN: Final = 0.02
"""A difference of macro-F1 that matters, unless another is given."""
FEW: Final = 10
"""Discordant recordings; of fewer a bootstrap draws too much the same."""
_ONE_SIDED: Final = 0.975


def is_not_worse(lost: int, discordant: int, low: float, supports: Sequence[int], margin: float) -> bool:
    """Whether a's macro-F1 is shown to be less than ``margin`` below b's.

    ``low``: the low end of the bootstrap's interval of a's less b's. Where FEW recordings are ``discordant``
    that end is too near: of two models that agree on ten recordings it is 0. Then what may be ``lost`` (the
    recordings that only b has right) must be small too; ``supports`` says how many are of each class.
    """
    return low > -margin and (discordant >= FEW or most_lost(lost, supports) < margin)


def most_lost(lost: int, supports: Sequence[int]) -> float:
    """How much of the mean recall so many lost recordings may stand for, at the worst.

    The exact upper limit of a Poisson count, as if all that may come were of the rarest class.
    """
    from scipy.special import gammaincinv

    rarest = min(count for count in supports if count)
    return float(gammaincinv(lost + 1, _ONE_SIDED)) / (rarest * len(supports))
