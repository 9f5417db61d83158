"""What a model adds to an empty program, and what the board must have to run it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .program import Program
from .stack_bound import stack_bounds


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes, of a linked program beside an empty one.

    ``flash_bytes`` and ``ram_bytes`` are what the model adds; ``stack_bound_bytes`` the deepest stack that
    the program's call graph allows; ``ram_total_bytes`` that, the variables, and the caller's arrays.
    """

    flash_bytes: int
    ram_bytes: int
    stack_bound_bytes: int
    ram_total_bytes: int

    @classmethod
    def of(cls, program: Program, empty: Program, functions: Iterable[str]) -> Sizes:
        """Compare two programs; ``functions`` are the model's, those that it does not have left out."""
        stack = max(stack_bounds(program, (each for each in functions if each in program.symbols)))
        # The harness has the caller's arrays for input and output, and nothing else in RAM.
        return cls(
            program.flash_bytes - empty.flash_bytes,
            program.ram_bytes - empty.ram_bytes,
            stack,
            program.ram_bytes + stack,
        )
