"""Clocks, pins and their interrupts, the ADC, the flash's controller: by a sketch's own reads and writes."""

import pytest

from zerotap.errors import BoardError
from zerotap.firmware.simulation.board import BoardFault

PORTA, PORTB, IOBUS = 0x4100_4400, 0x4100_4480, 0x6000_0000
DIRSET, OUT, OUTCLR, OUTSET, OUTTGL, IN, WRCONFIG, PMUX, PINCFG = (
    0x08,
    0x10,
    0x14,
    0x18,
    0x1C,
    0x20,
    0x28,
    0x30,
    0x40,
)
EIC, ADC, NVMCTRL, GCLK = 0x4000_1800, 0x4200_4000, 0x4100_4000, 0x4000_0C00
ISER = 0xE000_E100


def test_outputs_are_seen_outside(monitor):
    monitor.write(PORTB + DIRSET, 1 << 8)
    monitor.write(PORTB + OUTSET, 1 << 8)
    monitor.write(PORTB + OUTTGL, 1 << 8 | 1 << 9)
    monitor.write(IOBUS + 0x80 + OUTSET, 1 << 8)
    assert monitor.board.pins.outputs == {"PB08": True}
    changes = monitor.board.pins.changes
    assert [(each.pin, each.level) for each in changes] == [
        ("PB08", level) for level in (False, True, False, True)
    ]
    assert [each.cycle for each in changes] == sorted(each.cycle for each in changes)
    assert monitor.word(PORTB + OUT) == 1 << 8 | 1 << 9
    assert monitor.word(PORTB + IN) == 1 << 8


def test_inputs_read_what_drives_them_or_their_pull(monitor):
    monitor.write(PORTA + PINCFG + 10, 0b110, 1)
    assert monitor.word(PORTA + IN) == 0
    monitor.write(PORTA + OUTSET, 1 << 10)
    assert monitor.word(PORTA + IN) == 1 << 10
    monitor.board.pins.drive("PA10", False)
    monitor.board.pins.drive("PA31", True)
    assert monitor.word(IOBUS + IN) == 1 << 31
    monitor.board.pins.drive("PA10", None)
    assert monitor.word(PORTA + IN) == 1 << 31 | 1 << 10
    with pytest.raises(BoardError, match="no pin 'PC01'"):
        monitor.board.pins.drive("PC01", True)


def test_several_pins_are_configured_at_once(monitor):
    upper, pins, settings = 1 << 31, 1 << 4 | 1 << 5, 1 << 30 | 1 << 28 | 3 << 24 | 1 << 16
    monitor.write(PORTB + WRCONFIG, upper | settings | pins)
    assert monitor.ask("h", PORTB + PINCFG + 20) == 0x0101
    assert monitor.ask("b", PORTB + PMUX + 10) == 0x33


def test_a_part_of_a_register_keeps_the_rest(monitor):
    monitor.write(PORTA + OUT, 0x1234_5678)
    monitor.write(PORTA + OUT + 1, 0xFF, 1)
    assert monitor.word(PORTA + OUT) == 0x1234_FF78
    monitor.write(PORTA + OUTCLR + 2, 0x0034, 2)
    assert monitor.word(PORTA + OUT) == 0x1200_FF78


def listen(monitor, sense: int) -> None:
    """PA10, given to the EIC, whose line 10 waits for ``sense``."""
    monitor.write(PORTA + PMUX + 5, 0x00, 1)
    monitor.write(PORTA + PINCFG + 10, 0b011, 1)
    monitor.write(EIC + 0x1C, sense << 8)
    monitor.write(EIC + 0x0C, 1 << 10)
    monitor.write(EIC, 2, 1)
    monitor.write(ISER, 1 << 4)


@pytest.mark.parametrize(("sense", "edges"), [(1, "r"), (2, "f"), (3, "rf")])
def test_edges_ask_for_an_interrupt(monitor, sense, edges):
    listen(monitor, sense)
    for level, edge in ((True, "r"), (False, "f")):
        monitor.write(EIC + 0x10, 1 << 10)
        monitor.board.pins.drive("PA10", level)
        assert (monitor.word(EIC + 0x10) == 1 << 10) == (edge in edges)
    assert monitor.variable("taken", 16 + 4) == 1  # its handler disables it


def test_a_level_asks_as_long_as_it_lasts(monitor):
    listen(monitor, 4)
    monitor.board.pins.drive("PA10", True)
    monitor.write(EIC + 0x10, 1 << 10)
    assert monitor.word(EIC + 0x10) == 1 << 10
    monitor.board.pins.drive("PA10", False)
    monitor.write(EIC + 0x10, 1 << 10)
    assert monitor.word(EIC + 0x10) == 0


def start_adc(monitor, control=0x0400, average=0, gain=0xF, reference=2, source=0) -> None:
    monitor.write(GCLK + 2, 30 | 1 << 14, 2)
    monitor.write(ADC + 0x01, reference, 1)
    monitor.write(ADC + 0x02, average, 1)
    monitor.write(ADC + 0x03, 0x3F, 1)
    monitor.write(ADC + 0x04, control, 2)
    monitor.write(ADC + 0x10, source | 0x18 << 8 | gain << 24)
    monitor.write(ADC, 2, 1)


def convert(monitor) -> int:
    monitor.write(ADC + 0x0C, 2, 1)
    monitor.board.run_until(seconds=0.004)
    assert monitor.ask("b", ADC + 0x18) == 1
    value = monitor.ask("h", ADC + 0x1A)
    assert monitor.ask("b", ADC + 0x18) == 0
    return value


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, 3001),
        ({"control": 0x0420}, 3001 >> 2),
        ({"control": 0x0430}, 3001 >> 4),
        ({"control": 0x0410, "average": 4}, 3001 << 4),
        ({"control": 0x0410, "average": 0x44}, 3001),
        ({"control": 0x0410, "average": 6}, 3001 << 4),
        ({"gain": 0, "reference": 2}, 4095),
        ({"gain": 0xF, "reference": 1}, int(3001 * 0.5 * 1.48)),
        ({"source": 10}, 77),
        ({"source": 4}, 0),
    ],
)
def test_the_adc_converts_what_is_on_its_inputs(monitor, settings, code):
    monitor.board.channels.set("A0", 3001)
    monitor.board.channels.set("PB02", 77)
    start_adc(monitor, **settings)
    assert convert(monitor) == code


def test_channels_play_samples_by_the_boards_time(monitor):
    start_adc(monitor)
    monitor.board.channels.play("A0", [10, 20, 30], rate_hz=10, start_s=1.0)
    seen = []
    for second in (0.5, 1.05, 1.15, 1.25, 2.0):
        monitor.board.run_until(seconds=second - monitor.board.seconds)
        seen.append(convert(monitor))
    assert seen == [10, 10, 20, 30, 30]
    with pytest.raises(BoardError, match="no analog input 'A9'"):
        monitor.board.channels.set("A9", 0)
    with pytest.raises(BoardError, match="give samples"):
        monitor.board.channels.play("A1", [], rate_hz=1)


def test_a_conversion_takes_its_time(monitor):
    start_adc(monitor, control=0x0700)  # 93.75 kHz: 32 clocks of sampling and 7 of conversion take 416 us
    monitor.write(ADC + 0x17, 1, 1)
    monitor.write(ISER, 1 << 23)
    assert monitor.variable("taken", 16 + 23) == 0
    monitor.write(ADC + 0x0C, 2, 1)
    begin = monitor.board.cycles
    address = monitor.board.symbols["taken"] + 4 * (16 + 23)
    monitor.board.run_until(lambda: monitor.board.read_memory(address, 4)[0] == 1, seconds=0.1)
    assert 0 < (monitor.board.cycles - begin) / 48_000 < 0.416


@pytest.mark.parametrize(
    ("control", "source", "words"),
    [(0x0401, 0, "of which a mode is not modelled"), (0x0400, 24, "the ADC's input 24")],
)
def test_what_the_adc_does_not_model_is_a_fault(monitor, control, source, words):
    start_adc(monitor, control=control, source=source)
    with pytest.raises(BoardFault, match=words):
        convert(monitor)


def test_a_peripheral_without_its_clock_is_a_fault(monitor):
    monitor.write(ADC, 2, 1)
    with pytest.raises(BoardFault, match="whose clock"):
        monitor.write(ADC + 0x0C, 2, 1)


def test_the_flash_wants_a_wait_state(monitor):
    monitor.write(NVMCTRL + 4, 0)
    with pytest.raises(BoardFault, match=r"at 48,000,000 Hz and the flash without a wait state"):
        monitor.write(GCLK + 4, 0 | 7 << 8 | 1 << 16)


def test_a_uart_wants_the_boards_clock(monitor):
    monitor.write(0x4000_0408, 1, 1)  # the core's divider
    with pytest.raises(BoardFault, match=r"runs at 24,000,000 Hz .* only 48,000,000 Hz"):
        monitor.write(0x4200_1C04, 3 << 16)
        monitor.write(0x4200_1C00, 1 << 2 | 2)


@pytest.mark.parametrize(
    ("control", "baud", "rate"),
    [(0, 63019, 115_219), (1 << 13, 26 | 1 << 13, 114_833), (2 << 13, 0xF62B, 230_500), (0, 65_326, 9_613)],
)
def test_baud_rates(monitor, control, baud, rate):
    sercom = 0x4200_0800
    monitor.write(GCLK + 2, 20 | 1 << 14, 2)
    monitor.write(sercom + 0x0C, baud, 2)
    monitor.write(sercom + 0x04, 3 << 16)
    monitor.write(sercom, 1 << 2 | control | 2)
    assert monitor.board.line("SERCOM0").baud == pytest.approx(rate, rel=0.001)


def test_another_mode_of_a_sercom_is_a_fault(monitor):
    with pytest.raises(BoardFault, match="SERCOM1 in mode 3: only a UART"):
        monitor.write(0x4200_0C00, 3 << 2 | 2)


def test_rows_of_the_flash_are_erased(monitor):
    place = 0x3_0000
    monitor.write(NVMCTRL + 0x1C, place // 2)
    monitor.write(NVMCTRL, 0xA502, 2)
    assert monitor.board.read_memory(place, 256) == b"\xff" * 256
    assert monitor.ask("b", NVMCTRL + 0x14) == 1


@pytest.mark.parametrize(
    ("address", "command", "words"),
    [
        (0x1000, 0xA502, "outside of its own flash"),
        (0x3000, 0xA504, "0x4, which is not"),
        (0, 0x0002, "without its key"),
    ],
)
def test_other_commands_of_the_flash_are_faults(monitor, address, command, words):
    monitor.write(NVMCTRL + 0x1C, address // 2)
    with pytest.raises(BoardFault, match=words):
        monitor.write(NVMCTRL, command, 2)


def test_a_read_only_register_stays_as_it_is(monitor):
    monitor.write(0xE000_ED00, 0)
    assert monitor.word(0xE000_ED00) == 0x410C_C601
