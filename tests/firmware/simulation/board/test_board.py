"""The simulated board as a whole: boots images, keeps time, takes interrupts, stops where a board would."""

import random
import re
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from zerotap.errors import BoardError, DoesNotFitError
from zerotap.firmware.board import BOARDS, MKR_ZERO
from zerotap.firmware.simulation.board import Board, BoardFault, ImageError
from zerotap.firmware.simulation.board.names import plain_name

MONITOR = Path(__file__).with_name("monitor.c")
PENDSV, SVC, SYSTICK, EIC_IRQ = 14, 11, 15, 4
ICSR, ISPR, ISER = 0xE000_ED04, 0xE000_E200, 0xE000_E100


@pytest.mark.parametrize(
    "compiler", ["zig", pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc"))]
)
def test_boots_what_each_compiler_makes(build_image, compiler):
    board = Board(build_image(compiler, "monitor"))
    board.uart.send(b"q" + bytes(8))
    assert board.run_until(lambda: board.uart.received != b"", seconds=0.1)
    board.run_until(seconds=0.001)
    assert board.uart.received == (0x12345678).to_bytes(4, "little")
    assert 0 < board.stack_used < 300


def test_a_bare_image_runs_as_its_elf(monitor_elf, monitor, tmp_path):
    from elftools.elf.elffile import ELFFile

    with monitor_elf.open("rb") as stream:
        loads = [
            s for s in ELFFile(stream).iter_segments("PT_LOAD") if s["p_paddr"] >= 0x2000 and s["p_filesz"]
        ]
        bare = bytearray(max(s["p_paddr"] + s["p_filesz"] for s in loads) - 0x2000)
        for each in loads:
            bare[each["p_paddr"] - 0x2000 : each["p_paddr"] - 0x2000 + each["p_filesz"]] = each.data()
    (tmp_path / "sketch.bin").write_bytes(bare)
    boards = [Board(tmp_path / "sketch.bin"), Board(bytes(bare)), monitor.board]
    for board in boards:
        board.uart.send(b"q" + bytes(8))
        board.run_until(seconds=0.01)
    assert len({(board.uart.received, board.cycles, board.stack_used) for board in boards}) == 1
    assert boards[0].symbols == {}


def test_a_millisecond_is_48_000_cycles(monitor):
    monitor.board.run_until(seconds=0.01)
    before = monitor.variable("milliseconds")
    start = monitor.board.cycles
    monitor.board.run_until(seconds=1)
    assert monitor.board.cycles - start == pytest.approx(48_000_000, abs=100)
    assert monitor.variable("milliseconds") - before == 1000


def test_the_counter_that_sketches_read_goes_down_with_the_cycles(monitor):
    value, reload = monitor.word(0xE000_E018), monitor.word(0xE000_E014)
    assert (0 < value < 48_000, reload) == (True, 47_999)
    assert monitor.word(0xE000_E010) & ~(1 << 16) == 7


def test_a_condition_ends_the_run_at_once(monitor):
    assert monitor.board.run_until(lambda: True, seconds=1)
    assert monitor.board.cycles == 0
    assert not monitor.board.run_until(lambda: False, seconds=0.01)
    assert monitor.board.seconds == pytest.approx(0.01, rel=0.01)


def test_bytes_take_their_time_both_ways(monitor):
    monitor.ask("q")
    start = monitor.board.seconds
    monitor.ask("q")
    assert monitor.board.seconds - start == pytest.approx(13 * 10 / monitor.board.uart.baud, rel=0.03)
    assert monitor.board.uart.baud == pytest.approx(115_200, rel=0.001)


def test_bytes_that_nobody_reads_in_time_are_lost(monitor):
    monitor.write(0x4200_1C14, 4, 1)  # no more interrupts of the receiver
    monitor.board.uart.send(bytes(10))
    monitor.board.run_until(seconds=0.01)
    assert monitor.board.uart.overruns == 8


def test_exceptions_are_taken_by_number(monitor):
    monitor.write(ICSR, 1 << 28)
    monitor.ask("s")
    monitor.write(ISER, 1 << EIC_IRQ)
    monitor.write(ISPR, 1 << EIC_IRQ)
    assert [monitor.variable("taken", each) for each in (PENDSV, SVC, 16 + EIC_IRQ)] == [1, 1, 1]


def test_what_is_not_enabled_stays_pending(monitor):
    monitor.write(ISPR, 1 << EIC_IRQ)
    assert (monitor.variable("taken", 16 + EIC_IRQ), monitor.word(ISPR)) == (0, 1 << EIC_IRQ)
    monitor.write(0xE000_E280, 1 << EIC_IRQ)
    assert monitor.word(ISPR) == 0


def test_primask_holds_interrupts_back(monitor):
    before = monitor.ask("q")
    # The handler would find the variable as it was; it runs behind CPSIE.
    assert monitor.ask("d", ICSR, 1 << 28) == before + 1
    assert monitor.variable("taken", PENDSV) == 1


def test_a_reset_begins_anew(monitor):
    changed = monitor.ask("d", ICSR, 0)
    monitor.board.uart.send(b"R" + (0xE000_ED0C).to_bytes(4, "little") + (0x05FA_0004).to_bytes(4, "little"))
    monitor.board.run_until(lambda: monitor.board.resets == 1, seconds=0.1)
    monitor.board.uart.take()
    assert (monitor.board.resets, monitor.ask("q")) == (1, changed - 1)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (0x5000_0000, "an access of 4 B at 0x50000000"),
        (0x2000_8000, "an access of 4 B at 0x20008000"),
        (0x2000_0002, "an unaligned access"),
        (0x4200_3000, "no peripheral is modelled"),
        (0x4100_4030, "it reads 4 B at 0x41004030, a register of NVMCTRL that is not modelled"),
    ],
)
def test_a_fault_names_function_line_and_registers(monitor, address, words):
    with pytest.raises(BoardFault, match=re.escape(words)) as caught:
        monitor.word(address)
    fault = caught.value
    assert fault.symbol == "obey"
    name, line = fault.line.split(":")
    assert name == "monitor.c"
    assert "return WORD(address);" in MONITOR.read_text().splitlines()[int(line) - 1]
    assert address in fault.registers.values()
    assert fault.registers["sp"] > 0x2000_7F00


def test_a_jump_into_nothing_is_a_fault(monitor):
    with pytest.raises(BoardFault, match="a jump to 0x30000000"):
        monitor.ask("c", 0x3000_0001)


def test_what_no_armv6m_core_has_is_a_fault(monitor):
    code = 0x2000_7000
    monitor.write(code, 0xBF00_B100)  # CBZ r0
    with pytest.raises(BoardFault, match="not an ARMv6-M instruction"):
        monitor.ask("c", code | 1)


def test_code_runs_from_ram(monitor):
    code = 0x2000_7000
    monitor.write(code, 0x46C0_4770)  # BX LR
    assert monitor.ask("c", code | 1) == 0x12345678


def test_an_image_for_another_place_is_refused(monitor_elf):
    elsewhere = replace(MKR_ZERO, flash_origin=0)
    with pytest.raises(ImageError, match="has no vectors at 0x0"):
        Board(monitor_elf, elsewhere)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no vectors at 0x2000"),
        (b"1234567", "has no vectors at 0x2000"),
        (bytes(64), "is no image for the Arduino MKR Zero: its stack would begin at 0x0"),
        (struct.pack("<II", 0x2000_8000, 0x101), "is linked for another place: it would start at 0x101"),
        (b"UF2\n" + bytes(60), "it is a UF2 file: give a sketch's .elf or .bin"),
        (b":10200000", "it is an Intel HEX file"),
        (b"\x7fELF" + bytes(60), "damaged ELF"),
    ],
)
def test_what_is_no_image_is_refused(tmp_path, content, words):
    (tmp_path / "sketch.bin").write_bytes(content)
    with pytest.raises(ImageError, match=words):
        Board(tmp_path / "sketch.bin")


def test_an_elf_whose_end_is_missing_is_refused(monitor_elf):
    content = monitor_elf.read_bytes()
    with pytest.raises(ImageError, match=r"is a damaged ELF \(its end is missing\): build the sketch again"):
        Board(content[: content.index(b"\x00\x80\x00\x20") + 300])


def test_an_image_larger_than_the_flash_is_refused():
    vectors = (0x2000_8000).to_bytes(4, "little") + (0x2009).to_bytes(4, "little")
    with pytest.raises(
        DoesNotFitError, match="has 253,960 B, and the Arduino MKR Zero has 253,952 B of flash"
    ):
        Board(vectors + bytes(MKR_ZERO.flash_bytes))


def test_another_chip_is_refused(monitor_elf):
    with pytest.raises(ImageError, match="not simulated"):
        Board(monitor_elf, BOARDS["pico"])


def test_the_led_and_serial1_are_where_each_board_has_them(monitor):
    for base, bit in ((0x4100_4480, 1 << 8), (0x4100_4400, 1 << 17)):
        monitor.write(base + 0x08, bit)
        monitor.write(base + 0x18, bit)
    assert monitor.board.leds == {"LED_BUILTIN": True}
    monitor.write(0x4100_4494, 1 << 8)
    assert monitor.board.leds == {"LED_BUILTIN": False}


def test_a_stack_over_the_variables_is_a_fault(monitor):
    code = 0x3_0000
    monitor.put(code, 0xF7FF_B500, 0xFFFD)  # PUSH {LR}, then BL to itself
    with pytest.raises(BoardFault, match="its stack grows to"):
        monitor.ask("c", code | 1)
    assert monitor.board.stack_used > 30_000


@pytest.mark.parametrize(
    ("symbol", "plain"),
    [
        ("main", "main"),
        ("_ZN14USBDeviceClass4initEv", "USBDeviceClass::init"),
        ("_Z4loopv", "loop"),
        ("_ZNK4Uart9availableEv", "Uart::available"),
        ("_ZTV4Uart", "_ZTV4Uart"),
    ],
)
def test_names_of_cpp_are_shown_without_their_arguments(symbol, plain):
    assert plain_name(symbol) == plain


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_elf_runs_or_is_refused(monitor_elf, seed):
    rng, content = random.Random(seed), monitor_elf.read_bytes()
    for _ in range(8):
        damaged = bytearray(content[: rng.choice([len(content), rng.randrange(len(content))])])
        for _ in range(rng.choice([1, 5, 30])):
            damaged[rng.choice([rng.randrange(64), rng.randrange(len(damaged))]) % len(damaged)] = (
                rng.randrange(256)
            )
        with suppress(BoardError, DoesNotFitError):
            board = Board(bytes(damaged))
            board.run_until(seconds=0.001)
            assert isinstance(board.symbols, dict)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(ImageError, match=r"sketch\.elf: cannot be read \(No such file"):
        Board(tmp_path / "sketch.elf")
