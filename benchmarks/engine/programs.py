"""What is measured: the ways to make a program of a model, and what is kept of each program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from targets import AT_SMALL_FLASH, FASTEST, Figures, Reach

from zerotap.firmware import Budget, BuildOptions


@dataclass(frozen=True)
class Variant:
    """One way to make a program of a model: what generate() is asked for, and the compiler's options."""

    engine: str
    optimise: str
    options: tuple[str, ...] = ()
    reach: Mapping[str, Reach] | None = None
    """By model, cycles and the budget of flash; None is all that the board has."""

    def asked(self, name: str) -> BuildOptions:
        """The options of a model's plan."""
        options = BuildOptions(optimise=self.optimise)
        if self.reach is None:
            return options
        return replace(options, budget=Budget(self.reach[name].flash, options.limits.ram_bytes))


SPEED, SPEED_OS = Variant("zerotap", "speed"), Variant("zerotap -Os", "speed", ("-Os",))
SIZE, SIZE_OS = Variant("zerotap, size", "size"), Variant("zerotap, size, -Os", "size", ("-Os",))
WITHIN = Variant("zerotap, within 64k or 96k", "speed", reach=FASTEST)
SMALL = Variant("zerotap, at the small flash", "speed", reach=AT_SMALL_FLASH)
PLAIN = Variant("its plain C", "speed", ("-DZEROTAP_PORTABLE",))
EMLEARN = "emlearn"


@dataclass(frozen=True)
class Result:
    """One program: cycles of the fastest and slowest sample, bytes added to an empty program.

    ``mismatches``: samples whose outputs are not the oracle's; None for emlearn, which computes in float.
    ``kernels`` of the layers, and what `zerotap analyse` states for them: 0 where it states nothing.
    """

    model: str
    engine: str
    compiler: str
    cycles: int
    cycles_max: int
    flash: int
    ram: int
    stack: int
    mismatches: int | None
    oracle: str = ""
    kernels: tuple[str, ...] = ()
    stated_cycles: int = 0
    stated_flash: int = 0

    @property
    def figures(self) -> Figures:
        """What tables show of it."""
        return Figures(self.cycles_max, self.flash, self.ram)

    @property
    def compiled_by(self) -> str:
        """The compiler, and how it was told to optimise."""
        return self.compiler.replace("-O2", "-Os") if "-Os" in self.engine else self.compiler
