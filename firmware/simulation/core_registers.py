"""Some registers of a simulated core, all of them written or read at once.

One by one, through Unicorn's own Python, those of a call take longer than most functions run.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from zerotap.errors import ToolchainError


class CoreRegisters:
    """Registers of 32 bits, in the order in which they were named."""

    def __init__(self, core: Any, names: Sequence[int]) -> None:  # noqa: ANN401
        """Those of ``core``, a Unicorn engine, with Unicorn's numbers ``names``."""
        self._core = core  # whose handle is only good as long as it lives
        self._names = (ctypes.c_int * len(names))(*names)
        self._words = (ctypes.c_uint32 * len(names))()
        first, size = ctypes.addressof(self._words), ctypes.sizeof(ctypes.c_uint32)
        self._places = (ctypes.c_void_p * len(names))(*(first + size * i for i in range(len(names))))

    def write(self, values: Sequence[int]) -> None:
        """Write the first of the registers, as many as there are values of 0 to 2^32 - 1."""
        from unicorn.unicorn_py3.unicorn import uclib

        self._words[: len(values)] = list(values)
        _check(uclib.uc_reg_write_batch(self._core._uch, self._names, self._places, len(values)))

    def read(self) -> list[int]:
        """Read all of them."""
        from unicorn.unicorn_py3.unicorn import uclib

        _check(uclib.uc_reg_read_batch(self._core._uch, self._names, self._places, len(self._names)))
        return self._words[:]


def _check(status: int) -> None:
    if status:
        raise ToolchainError(f"Unicorn refused a core's registers (error {status})")
