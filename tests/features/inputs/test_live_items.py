"""Items as packets come are those that a pipeline reads of the whole recording."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import DeviceIdentity, Packet, Recording, encode_frames
from zerotap.errors import FeatureError
from zerotap.features.inputs.interface import Input
from zerotap.features.inputs.live_items import HEAD_LINES, LiveItems
from zerotap.features.inputs.registry import INPUTS, input_named
from zerotap.features.inputs.sensor_numbers import Numbers

FILE = DeviceIdentity(product="a file")
BOARD = DeviceIdentity(0x2341, 0x804F, 1, 2)
EXACT = Input(Numbers((2,)), is_timed=True)


def packets_of(data: bytes, places: list[int]) -> list[Packet]:
    """Bytes cut at places modulo their length, a packet a millisecond."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    pieces = pairwise(edges)
    return [Packet(n * 1_000_000, 0x83, data[at:to]) for n, (at, to) in enumerate(pieces)]


def live(source: Input, row_bytes: int, packets: list[Packet], device: DeviceIdentity) -> np.ndarray:
    items = LiveItems(source, row_bytes, device)
    return np.concatenate([*map(items.take, packets), items.restart()])


def whole(source: Input, row_bytes: int, packets: list[Packet], device: DeviceIdentity) -> np.ndarray:
    return source.items(Recording.from_packets(packets, device), row_bytes)


@pytest.mark.parametrize("name", [name for name in INPUTS if "frames" not in name and "numbers" not in name])
def test_rows_of_packets(name):
    rng = np.random.default_rng(1)
    packets = [
        Packet(5_000_000 + n * 1_500_000, 0x81, rng.bytes(int(rng.choice([8, 8, 4])))) for n in range(30)
    ]
    source = input_named(name)
    given_live = live(source, 8, packets, BOARD)
    assert np.array_equal(given_live, whole(source, 8, packets, BOARD)) and len(given_live) > 10


@given(st.integers(1, 40), st.integers(1, 3), st.booleans(), st.lists(st.integers(0, 9999), max_size=30))
def test_binary_frames_however_packets_divide_them(count, channels, is_still, places):
    values = np.random.default_rng(count).integers(-32768, 32767, (count, channels), np.int16)
    if is_still:
        values[:] = 0
    packets = packets_of(encode_frames(values), places)
    source = input_named("timed_frames")
    given_live = live(source, 2 * channels, packets, BOARD)
    assert np.array_equal(given_live, whole(source, 2 * channels, packets, BOARD))
    assert np.array_equal(source.untimed(given_live), values)


@given(
    st.integers(1, 150),
    st.sampled_from([b"", b"MPU6050 found\n", b"x,y\n"]),
    st.sampled_from([BOARD, FILE]),
    st.lists(st.integers(0, 9999), max_size=30),
)
def test_lines_of_numbers_however_packets_divide_them(count, told, device, places):
    values = np.random.default_rng(count).integers(-900, 900, (count, 2)) / 100
    lines = b"".join(b"%.2f,%.2f\n" % (x, y) for x, y in values)
    packets = packets_of(told + lines, places)
    given_live = live(EXACT, 8, packets, device)
    assert np.array_equal(given_live, whole(EXACT, 8, packets, device))


@given(st.integers(1, 90), st.lists(st.integers(0, 9999), max_size=30))
def test_numbers_may_be_binary_frames(count, places):
    values = np.random.default_rng(count).integers(-300, 300, (count, 2), np.int16)
    packets = packets_of(encode_frames(values), places)
    assert np.array_equal(live(EXACT, 8, packets, BOARD), whole(EXACT, 8, packets, BOARD))


def test_once_a_stream_is_known_a_line_is_an_item_at_once():
    source, items = Input(Numbers((0,))), LiveItems(Input(Numbers((0,))), 4, FILE)
    line = [Packet(n * 1_000_000, 0x83, b"%d\n" % n) for n in range(HEAD_LINES + 3)]
    counts = [len(items.take(packet)) for packet in line]
    assert counts == [*[0] * (HEAD_LINES - 1), HEAD_LINES, 1, 1, 1]
    assert source.dtype == "int32"
    slow = LiveItems(source, 4, FILE)
    assert [len(slow.take(Packet(n * 1_100_000_000, 0x83, b"%d\n" % n))) for n in range(3)] == [0, 0, 3]


def test_after_a_gap_times_count_anew_and_half_a_frame_is_dropped():
    sent = encode_frames(np.arange(4, dtype=np.int16)[:, None])
    items = LiveItems(input_named("timed_frames"), 2, BOARD)
    assert items.take(Packet(7_000_000, 0x83, sent[:10])).tolist() == [[0, 0, 0]]
    assert not len(items.restart())
    assert items.take(Packet(90_000_000, 0x83, sent[10:])).tolist() == [[0, 0, 2], [0, 0, 3]]
    assert items.take(Packet(95_000_000, 0x83, sent[:7])).tolist() == [[5, 0, 0]]


def test_another_number_of_channels_is_told_at_first_and_later_passed_over():
    wrong, right = encode_frames(np.zeros((3, 3), np.int16)), encode_frames(np.ones((3, 2), np.int16))
    items = LiveItems(input_named("frames"), 4, BOARD)
    with pytest.raises(FeatureError, match="frames of 3 channels, not of 2"):
        items.take(Packet(0, 0x83, wrong))
    items.restart()
    assert len(items.take(Packet(1, 0x83, right))) == 3
    assert len(items.take(Packet(2, 0x83, wrong))) == 0
    lines = LiveItems(Input(Numbers((0,))), 4, BOARD)
    with pytest.raises(FeatureError, match="numbers of 2 channels, not of 1"):
        lines.take(Packet(0, 0x83, b"1,2\n" * 70))
