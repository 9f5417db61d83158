"""How long a child process may take, and how much memory, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.errors import ModelError

_GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model from anywhere may cost while TensorFlow has it.

    ``seconds``: of one request, by the clock: above 0. ``memory_bytes``: of the child process's own data,
    TensorFlow's 0.4 GB included, at least 1 GiB; Linux holds to it. Raises ModelError for any other value.
    """

    seconds: float = 300
    memory_bytes: int = 4 * _GIB

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ModelError(f"a time limit of {self.seconds} s leaves no time; give seconds above 0.")
        if self.memory_bytes < _GIB:
            raise ModelError(
                f"TensorFlow does not start with {self.memory_bytes:,} B of memory; give at least 1 GiB."
            )

    @property
    def memory(self) -> str:
        """The memory in words: "4 GiB"."""
        return f"{self.memory_bytes / _GIB:g} GiB"


DEFAULT_LIMITS: Final = Limits()
"""300 seconds and 4 GiB."""
