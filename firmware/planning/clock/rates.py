"""How often a kernel waits for the flash."""

from __future__ import annotations

from typing import NamedTuple


class Rates(NamedTuple):
    """Of one kernel, a cycle at zero wait states each.

    ``flash``: waits where all of it runs from flash; ``ram`` where what can move runs from RAM, and ``calls``
    the cycles more that its calls take then.
    """

    flash: float
    ram: float
    calls: float
