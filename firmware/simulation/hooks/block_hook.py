"""Counting cycles and stack while Unicorn runs: a hook at the start of every block of instructions.

CHook is harness/block_hook.c, compiled once for this machine and kept in the user's cache: it costs almost
nothing. PythonHook counts the same at a fraction of the speed, where the other cannot be had.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from zerotap.firmware.board import Board
from zerotap.firmware.simulation.cortex_m0plus import Block

from .hook_library import add_hook, hook_library

Decode = Callable[[int, int], Block | None]  # address, size -> the block, or None to stop the simulation

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_uint32)


class BlockEntry(ctypes.Structure):
    """``block`` of block_hook.c."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("size", "cycles", "conditional", "depth", "moves_sp")]


class Counter(ctypes.Structure):
    """``counter`` of block_hook.c."""

    _fields_ = [
        ("cycles", ctypes.c_uint64),
        ("cycle_limit", ctypes.c_uint64),
        ("origin", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("ram_origin", ctypes.c_uint32),
        ("ram_length", ctypes.c_uint32),
        ("lowest_sp", ctypes.c_uint32),
        ("fall_through", ctypes.c_uint32),
        ("look_at_sp", ctypes.c_uint32),
        ("sp_register", ctypes.c_uint32),
        ("blocks", ctypes.POINTER(BlockEntry)),
        ("decode", _CALLBACK),
        ("read_register", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
    ]


class PythonHook:
    """The reference, and the fallback."""

    def __init__(self, core: Any, decode: Decode, board: Board, cycle_limit: int) -> None:  # noqa: ANN401
        """Hook into ``core``, a Unicorn engine; past ``cycle_limit`` it is stopped."""
        import unicorn

        self.cycles = 0
        self.lowest_sp = 0
        self._decode = decode
        self._limit = cycle_limit
        self._blocks: dict[tuple[int, int], Block] = {}
        self._fall_through = 0
        self._look_at_sp = False
        core.hook_add(unicorn.UC_HOOK_BLOCK, self._on_block)

    def start(self, sp: int) -> None:
        """Count from nothing, with SP at ``sp``."""
        self.cycles, self.lowest_sp, self._fall_through, self._look_at_sp = 0, sp, 0, False

    def _on_block(self, core: Any, address: int, size: int, _: object) -> None:  # noqa: ANN401
        block = self._blocks.get((address, size)) or self._decode(address, size)
        if block is None or self.cycles > self._limit:
            core.emu_stop()
            return
        self._blocks[address, size] = block
        self.cycles += block.cycles + (self._fall_through not in (0, address))
        self._fall_through = address + size if block.conditional else 0
        if block.depth or block.moves_sp or self._look_at_sp:
            self.lowest_sp = min(self.lowest_sp, core.reg_read(_sp_register()) - block.depth)
            self._look_at_sp = block.moves_sp


class CHook:
    """The same counting, compiled."""

    def __init__(self, core: Any, decode: Decode, board: Board, cycle_limit: int) -> None:  # noqa: ANN401
        """Hook into ``core``, a Unicorn engine. Raises HookError where the hook cannot be had."""
        self._decode = decode
        self._board = board
        # Thumb code is at even addresses.
        self._table = (BlockEntry * ((board.flash_bytes + board.ram_bytes) // 2))()
        self._callback = _CALLBACK(self._fill)  # kept: ctypes does not
        self._count = Counter(
            cycle_limit=cycle_limit,
            origin=board.flash_origin,
            length=board.flash_bytes,
            ram_origin=board.ram_origin,
            ram_length=board.ram_bytes,
            sp_register=_sp_register(),
            blocks=ctypes.cast(self._table, ctypes.POINTER(BlockEntry)),
            decode=self._callback,
        )
        self._attach(core)

    @property
    def cycles(self) -> int:
        """Cycles since start()."""
        return int(self._count.cycles)

    @property
    def lowest_sp(self) -> int:
        """Lowest value of SP since start()."""
        return int(self._count.lowest_sp)

    def start(self, sp: int) -> None:
        """Count from nothing, with SP at ``sp``."""
        self._count.cycles = self._count.fall_through = self._count.look_at_sp = 0
        self._count.lowest_sp = sp

    def _attach(self, core: Any) -> None:  # noqa: ANN401
        import unicorn
        from unicorn.unicorn_py3.unicorn import uclib

        self._count.read_register = ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p)
        self._count.stop = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p)
        add_hook(core, unicorn.UC_HOOK_BLOCK, _compiled_hook(), self._count)

    def _fill(self, address: int, size: int) -> int:
        block = self._decode(address, size)
        if block is None:
            return 0
        entry = BlockEntry(size, block.cycles, block.conditional, block.depth, block.moves_sp)
        self._table[self._board.code_offset(address) // 2] = entry
        return 1


HOOKS: dict[str, type[PythonHook] | type[CHook]] = {"c": CHook, "python": PythonHook}


def _sp_register() -> int:
    from unicorn.arm_const import UC_ARM_REG_SP

    return int(UC_ARM_REG_SP)


@cache
def _compiled_hook() -> Any:  # noqa: ANN401
    return hook_library("block_hook").zerotap_block_hook
