"""Packets as a USB analyser captures them, for tests: checksums bit by bit, as the specification has them."""

import struct

OUT, IN, SOF, SETUP, PING, SPLIT = 0xE1, 0x69, 0xA5, 0x2D, 0xB4, 0x78
DATA0, DATA1, ACK, NAK, STALL, NYET = 0xC3, 0x4B, 0xD2, 0x5A, 0x1E, 0x96
START_S, STEP_NS = 1_700_000_000, 3_000


def crc(bits, width, polynomial):
    """USB 2.0, section 8.3.5: the register begins with ones; its inverse is sent, the highest bit first."""
    register, ones = (1 << width) - 1, (1 << width) - 1
    for bit in bits:
        differs = (register >> (width - 1)) ^ bit
        register = (register << 1 & ones) ^ (polynomial if differs else 0)
    return [(register ^ ones) >> place & 1 for place in reversed(range(width))]


def _bits(value, count):
    return [value >> place & 1 for place in range(count)]


def _packed(bits):
    return bytes(sum(bit << n for n, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))


def token(pid, address, endpoint):
    bits = _bits(address, 7) + _bits(endpoint, 4)
    return bytes([pid]) + _packed(bits + crc(bits, 5, 0b00101))


def split(complete, kind, hub=3, port=2):
    bits = [*_bits(hub, 7), int(complete), *_bits(port, 7), 0, 0, *_bits(kind, 2)]
    return bytes([SPLIT]) + _packed(bits + crc(bits, 5, 0b00101))


def data(pid, content):
    bits = [bit for octet in content for bit in _bits(octet, 8)]
    return bytes([pid]) + content + _packed(crc(bits, 16, 0x8005))


def sof(number):
    return token(SOF, number & 0x7F, number >> 7 & 0xF)


def handshake(pid):
    return bytes([pid])


def poll_in(address, endpoint, pid, content):
    return [token(IN, address, endpoint), data(pid, content), handshake(ACK)]


def send(address, endpoint, pid, content, answer=ACK, kind=OUT):
    return [token(kind, address, endpoint), data(pid, content), handshake(answer)]


def nak(address, endpoint):
    return [token(IN, address, endpoint), handshake(NAK)]


def control_in(address, setup, content, packet_bytes=8):
    """A control transfer that reads: setup, data in packets, status."""
    packets, toggle = send(address, 0, DATA0, setup, kind=SETUP), DATA1
    for at in range(0, len(content), packet_bytes):
        packets += nak(address, 0) + poll_in(address, 0, toggle, content[at : at + packet_bytes])
        toggle = DATA0 if toggle == DATA1 else DATA1
    return packets + send(address, 0, DATA1, b"")


def control_out(address, setup, content=b""):
    packets = send(address, 0, DATA0, setup, kind=SETUP)
    if content:
        packets += send(address, 0, DATA1, content)
    return packets + poll_in(address, 0, DATA1, b"")


def pcap(packets, link_type=288, step_ns=STEP_NS):
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, link_type)]
    for number, packet in enumerate(packets):
        time_ns = number * step_ns
        record = (START_S + time_ns // 10**9, time_ns % 10**9, len(packet), len(packet))
        parts += [struct.pack("<IIII", *record), packet]
    return b"".join(parts)
