"""The rule that a dataset is divided by, as its manifest keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

HASH: Final = "hash"
COLUMN: Final = "column"
GROUPS: Final = "groups"
TIME: Final = "time"
DIVIDED_BY: Final = {
    HASH: "content hash",
    COLUMN: "the sides that were given",
    GROUPS: "groups, none of them on both sides",
    TIME: "time: the last of each class, or of each group, test",
}
"""Every rule by its name, and what it is."""


@dataclass(frozen=True, slots=True)
class SplitRule:
    """By what a dataset is divided: a name of DIVIDED_BY. ``test_fraction``, 0 to 1, of what tests.

    Where sides were given (by "column") the fraction says nothing.
    """

    by: str = HASH
    test_fraction: float = 0.2

    def to_toml(self) -> dict[str, Any]:
        """The table of the manifest."""
        return asdict(self)


UNCHOSEN: Final = SplitRule()
"""What divides a dataset for which nobody chose."""


def rule_in(content: object) -> SplitRule:
    """Read the table of a manifest; raise ValueError for what no rule is."""
    if not isinstance(content, dict):
        raise ValueError("split must be a table")
    by, fraction = content.get("by", HASH), content.get("test_fraction", UNCHOSEN.test_fraction)
    if not isinstance(by, str) or by not in DIVIDED_BY:
        raise ValueError(f"split.by must be one of {', '.join(DIVIDED_BY)}")
    if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 < fraction < 1:
        raise ValueError("split.test_fraction must be between 0 and 1")
    return SplitRule(by, float(fraction))
