"""zstd besides gzip: as it was before it was packed; what is cut or damaged is refused, bombs are bounded."""

import struct
import tracemalloc

import pytest
import zstandard

from zerotap.capture import read_recordings
from zerotap.capture.files import packing
from zerotap.errors import CaptureError


def usbmon(data):
    fields = (1, ord("C"), 1, 0x81, 5, 2, b"-\0", 9, 9, 0, len(data), len(data), bytes(8))
    return struct.pack("<Q4BH2sqiiII8s", *fields) + bytes(16) + data


def pcap(frames):
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 220)]
    parts += [struct.pack("<IIII", 1, n, len(frame), len(frame)) + frame for n, frame in enumerate(frames)]
    return b"".join(parts)


CAPTURE = pcap(usbmon(bytes([n % 251, n // 251] * 4)) for n in range(900))
TEXT = b"".join(b"ffff88 %d C Ii:1:005:1 0:8 1 = %02x\n" % (n, n % 256) for n in range(5000))


def write(tmp_path, content):
    path = tmp_path / "a.zst"
    path.write_bytes(content)
    return path


def streamed(content):
    """Without the size in its header, as a pipe is packed."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    "packed",
    [
        zstandard.compress(CAPTURE),
        zstandard.compress(CAPTURE, 19),
        streamed(CAPTURE),
        zstandard.compress(CAPTURE[:1000]) + streamed(CAPTURE[1000:]),
        zstandard.ZstdCompressor(write_checksum=True).compress(CAPTURE),
    ],
    ids=["whole", "level 19", "streamed", "two frames", "checksum"],
)
def test_it_reads_as_before_it_was_packed(packed, tmp_path):
    (recording,) = read_recordings(write(tmp_path, packed))
    (plain,) = read_recordings(write(tmp_path, CAPTURE))
    assert len(recording) == 900 and recording.payload.tobytes() == plain.payload.tobytes()


def test_text_may_be_packed_too(tmp_path):
    (recording,) = read_recordings(write(tmp_path, zstandard.compress(TEXT)))
    assert len(recording) == 5000


def test_a_file_that_is_cut_or_damaged_is_refused(tmp_path):
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(CAPTURE)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 0x55
    for content in (packed[:-1], packed[: len(packed) // 2], packed[:5], bytes(damaged), packed + b"more"):
        with pytest.raises(CaptureError, match=r"a\.zst: not a whole zstd file"):
            read_recordings(write(tmp_path, content))


def test_what_is_in_it_is_named(tmp_path):
    with pytest.raises(CaptureError, match="Total Phase Data Center"):
        read_recordings(write(tmp_path, zstandard.compress(b"TPDC" + bytes(99))))
    with pytest.raises(CaptureError, match="empty"):
        read_recordings(write(tmp_path, zstandard.compress(b"")))


@pytest.mark.parametrize("make", [zstandard.compress, streamed])
def test_a_bomb_does_not_fill_the_memory(make, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "MOST_UNPACKED_BYTES", 12 << 20)
    bomb = make(CAPTURE + bytes(1 << 30))
    path = write(tmp_path, bomb)
    tracemalloc.start()
    with pytest.raises(CaptureError, match="unpacks to more than"):
        read_recordings(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_a_window_beyond_all_measure_is_refused(tmp_path):
    header = bytes([0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3])  # a window of 2 GiB
    with pytest.raises(CaptureError, match="not a whole zstd file"):
        read_recordings(write(tmp_path, header + bytes(99)))
