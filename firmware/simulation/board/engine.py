"""The core of a simulated board: Unicorn's Cortex-M0 with the board's memories, counted by the C hook.

Plain Thumb mode: UC_MODE_MCLASS would silently be a Cortex-M33. Exceptions are taken in ``exceptions``;
here the core only runs until something has to be done.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, Final

from zerotap.firmware.board import Board
from zerotap.firmware.simulation.core_registers import CoreRegisters
from zerotap.firmware.simulation.cortex_m0plus import Block, IllegalInstructionError, decode_block
from zerotap.firmware.simulation.hooks.board_hook import BoardHook, Reason

from .accesses import accessing
from .faults import BoardFault, RegisterFault
from .image import Image

EXC_RETURNS: Final = (0xFFFF_FFF1, 0xFFFF_FFF9, 0xFFFF_FFFD)
"""What LR holds in an exception: returning to one of these ends it."""
_NAMES: Final = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc")
_THUMB: Final = 1
# QEMU's exception numbers, as Unicorn's interrupt hook passes them.
_SVC, _EXIT = 2, 8
_EXCEPTIONS: Final = {
    1: "an undefined instruction",
    3: "a fetch it cannot make",
    4: "an unaligned access",
    7: "a BKPT",
}
_AREA: Final = 0x0080_0000  # NVM user row, calibration, serial number
_AREA_BYTES: Final = 0x10000


class Stop(Enum):
    """Why the core stopped: a cycle, an interrupt it may now take, an exception's end, SVC, WFI, a reset."""

    DEADLINE = auto()
    UNMASKED = auto()
    RETURN = auto()
    SVC = auto()
    SLEEP = auto()
    RESET = auto()


class Engine:
    """Runs code; ``state.cycles`` counts, ``state.deadline`` stops it.

    ``frame`` and ``jump`` are registers that exceptions need together: r0 to r3, r12, lr, pc, xpsr, sp and
    control; and of these lr, pc, xpsr and sp.
    """

    def __init__(self, image: Image, board: Board) -> None:
        import unicorn
        from unicorn import arm_const

        self._image = image
        self._numbers = {
            n: getattr(arm_const, f"UC_ARM_REG_{n.upper()}") for n in (*_NAMES, "xpsr", "primask", "control")
        }
        self._error: BaseException | None = None
        self._stop: Stop | None = None
        self.core: Any = unicorn.unicorn_py3.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
        self.core.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_M0)
        entered = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr", "sp", "control")
        self.frame = CoreRegisters(self.core, [self._numbers[name] for name in entered])
        self.jump = CoreRegisters(self.core, [self._numbers[name] for name in entered[5:9]])
        self._pc = CoreRegisters(self.core, [self._numbers["pc"]])
        self._map(board)
        # Hooks come before the first instruction: added later they may not fire in blocks already translated.
        self.core.hook_add(unicorn.UC_HOOK_INTR, self._on_exception)
        self.core.hook_add(unicorn.UC_HOOK_MEM_INVALID, self._on_bad_access)
        self.hook = BoardHook(self.core, self._decode, board)
        self.state = self.hook.state
        self.state.stack_floor = image.variables_end

    def _map(self, board: Board) -> None:
        import unicorn

        read_only, run = unicorn.UC_PROT_READ, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC
        self.core.mem_map(0, board.flash_origin + board.flash_bytes, run)
        self.core.mem_map(board.ram_origin, board.ram_bytes, unicorn.UC_PROT_ALL)
        self.core.mem_map(_AREA, _AREA_BYTES, read_only)
        self.core.mem_write(_AREA, b"\xff" * _AREA_BYTES)
        self.core.mem_write(0, b"\xff" * (board.flash_origin + board.flash_bytes))
        for address, data in self._image.segments:
            self.core.mem_write(address, data)

    def __getitem__(self, register: str) -> int:
        """Value of a register: r0 to r12, sp, lr, pc, xpsr, primask, control."""
        return int(self.core.reg_read(self._numbers[register]))

    def __setitem__(self, register: str, value: int) -> None:
        self.core.reg_write(self._numbers[register], value)

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory; raises RegisterFault where there is none."""
        from unicorn.unicorn_py3 import UcError

        try:
            return bytes(self.core.mem_read(address, size))
        except UcError as error:
            raise RegisterFault(
                f"{size} B at {address:#x} are read, where the board has no memory"
            ) from error

    def write(self, address: int, data: bytes) -> None:
        """Put bytes into memory; raises RegisterFault where there is none."""
        from unicorn.unicorn_py3 import UcError

        try:
            self.core.mem_write(address, data)
        except UcError as error:
            said = f"{len(data)} B are put at {address:#x}, where the board has no memory"
            raise RegisterFault(said) from error

    def word(self, address: int) -> int:
        """A word of memory."""
        return int.from_bytes(self.read(address, 4), "little")

    def run(self) -> Stop:
        """Run from PC until something has to be done.

        Raises BoardFault where the sketch does what stops a board.
        """
        from unicorn.unicorn_py3 import UcError

        self._stop, self.state.reason, self.state.look_at_sp = None, Reason.NONE, 1
        try:
            self.core.emu_start(self._pc.read()[0] | _THUMB, EXC_RETURNS[1] & ~_THUMB)
        except UcError as error:
            self._error = self._error or RegisterFault(_said(error))
        if self._error is not None:
            self._raise()
        return self._stop or self._reason()

    def _reason(self) -> Stop:
        reason = Reason(self.state.reason)
        if reason is Reason.NO_CODE:
            raise self.fault(f"a jump to {self['pc']:#x}, where the board has no code", self["lr"] & ~_THUMB)
        if reason is Reason.NONE:
            return Stop.RETURN if self._pc.read()[0] | _THUMB in EXC_RETURNS else Stop.SLEEP
        if reason is Reason.OVERFLOW:
            lowest, end = self.state.lowest_sp, self.state.stack_floor
            raise self.fault(f"its stack grows to {lowest:#x}, over its variables, which end at {end:#x}")
        return Stop.DEADLINE if reason is Reason.DEADLINE else Stop.UNMASKED

    def stop_at(self, cycle: int) -> None:
        """Stop at the first block from a cycle on, if not earlier."""
        self.state.deadline = min(self.state.deadline, max(cycle, 0))

    def reset(self) -> None:
        """Stop the core for a reset that the sketch asks for."""
        self._stop = Stop.RESET
        self.core.emu_stop()

    def fail(self, error: BaseException, accessed: int | None = None) -> None:
        """Stop the core for what went wrong in a callback, which nothing may be raised in.

        ``accessed``: the address of the register that the sketch accesses there. What runs on to the end of
        the block changes the registers, so a fault has those of now.
        """
        if self._error is None and isinstance(error, RegisterFault):
            place = None if accessed is None else self._place_of(accessed)
            error = self.fault(str(error), place)
        self._error = self._error or error
        self.core.emu_stop()

    def _place_of(self, accessed: int) -> int | None:
        """The instruction that accesses an address: while a block runs, PC is where it begins."""
        begin = int(self.state.place)
        code = self.read(begin, self.hook.block_bytes(begin))
        return accessing(code, begin, accessed, self.__getitem__)

    def _raise(self) -> None:
        error, self._error = self._error, None
        if isinstance(error, RegisterFault):
            raise self.fault(str(error)) from error
        if error is not None:
            raise error

    def fault(self, reason: str, address: int | None = None) -> BoardFault:
        """The fault of what runs now, or of the code at ``address``."""
        registers = {name: self[name] for name in _NAMES}
        if address is not None:
            registers["pc"] = address
        return BoardFault(reason, self._image.names.location(registers["pc"]), registers)

    def _decode(self, address: int, size: int) -> Block | None:
        try:
            return decode_block(self.read(address, size), address)
        except IllegalInstructionError as error:
            self._error = RegisterFault(str(error))
            return None

    def _on_exception(self, core: Any, number: int, _: object) -> None:  # noqa: ANN401
        if number in (_SVC, _EXIT):
            self._stop = Stop.SVC if number == _SVC else Stop.RETURN
            core.emu_stop()
        else:
            self.fail(RegisterFault(_EXCEPTIONS.get(number, f"exception {number}")))

    def _on_bad_access(self, _: Any, access: int, address: int, size: int, *__: object) -> bool:  # noqa: ANN401
        import unicorn

        what = {unicorn.UC_MEM_FETCH_UNMAPPED: "a jump to", unicorn.UC_MEM_FETCH_PROT: "a jump to"}
        said = what.get(access, f"an access of {size} B at")
        self._error = self._error or RegisterFault(
            f"{said} {address:#x}, where the board has nothing that takes it"
        )
        return False


def _said(error: Any) -> str:  # noqa: ANN401
    """What Unicorn's error means."""
    import unicorn

    return "an undefined instruction" if error.errno == unicorn.UC_ERR_INSN_INVALID else str(error)
