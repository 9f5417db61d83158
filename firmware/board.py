"""The boards, in one table: no other module states a board's numbers, but for its USB ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from zerotap.capture import BOARDS as USB_BOARDS
from zerotap.capture import BoardIds
from zerotap.errors import ModelError

_USB: Final = {ids.name: ids for ids in USB_BOARDS}


@dataclass(frozen=True, slots=True)
class FlashCache:
    """How a chip's flash answers at the board's clock: what a read costs that its cache does not hold.

    The cache is direct-mapped: ``lines`` lines of ``line_bytes``, both powers of two, filled by instruction
    fetches and by data reads, without prefetch. A line that it does not hold takes ``wait_states`` cycles;
    0 where the flash does not wait, or where its waits are not modelled.
    """

    lines: int
    line_bytes: int
    wait_states: int


@dataclass(frozen=True, slots=True, repr=False)
class Board:
    """A board as the linker, the simulator, the Arduino library and the reports see it.

    ``flash_bytes`` is what a program may fill from ``flash_origin`` on: the bootloader's share is not in it.
    ``flash_cache``: what reads of flash wait for at ``clock_hz``; RAM never waits. ``architecture`` is what
    library.properties calls it, ``fqbn`` what arduino-cli does; ``serial_pin`` is where the transmitted bytes
    of Serial1 leave the board; ``url`` is its maker's page. ``runs_from_ram``: hot loops run from RAM unless
    they are told not to. ``note`` says what its cycles leave out. ``multiplier_cycles`` is what the core's
    multiplier takes. ``analog_inputs`` are those that a sensor's channels go to, in this order.
    ``has_usb_host``: its core has Arduino's USBHost, by which the board reads a keyboard at its USB port.
    ``usb``: what it says of itself on USB; None of a board whose bootloader bossac does not know.

    Raises ModelError for a multiplier that takes more than one cycle, which a core may have been built with.
    """

    name: str
    chip: str
    core: str
    clock_hz: int
    flash_origin: int
    flash_bytes: int
    ram_origin: int
    ram_bytes: int
    flash_cache: FlashCache
    architecture: str
    fqbn: str
    serial_pin: str
    url: str
    runs_from_ram: bool = False
    note: str = ""
    multiplier_cycles: int = 1
    analog_inputs: tuple[str, ...] = ()
    has_usb_host: bool = False
    usb: BoardIds | None = None

    def __post_init__(self) -> None:
        if self.multiplier_cycles != 1:
            raise ModelError(
                f"{self.name}: the {self.chip}'s multiplier takes {self.multiplier_cycles} cycles; kernels "
                "and cycle counts are made for one that takes 1: choose a chip with the fast multiplier"
            )

    def __repr__(self) -> str:
        """Return the name alone: it stands for the rest, in BOARDS."""
        return f"Board({self.name!r})"

    def to_json(self) -> dict[str, Any]:
        """What reports say of it: board, clock_hz, and board_note where there is one."""
        note = {"board_note": self.note} if self.note else {}
        return {"board": self.name, "clock_hz": self.clock_hz, **note}

    def upload_commands(self, library: str = ".", sketch: str = "examples/SelfTest") -> tuple[str, str]:
        """How arduino-cli compiles a sketch with a library, and uploads it; PORT stands for the board's."""
        return (
            f"arduino-cli compile --fqbn {self.fqbn} --library {library} {sketch}",
            f"arduino-cli upload --fqbn {self.fqbn} --port PORT {sketch}",
        )

    def code_offset(self, address: int) -> int:
        """Where an address is in the flash and the RAM, one behind the other."""
        in_flash = self.flash_origin <= address < self.flash_origin + self.flash_bytes
        return address - self.flash_origin if in_flash else self.flash_bytes + address - self.ram_origin

    def milliseconds(self, cycles: float) -> float:
        """Time that ``cycles`` take at the board's clock, in milliseconds."""
        return cycles * 1000 / self.clock_hz

    def cycles(self, seconds: int) -> int:
        """Cycles of the board's clock in ``seconds``."""
        return seconds * self.clock_hz


def _samd21g18a(name: str, fqbn: str, serial_pin: str, url: str) -> Board:
    """262,144 B of flash, of which the bootloader owns 8 KB; its core sets one wait state at 48 MHz."""
    return Board(
        name=name,
        chip="SAMD21G18A",
        core="Cortex-M0+",
        clock_hz=48_000_000,
        flash_origin=0x2000,
        flash_bytes=262_144 - 0x2000,
        ram_origin=0x2000_0000,
        ram_bytes=32_768,
        flash_cache=FlashCache(lines=8, line_bytes=8, wait_states=1),
        architecture="samd",
        fqbn=fqbn,
        serial_pin=serial_pin,
        url=url,
        # A0 is last because it is the DAC's pin too.
        analog_inputs=("A1", "A2", "A3", "A4", "A5", "A0"),
        has_usb_host=True,
        usb=_USB[name],
    )


def _rp2040() -> Board:
    """Raspberry Pi Pico as Arduino-Pico has it.

    RP2040 datasheet: sections 2.4 (Cortex-M0+ with the single-cycle multiplier), 2.6.2 (264 KB of SRAM, of
    which the last two banks of 4 KB are the cores' stacks), 2.6.3 (XIP flash at 0x10000000 behind a cache of
    16 KB), 2.8.1 (the second stage of booting takes 256 B). Arduino-Pico's boards.txt: 133 MHz, and 2 MB less
    a sector of 4 KB for its emulated EEPROM. Its fourth analog input measures the board's supply (Pico
    datasheet, section 2.1), and USBHost is the SAMD core's alone.
    """
    return Board(
        name="Raspberry Pi Pico",
        chip="RP2040",
        core="Cortex-M0+",
        clock_hz=133_000_000,
        flash_origin=0x1000_0100,
        flash_bytes=2 * 1024 * 1024 - 4096 - 256,
        ram_origin=0x2000_0000,
        ram_bytes=256 * 1024,
        flash_cache=FlashCache(lines=8, line_bytes=8, wait_states=0),
        architecture="rp2040",
        fqbn="rp2040:rp2040:rpipico",
        serial_pin="GP0",
        url="https://www.raspberrypi.com/documentation/microcontrollers/pico-series.html",
        runs_from_ram=True,
        analog_inputs=("A0", "A1", "A2"),
        note="never timed; the cache before its flash is not modelled: cycles hold for code in RAM, and for "
        "what that cache holds",
    )


MKR_ZERO: Final[Board] = _samd21g18a(
    "Arduino MKR Zero", "arduino:samd:mkrzero", "D14", "https://docs.arduino.cc/hardware/mkr-zero/"
)
DEFAULT_BOARD: Final = "mkrzero"

BOARDS: Final[Mapping[str, Board]] = MappingProxyType(
    {
        DEFAULT_BOARD: MKR_ZERO,
        "zero": _samd21g18a(
            "Arduino Zero", "arduino:samd:arduino_zero_native", "D1", "https://docs.arduino.cc/hardware/zero/"
        ),
        "mkr1000": _samd21g18a(
            "Arduino MKR1000",
            "arduino:samd:mkr1000",
            "D14",
            "https://docs.arduino.cc/hardware/mkr-1000-wifi/",
        ),
        "mkrwifi1010": _samd21g18a(
            "Arduino MKR WiFi 1010",
            "arduino:samd:mkrwifi1010",
            "D14",
            "https://docs.arduino.cc/hardware/mkr-wifi-1010/",
        ),
        "nano33iot": _samd21g18a(
            "Arduino Nano 33 IoT",
            "arduino:samd:nano_33_iot",
            "D1",
            "https://docs.arduino.cc/hardware/nano-33-iot/",
        ),
        "xiao": _samd21g18a(
            "Seeed XIAO SAMD21",
            "Seeeduino:samd:seeed_XIAO_m0",
            "D6",
            "https://wiki.seeedstudio.com/Seeeduino-XIAO/",
        ),
        "pico": _rp2040(),
    }
)
"""Every board by the name that ``--board`` takes."""


def find_board(name: str) -> Board:
    """The board called ``name``; raises ModelError for an unknown one, which lists the known."""
    if name not in BOARDS:
        raise ModelError(f"there is no board {name!r}: choose one of {', '.join(BOARDS)}")
    return BOARDS[name]
