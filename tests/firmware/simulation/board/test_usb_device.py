"""USB as a device: the test is the sketch, register by register, and a computer enumerates it."""

import struct

import pytest

from zerotap.firmware.simulation.board import BoardFault

USB, GCLK, ISER = 0x4100_5000, 0x4000_0C00, 0xE000_E100
TABLE, BUFFERS = 0x2000_4000, 0x2000_4400
RESET_FLAG, SETUP, IN_DONE = 8, 0x10, 2
OUT_FULL, IN_FULL, STALL_IN = 0x40, 0x80, 0x20

DEVICE = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 2, 0, 0, 64, 0x1209, 0x0002, 0x100, 1, 2, 0, 1)
INTERFACES = bytes.fromhex("090400000002020100") + bytes.fromhex("0904010002 0a000000".replace(" ", ""))
ENDPOINTS = struct.pack("<BBBBHB", 7, 5, 0x01, 2, 64, 0) + struct.pack("<BBBBHB", 7, 5, 0x82, 2, 64, 0)
CONFIGURATION = struct.pack("<BBHBBBBB", 9, 2, 41, 2, 1, 0, 0x80, 50) + INTERFACES + ENDPOINTS
PRODUCT = bytes((10, 3)) + "Test".encode("utf-16-le")


class Device:
    """A device of two bulk endpoints, whose firmware is this test."""

    def __init__(self, monitor) -> None:
        self.monitor, self.board = monitor, monitor.board
        self.requests: list[tuple[int, ...]] = []
        monitor.write(GCLK + 2, 6 | 1 << 14, 2)
        monitor.write(USB, 1, 1)
        for number in range(3):
            for bank in range(2):
                place = TABLE + 32 * number + 16 * bank
                monitor.put(place, BUFFERS + 128 * number + 64 * bank, 3 << 28)
        monitor.write(USB + 0x24, TABLE)
        monitor.write(USB, 2, 1)
        monitor.write(USB + 8, 0, 2)
        self.wait(USB + 0x1C, RESET_FLAG)
        monitor.write(USB + 0x1C, RESET_FLAG, 2)
        monitor.write(USB + 0x100, 0x11, 1)
        monitor.write(USB + 0x120, 0x03, 1)
        monitor.write(USB + 0x140, 0x30, 1)

    def wait(self, address: int, bits: int) -> None:
        for _ in range(200):
            if self.monitor.ask("b", address) & bits:
                return
        raise AssertionError(f"{address:#x} never had {bits:#x}")

    def send(self, endpoint: int, data: bytes, flags: int = 0) -> None:
        """Arm an endpoint with bytes, at most 128."""
        self.board.write_memory(BUFFERS + 128 * endpoint + 64, data)
        self.monitor.put(TABLE + 32 * endpoint + 20, 3 << 28 | flags | len(data))
        self.monitor.write(USB + 0x107 + 32 * endpoint, IN_DONE, 1)
        self.monitor.write(USB + 0x105 + 32 * endpoint, IN_FULL, 1)

    def answer(self) -> tuple[int, ...]:
        """Answer one control request."""
        self.wait(USB + 0x107, SETUP)
        request = struct.unpack("<BBHHH", self.board.read_memory(BUFFERS, 8))
        self.requests.append(request)
        self.monitor.write(USB + 0x107, 0x7F, 1)
        self.monitor.write(USB + 0x104, OUT_FULL, 1)
        if request[0] < 0x80 and request[4]:
            self.wait(USB + 0x106, OUT_FULL)
        descriptors = {0x100: DEVICE, 0x200: CONFIGURATION, 0x302: PRODUCT}
        reply = descriptors.get(request[2]) if request[0] == 0x80 else b""
        if reply is None:
            self.monitor.write(USB + 0x105, STALL_IN, 1)
        else:
            self.send(0, reply[: request[4]])
        return request

    def enumerate(self) -> None:
        while not self.board.usb.serial.is_open:
            if self.monitor.ask("b", USB + 0x107) & SETUP:
                self.answer()


def enumerated(monitor) -> Device:
    made = Device(monitor)
    made.enumerate()
    return made


@pytest.fixture(scope="module")
def device(new_monitor) -> Device:
    """An enumerated device, as the tests before have left it."""
    return enumerated(new_monitor())


def test_a_computer_enumerates_it_and_opens_its_port(device):
    found = device.board.usb.serial.found
    assert (found.vendor_id, found.product_id, found.product) == (0x1209, 0x0002, "Test")
    assert (found.interface, found.out_endpoint, found.in_endpoint) == (0, 1, 2)
    # The strings that it stalls are known to be refused, and empty.
    assert {request.value for request in found.refused} == {0x301}
    assert found.manufacturer == ""
    names = [request[:3] for request in device.requests]
    assert names[:3] == [(0x80, 6, 0x100), (0x00, 5, 7), (0x80, 6, 0x100)]
    assert names[-3:] == [(0x00, 9, 1), (0x21, 0x20, 0), (0x21, 0x22, 3)]


def test_bytes_go_both_ways(device):
    serial = device.board.usb.serial
    serial.send(b"ping" * 20)
    device.wait(USB + 0x126, OUT_FULL)
    assert device.monitor.seen(TABLE + 32 + 4) & 0x3FFF == 64
    assert device.board.read_memory(BUFFERS + 128, 64) == b"ping" * 16
    assert serial.waiting == 16
    device.monitor.write(USB + 0x124, OUT_FULL, 1)
    device.wait(USB + 0x126, OUT_FULL)
    assert (device.board.read_memory(BUFFERS + 128, 16), serial.waiting) == (b"ping" * 4, 0)
    device.send(2, b"pong")
    device.wait(USB + 0x147, IN_DONE)
    assert (serial.take(), serial.take()) == (b"pong", b"")


def test_more_than_a_packet_is_cut_into_packets(device):
    data = bytes(range(64))
    device.send(2, data + b"more")
    device.wait(USB + 0x147, IN_DONE)
    device.send(2, data, flags=1 << 31)  # a full packet, and an empty one behind it
    device.wait(USB + 0x147, IN_DONE)
    assert device.board.usb.serial.take() == data + b"more" + data


def test_a_touch_sets_1200_baud_and_drops_dtr(device):
    device.board.usb.serial.touch()
    seen = [device.answer() for _ in range(4)]
    coding = struct.unpack("<I", device.board.read_memory(BUFFERS, 4))[0]
    assert [request[1:3] for request in seen] == [(0x20, 0), (0x22, 3), (0x20, 0), (0x22, 0)]
    assert coding != 0  # the last request has no data: the buffer has its SETUP packet


def test_frames_come_each_millisecond_and_ask_for_interrupts(device):
    frame = device.monitor.ask("h", USB + 0x10) >> 3
    device.board.run_until(seconds=0.1)
    assert 100 <= (device.monitor.ask("h", USB + 0x10) >> 3) - frame <= 103
    device.monitor.write(USB + 0x18, 4, 2)
    device.monitor.write(ISER, 1 << 7)
    assert device.monitor.variable("taken", 16 + 7) == 1


def test_a_device_that_detaches_is_gone(monitor):
    device = enumerated(monitor)
    device.monitor.write(USB + 8, 1, 2)
    assert not device.board.usb.serial.is_open
    device.monitor.write(USB + 8, 0, 2)
    device.wait(USB + 0x1C, RESET_FLAG)


def test_usb_wants_its_clock(monitor):
    with pytest.raises(BoardFault, match="without 48 MHz"):
        monitor.write(USB, 2, 1)


def test_a_bank_outside_of_memory_is_a_fault(monitor):
    device = enumerated(monitor)
    device.monitor.put(TABLE + 32, 0x3000_0000)
    device.board.usb.serial.send(b"lost")
    with pytest.raises(BoardFault, match="4 B are put at 0x30000000"):
        device.board.run_until(seconds=0.01)
