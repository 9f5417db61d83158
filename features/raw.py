"""The raw path: windows of packets, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.errors import FeatureError

from .windows import count_windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zerotap.capture import Recording


def raw_windows(
    recording: Recording, length: int, hop: int, minimum_fill: float = 0.5, report_bytes: int = 8
) -> NDArray[np.uint8]:
    """Cut a recording's reports into windows, uint8 (n, length, report_bytes), values 0 to 255.

    Only packets of ``report_bytes`` bytes count as reports; raises FeatureError where there are none.
    """
    reports = recording.reports(report_bytes)
    if len(reports) == 0:
        raise FeatureError(
            f"recording {recording.name or '(unnamed)'} has no packets of {report_bytes} bytes:"
            " record it again, or take it out of the dataset"
        )
    return count_windows(reports, length, hop, minimum_fill)
