"""What a model costs behind its pipeline, and whether the board keeps up with the packets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from zerotap.errors import DoesNotFitError
from zerotap.firmware.board import MKR_ZERO, Board
from zerotap.firmware.generation.push_code import empty_streaming
from zerotap.firmware.generation.transform_chain import Chain
from zerotap.firmware.options import Budget
from zerotap.firmware.planning.fitting import check_chain

from .transform_board import BoardChain, BoardRun

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline

    from .toolchain import Compiler

PACKETS = 400
MOST_PACKETS = 12_800
INFERENCES = 3


@dataclass(frozen=True, slots=True)
class StreamingCost:
    """Simulated: ``packets`` pushed made ``inferences``.

    At zero wait states ``cycles_mean`` a packet, with its share of the inferences (the one at a recording's
    end too, where there is no other), ``cycles_max`` the slowest packet, and ``cycles_end_max`` the slowest
    call at a recording's end. ``is_streamed``: whether layers run while windows arrive.
    ``board_cycles_mean`` and ``board_cycles_max`` are those with what the board waits for its flash, which
    the rate and milliseconds are of; ``board_cycles_longest`` of the longest call of all;
    ``flash_bytes`` and ``ram_bytes`` what the model and its stages add to an empty program;
    ``ram_total_bytes`` what the board must have: with the stack, and the caller's packet and output.
    ``results``: all that the drawn packets and the flush behind them gave.
    """

    packets: int
    inferences: int
    cycles_mean: int
    cycles_max: int
    cycles_end_max: int
    is_streamed: bool
    board_cycles_longest: int
    board_cycles_mean: int
    board_cycles_max: int
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int
    ram_total_bytes: int
    board: Board = MKR_ZERO
    results: tuple[NDArray[Any], ...] = field(default=(), repr=False, compare=False)

    @property
    def rate_max_hz(self) -> float:
        """Packets a second at which the board is fully busy."""
        return self.board.clock_hz / self.board_cycles_mean

    def to_json(self) -> dict[str, Any]:
        """Every figure."""
        names = (each.name for each in fields(self) if each.name not in ("board", "results"))
        figures: dict[str, Any] = {name: getattr(self, name) for name in names}
        times = {"ms_mean": self.board_cycles_mean, "ms_max": self.board_cycles_max}
        figures |= {name: self.board.milliseconds(cycles) for name, cycles in times.items()}
        return {**figures, "pause_ms": self.pause_ms, "rate_max_hz": round(self.rate_max_hz, 1)}

    @property
    def pause_ms(self) -> float:
        """The longest that one call takes, in milliseconds."""
        return self.board.milliseconds(self.board_cycles_longest)

    def check(self, rate_hz: float) -> int:
        """Return the packets that arrive during the slowest push: so many must be buffered.

        Raises DoesNotFitError where the board cannot keep up with ``rate_hz`` packets a second.
        """
        if rate_hz > self.rate_max_hz:
            raise DoesNotFitError(
                f"the pipeline takes {self.board_cycles_mean:,} cycles a packet with its share of the model, "
                f"so the {self.board.name} keeps up with {self.rate_max_hz:,.0f} packets a second, "
                f"not {rate_hz:,.0f}: choose a longer hop, fewer stages or a smaller model"
            )
        return math.ceil(rate_hz * self.board_cycles_max / self.board.clock_hz)


def measure_streaming(
    name: str, chain: Chain, pipeline: Pipeline, compiler: Compiler, on: Board = MKR_ZERO
) -> StreamingCost:
    """Push packets of the pipeline's kind, on the board ``on``, until INFERENCES windows were complete.

    Where a recording gives one result at its end, that is the inference. Raises DoesNotFitError where the
    program does not fit, or gives no window within MOST_PACKETS packets.
    """
    board = BoardChain(name, chain, compiler, on, with_waits=True)
    empty = BoardChain(name, empty_streaming(name, chain), compiler, on)
    count, run, steps = _run(board, pipeline, 1 if chain.at_end else INFERENCES, at_end=chain.at_end)
    # What is filled up most has most steps.
    short = board.run(pipeline.draw(1)).step_cycles if chain.in_steps else ()
    first = next((at for at, given in enumerate(run.results[:-1], 1) if given), 1)
    program = board.program
    # The harness has the caller's packet and output, and nothing else in RAM.
    ram_bytes = program.ram_bytes + run.stack_bytes
    flash_bytes = program.flash_bytes - empty.program.flash_bytes
    check_chain(Budget.of(on), flash_bytes, ram_bytes)
    return StreamingCost(
        packets=count,
        inferences=sum(map(len, run.results[:steps])),
        cycles_mean=math.ceil(sum(run.cycles[:steps]) / count),
        cycles_max=max(run.cycles[:steps]),
        cycles_end_max=max([*run.step_cycles, *short], default=0),
        is_streamed=chain.in_steps,
        board_cycles_longest=board.longest_call(pipeline.draw(first)),
        board_cycles_mean=math.ceil(sum(run.board_cycles[:steps]) / count),
        board_cycles_max=max(run.board_cycles[:steps]),
        flash_bytes=flash_bytes,
        ram_bytes=program.ram_bytes - empty.program.ram_bytes,
        stack_bytes=run.stack_bytes,
        ram_total_bytes=ram_bytes,
        board=on,
        results=tuple(each for step in run.results for each in step),
    )


def _run(board: BoardChain, pipeline: Pipeline, least: int, *, at_end: bool) -> tuple[int, BoardRun, int]:
    """Push a recording that gives ``least`` results: its packets, the run, and how many of its steps count.

    The last step is the recording's end; it counts where all results come then.
    """
    count = PACKETS
    while True:
        run = board.run(pipeline.draw(count))
        steps = count + 1 if at_end else count
        inferences = sum(map(len, run.results[:steps]))
        if inferences >= least:
            return count, run, steps
        if count >= MOST_PACKETS:
            break
        count *= 2
    if not inferences and run.results[-1]:
        return count, run, count + 1
    raise DoesNotFitError(
        f"{count:,} packets gave {inferences} windows, too few to measure: choose shorter windows"
    )
