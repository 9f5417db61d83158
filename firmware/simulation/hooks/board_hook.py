"""What a whole board's core calls while it runs, in C: harness/board_hook.c, mirrored here.

There is no Python in its place: a board that polls its registers for seconds would take minutes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import Any, Final

from zerotap.firmware.board import Board
from zerotap.firmware.simulation.cortex_m0plus import Block

from .block_hook import Decode
from .hook_library import add_hook, hook_library

NEVER: Final = (1 << 64) - 1
"""A deadline that does not come."""

_DECODE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_uint32)
_READ = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32, ctypes.c_uint32)
_WRITE = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32)


class Reason(IntEnum):
    """Why the hook stopped the core."""

    NONE = 0
    DEADLINE = 1
    UNMASKED = 2
    NO_CODE = 3
    OVERFLOW = 4


class Reading(IntEnum):
    """How a byte of a register is read: as stored, by asking its peripheral, as SysTick's counter."""

    STORED = 0
    ASKED = 1
    TICKS = 2


class _BlockEntry(ctypes.Structure):
    """``block`` of board_hook.c."""

    _fields_ = [
        *((name, ctypes.c_uint32) for name in ("size", "cycles", "conditional", "depth", "moves_sp")),
        ("sp_change", ctypes.c_int32),
    ]


class BoardState(ctypes.Structure):
    """``board_state`` of board_hook.c."""

    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("cycles", "deadline", "tick_next")),
        *(
            (name, ctypes.c_uint32)
            for name in (
                *("tick_reload", "origin", "length", "ram_origin", "ram_length", "lowest_sp", "stack_floor"),
                *("fall_through", "look_at_sp", "sp", "awaits_unmasking", "place", "reason"),
                *("sp_register", "primask_register"),
            )
        ),
        ("blocks", ctypes.POINTER(_BlockEntry)),
        ("decode", _DECODE),
        ("read_register", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
    ]


class _Window(ctypes.Structure):
    """``window`` of board_hook.c."""

    _fields_ = [
        ("state", ctypes.POINTER(BoardState)),
        ("stored", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
        ("read", _READ),
        ("write", _WRITE),
        ("origin", ctypes.c_uint32),
    ]


class BoardHook:
    """The hooks of one core: ``state`` is shared with them."""

    def __init__(self, core: Any, decode: Decode, board: Board) -> None:  # noqa: ANN401
        """Hook into ``core``, a Unicorn engine. Raises HookError where the hook cannot be had."""
        import unicorn
        from unicorn.arm_const import UC_ARM_REG_PRIMASK, UC_ARM_REG_SP
        from unicorn.unicorn_py3.unicorn import uclib

        self._core, self._decode, self._board = core, decode, board
        self._table = (_BlockEntry * ((board.flash_bytes + board.ram_bytes) // 2))()
        self._kept: list[Any] = []  # what C points to
        self.state = BoardState(
            deadline=NEVER,
            tick_next=NEVER,
            origin=board.flash_origin,
            length=board.flash_bytes,
            ram_origin=board.ram_origin,
            ram_length=board.ram_bytes,
            lowest_sp=NEVER & 0xFFFF_FFFF,
            sp_register=UC_ARM_REG_SP,
            primask_register=UC_ARM_REG_PRIMASK,
            blocks=ctypes.cast(self._table, ctypes.POINTER(_BlockEntry)),
            decode=_DECODE(self._fill),
            read_register=ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p),
            stop=ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p),
        )
        add_hook(core, unicorn.UC_HOOK_BLOCK, _library().zerotap_board_block, self.state)

    def map_registers(
        self,
        origin: int,
        stored: ctypes.Array[Any],
        kinds: ctypes.Array[Any],
        read: Callable[[int, int], int],
        write: Callable[[int, int, int], None],
    ) -> None:
        """Have the registers from ``origin`` on read from ``stored`` or, by their ``kinds``, asked for.

        ``stored`` and ``kinds`` have a byte for each byte of them. ``read(address, size)`` and
        ``write(address, size, value)`` must not raise: an exception cannot pass through Unicorn.
        """
        from unicorn.unicorn_py3.unicorn import uclib

        window = _Window(
            ctypes.pointer(self.state),
            ctypes.addressof(stored),
            ctypes.addressof(kinds),
            _READ(read),
            _WRITE(write),
            origin,
        )
        self._kept += [window, stored, kinds]
        library, given = _library(), ctypes.byref(window)
        ways = [
            ctypes.cast(f, ctypes.c_void_p) for f in (library.zerotap_board_read, library.zerotap_board_write)
        ]
        size = ctypes.c_size_t(len(stored))
        place = ctypes.c_uint64(origin)
        status = uclib.uc_mmio_map(self._core._uch, place, size, ways[0], given, ways[1], given)
        if status:
            raise ValueError(f"Unicorn refused registers at {origin:#x} (error {status})")

    def block_bytes(self, address: int) -> int:
        """Length of the block that begins at an address, 0 where none has run."""
        return int(self._table[self._board.code_offset(address) // 2].size)

    def _fill(self, address: int, size: int) -> int:
        block: Block | None = self._decode(address, size)
        if block is None:
            return 0
        self._table[self._board.code_offset(address) // 2] = _BlockEntry(
            size, block.cycles, block.conditional, block.depth, block.moves_sp, block.sp_change
        )
        return 1


@cache
def _library() -> ctypes.CDLL:
    return hook_library("board_hook")
