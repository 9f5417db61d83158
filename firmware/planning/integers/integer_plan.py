"""How an integer model is computed on the board: which of its twin's implementations, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zerotap.errors import DoesNotFitError, ModelError
from zerotap.firmware.integer_models import IDS_A_CALL, IntegerTwin, Takes, TwinImplementation

if TYPE_CHECKING:
    from zerotap.features import IntegerModel
    from zerotap.firmware.options import BuildOptions

_WORD: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class IntegerPlan:
    """An integer model, its twin, and the implementation that was chosen."""

    model: IntegerModel
    twin: IntegerTwin
    source: str
    implementations: tuple[TwinImplementation, ...]
    choice: TwinImplementation
    options: BuildOptions

    @property
    def takes(self) -> Takes:
        """ "ids" or "features"."""
        return self.twin.TAKES

    @property
    def inputs(self) -> int:
        """Features, or buckets."""
        return self.twin.inputs(self.model)

    @property
    def scores(self) -> int:
        """How many scores it gives."""
        return self.model.classes

    @property
    def io_bytes(self) -> int:
        """The caller's arrays: features, or some ids, and scores."""
        return _io_bytes(self.model, self.twin)

    @property
    def ram_total_bytes(self) -> int:
        """Static memory, stack, and the caller's arrays."""
        return self.choice.static_bytes + self.choice.stack_bytes + self.io_bytes

    def ways(self) -> list[IntegerPlan]:
        """The same with each implementation that the options allow."""
        return [replace(self, choice=each) for each in _allowed(self.implementations, self.options)]

    def check_memory(self, flash_bytes: int, ram_bytes: int) -> None:
        """Raise DoesNotFitError where so much of either is more than the limits."""
        limits = self.options.limits
        for memory, used, limit in (
            ("flash", flash_bytes, limits.flash_bytes),
            ("RAM", ram_bytes, limits.ram_bytes),
        ):
            if used > limit:
                raise DoesNotFitError(
                    f"{self.source} needs {used - limit:,} B more {memory} than {limits.limit(memory)}, "
                    f"{self.choice.constant_bytes:,} B of its flash are constants: train it with "
                    f"{self.twin.SMALLER}, or it fits with {used:,} B of {memory}"
                )

    def check(self) -> None:
        """Raise DoesNotFitError where the estimates are more than the limits."""
        self.check_memory(self.choice.flash_bytes, self.ram_total_bytes)


def plan_integer(model: IntegerModel, twin: IntegerTwin, source: str, options: BuildOptions) -> IntegerPlan:
    """Choose how ``model`` is computed: the fastest way that fits, or the one with the least flash.

    Raises ModelError for options that it has nothing to do with.
    """
    _check_options(source, options)
    every = twin.implementations(model)
    allowed = _allowed(every, options)
    if not allowed:
        raise ModelError(f"{source} has no kernel that takes the same time for every input: leave that out")
    choice = _chosen(allowed, _io_bytes(model, twin), options)
    return IntegerPlan(model, twin, source, every, choice, options)


def _allowed(
    implementations: Sequence[TwinImplementation], options: BuildOptions
) -> list[TwinImplementation]:
    return [each for each in implementations if each.constant_time or not options.constant_time]


def _chosen(
    implementations: Sequence[TwinImplementation], io_bytes: int, options: BuildOptions
) -> TwinImplementation:
    limits = options.limits
    fitting = [
        each
        for each in implementations
        if each.flash_bytes <= limits.flash_bytes
        and each.static_bytes + each.stack_bytes + io_bytes <= limits.ram_bytes
    ]
    if options.optimise == "size" or not fitting:
        return min(implementations, key=lambda each: (each.flash_bytes, each.cycles, each.cycles_per_id))
    return min(fitting, key=lambda each: (each.cycles, each.cycles_per_id, each.flash_bytes))


def _io_bytes(model: IntegerModel, twin: IntegerTwin) -> int:
    given = IDS_A_CALL if twin.TAKES == "ids" else twin.inputs(model)
    return _WORD * (given + model.classes)


def _check_options(source: str, options: BuildOptions) -> None:
    if options.oracle != "tflite":
        raise ModelError(
            f"{source} computes in integers, its oracle is its NumPy form: leave out --oracle "
            f"{options.oracle}"
        )
    if options.code == "ram":
        raise ModelError(f"{source} has no hot loops that run from RAM: leave out --code ram")
    if options.skip_zeros:
        raise ModelError(f"{source} has no dense layers whose zeros are skipped: leave out --skip-zeros")
