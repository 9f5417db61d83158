"""Records of a classic pcap file are found where a plain loop finds them, whatever their lengths."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.capture.files.pcap_files.pcap import read_pcap

lengths = st.one_of(st.integers(27, 90), st.sampled_from([27, 255, 256, 511, 512, 65_600]))
runs = st.lists(
    st.tuples(st.lists(lengths, min_size=1, max_size=4), st.integers(1, 90)), min_size=1, max_size=6
)


def capture(sizes, order, cut=0):
    parts = [struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 249)]
    parts += [struct.pack(f"{order}IIII", 1, 2, size, size) + bytes(size) for size in sizes]
    content = b"".join(parts)
    return content[: len(content) - cut]


def looped(content, order):
    at, starts = 24, []
    while at + 16 <= len(content):
        size = struct.unpack_from(f"{order}8xI", content, at)[0]
        if at + 16 + size > len(content):
            break
        starts.append(at + 16)
        at += 16 + size
    return starts, len(content) - at


@settings(deadline=None, max_examples=60)
@given(runs, st.sampled_from("<>"), st.integers(0, 60))
def test_as_a_plain_loop(drawn, order, cut):
    sizes = [size for pattern, count in drawn for size in pattern * count][:2000]
    content = capture(sizes, order, cut)
    found = read_pcap(content, Path("c"))
    starts, lost = looped(content, order)
    assert found.frames[0].offsets.tolist() == starts
    assert (found.tear.lost_bytes if found.tear else 0) == lost


@pytest.mark.parametrize("size", [255, 256, 300])
def test_lengths_of_more_than_a_byte(size):
    sizes = [27 + n * 7 % 31 for n in range(700)] + [size] + [27 + n * 5 % 23 for n in range(300)]
    content = capture(sizes, "<")
    assert read_pcap(content, Path("c")).frames[0].lengths.tolist() == sizes
