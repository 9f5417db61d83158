"""USB as a host: the test is the sketch, register by register, and a keyboard is plugged in."""

import struct

import numpy as np
import pytest

from zerotap.capture import US, press_events
from zerotap.errors import CaptureError
from zerotap.firmware.simulation.board import Board

USB, GCLK = 0x4100_5000, 0x4000_0C00
TABLE, BUFFERS = 0x2000_4000, 0x2000_4400
CONNECTED, RESET_DONE = 0x100, 8
SETUP, IN, OUT = 0, 1, 2
DONE, ERROR, SETUP_DONE, STALLED = 1, 8, 0x10, 0x20
FROZEN, FULL = 0x10, 0x40


class Host:
    """A host of two pipes, whose firmware is this test."""

    def __init__(self, monitor) -> None:
        self.monitor, self.board = monitor, monitor.board
        self.address = 0
        monitor.write(GCLK + 2, 6 | 1 << 14, 2)
        monitor.write(USB, 0x82, 1)
        monitor.write(USB + 0x24, TABLE)
        monitor.write(USB + 8, 1 << 10, 2)
        self.wait("h", USB + 0x1C, CONNECTED)
        monitor.write(USB + 8, 1 << 10 | 1 << 9, 2)
        self.wait("h", USB + 0x1C, RESET_DONE)
        monitor.write(USB + 8, 1 << 10 | 1 << 8, 2)

    def wait(self, command: str, address: int, bits: int, tries: int = 500) -> int:
        for _ in range(tries):
            if (value := self.monitor.ask(command, address)) & bits:
                return value
        raise AssertionError(f"{address:#x} never had {bits:#x}")

    def transact(self, pipe: int, kind: int, token: int, data: bytes = b"", tries: int = 500) -> bytes | int:
        """What the device sends, or the flag of an error."""
        base, write = USB + 0x100 + 32 * pipe, self.monitor.write
        self.board.write_memory(BUFFERS, data)
        self.monitor.put(TABLE + 32 * pipe, BUFFERS, 3 << 28 | len(data), 0, self.address | pipe << 8)
        write(base, kind << 3 | token, 1)
        write(base + 7, 0x7F, 1)
        write(base + (4 if token == IN else 5), FULL, 1)
        write(base + 4, FROZEN, 1)
        flags = self.wait("b", base + 7, 0x7F, tries)
        if flags & (ERROR | STALLED):
            return flags
        return self.board.read_memory(BUFFERS, self.monitor.seen(TABLE + 32 * pipe + 4) & 0x3FFF)

    def control(self, *request: int) -> bytes | int:
        assert self.transact(0, 1, SETUP, struct.pack("<BBHHH", *request)) == struct.pack("<BBHHH", *request)
        reply = b""
        while request[0] & 0x80 and len(reply) < request[4]:
            part = self.transact(0, 1, IN)
            if isinstance(part, int):
                return part
            reply += part
            if len(part) < 8:
                break
        assert self.transact(0, 1, OUT if request[0] & 0x80 else IN) == b""
        return reply

    def configure(self) -> None:
        self.control(0x00, 5, 3, 0, 0)
        self.address = 3
        self.control(0x00, 9, 1, 0, 0)


@pytest.fixture(scope="module")
def host(new_monitor) -> Host:
    """A host, as the tests before have left it: with an address only after one that configures."""
    return Host(new_monitor())


@pytest.fixture
def configured(monitor) -> Host:
    made = Host(monitor)
    made.configure()
    return made


def test_the_keyboard_says_what_it_is(host):
    device = host.control(0x80, 6, 0x100, 0, 18)
    assert struct.unpack_from("<BBHBBBBHH", device) == (18, 1, 0x110, 0, 0, 0, 8, 0x1209, 0x0001)
    head = host.control(0x80, 6, 0x200, 0, 9)
    configuration = host.control(0x80, 6, 0x200, 0, struct.unpack_from("<H", head, 2)[0])
    assert len(configuration) == configuration[2] == 34
    assert configuration[14:17] == bytes((3, 1, 1))  # HID, boot, keyboard
    assert configuration[27:] == struct.pack("<BBBBHB", 7, 5, 0x81, 3, 8, 10)
    assert len(host.control(0x81, 6, 0x2200, 0, 255)) == configuration[25] == 63
    assert host.control(0x80, 6, 0x302, 0, 255)[2:].decode("utf-16-le") == "Scripted keyboard"


def test_what_the_keyboard_does_not_have_it_refuses(host):
    assert host.control(0x80, 6, 0x600, 0, 10) == STALLED


def test_nobody_answers_at_another_address(host):
    address, host.address = host.address, 9
    assert host.transact(0, 1, SETUP, bytes(8)) == ERROR
    assert host.monitor.seen(TABLE + 12) >> 16 & 8  # timed out
    assert host.monitor.ask("b", USB + 0x106) & FROZEN
    host.address = address


def test_what_is_typed_comes_as_reports(configured):
    keyboard = configured.board.usb.keyboard
    assert keyboard.is_configured
    keyboard.play([(0.0, b"\2\0\0\0\0\0\0\0"), (0.01, b"\2\0\4\0\0\0\0\0"), (0.01, bytes(8))])
    reports = []
    while keyboard.waiting:
        reports.append(configured.transact(1, 4, IN))
    assert [each.data for each in keyboard.packets] == reports
    assert {each.endpoint for each in keyboard.packets} == {0x81}
    times = [each.timestamp_ns for each in keyboard.packets]
    assert times == sorted(times)
    assert times[-1] <= configured.board.seconds * 1e9


def test_without_a_report_the_pipe_waits(configured):
    configured.monitor.write(USB + 0x123, 10, 1)
    with pytest.raises(AssertionError, match="never had"):
        configured.transact(1, 4, IN, tries=20)
    assert configured.monitor.seen(TABLE + 32 + 8) >> 16 & 2  # it was answered NAK
    configured.board.usb.keyboard.play([(0.0, b"\0\0\4\0\0\0\0\0")])
    assert configured.wait("b", USB + 0x127, DONE) == DONE
    assert configured.board.read_memory(BUFFERS, 8) == b"\0\0\4\0\0\0\0\0"


def test_an_image_of_a_host_boots_and_reads_what_is_typed(keyboard_elf):
    board = Board(keyboard_elf)
    board.usb.keyboard.type("Hi")
    assert board.run_until(lambda: not board.usb.keyboard.waiting, seconds=5)
    board.run_until(seconds=0.01)
    lines = board.uart.received.decode().splitlines()
    assert [bytes.fromhex(line) for line in lines] == [each.data for each in board.usb.keyboard.packets]
    presses = press_events(np.array([list(each.data) for each in board.usb.keyboard.packets], np.uint8))
    assert presses.usages.tolist() == [US.strokes[key].usage for key in "Hi"]


def test_a_character_of_no_key_is_refused(monitor):
    with pytest.raises(CaptureError, match="'ж' is on no key"):
        monitor.board.usb.keyboard.type("aж")


def test_a_reset_of_the_bus_forgets_the_address(configured):
    configured.monitor.write(USB + 0x1C, RESET_DONE, 2)
    configured.monitor.write(USB + 8, 1 << 10 | 1 << 9, 2)
    configured.wait("h", USB + 0x1C, RESET_DONE)
    assert not configured.board.usb.keyboard.is_configured
    configured.address = 0
    assert len(configured.control(0x80, 6, 0x100, 0, 18)) == 18
