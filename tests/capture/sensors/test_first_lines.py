"""A first line that is whole by evidence is a sample; one that lost its beginning never is."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zerotap.capture import DeviceIdentity, Packet, Recording, frame_recording
from zerotap.capture.sensors.first_lines import LEAST_AFTER, is_plainly_whole

BOARD = DeviceIdentity(0x0403, 0x6001, 1, 5, "FTDI", "FT232R USB UART")
RAMP = [b"%.2f,%d,%d" % (n / 2, -n, n % 7) for n in range(50)]


def stream_of(chunks):
    return frame_recording(
        Recording.from_packets([Packet(n * 10**7, 0x82, data) for n, data in enumerate(chunks)], BOARD),
        "text",
    )


def test_a_line_a_packet_from_the_first_one_on_loses_none():
    stream = stream_of(line + b"\r\n" for line in RAMP)
    assert (len(stream), stream.lost_frames, stream.dropped_bytes) == (50, 0, 0)
    assert stream.values[0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("start", [0, 3, 20, 40])
@pytest.mark.parametrize("cut", [1, 2, 3, 4])
def test_what_lost_its_beginning_is_dropped(start, cut):
    lines = RAMP[start:]
    stream = stream_of([lines[0][cut:] + b"\r\n", *(line + b"\r\n" for line in lines[1:])])
    assert stream.values.tolist() == [list(map(float, line.split(b","))) for line in lines[1:]]


@given(st.lists(st.integers(-3000, 3000), min_size=2 + LEAST_AFTER, max_size=40), st.data())
def test_no_number_that_was_cut_is_taken_for_another(values, data):
    steps = [abs(after - before) for before, after in pairwise(values)]
    assume(steps[0] <= max(steps[1:]))  # the sender goes on as it began
    lines = [b"%d,7" % value for value in values]
    cut = data.draw(st.integers(0, len(str(values[0])) - 1))
    if is_plainly_whole([lines[0][cut:], *lines[1:]]):
        assert int(lines[0][cut:].split(b",")[0]) == values[0]


@pytest.mark.parametrize(
    "values", [[512] * 20, list(range(100, 120)), [-5] * 20, [1000 + n % 3 for n in range(20)]]
)
def test_what_goes_on_evenly_is_whole(values):
    assert is_plainly_whole([b"%d %d" % (value, n) for n, value in enumerate(values)])


@pytest.mark.parametrize(
    "lines",
    [
        [b"12"] * LEAST_AFTER,  # too few
        [b"5,1"] + [b"%d,1" % (n * 37 % 100) for n in range(20)],  # 45 would do as well
        [b"5"] + [b"-5", b"5"] * 9,
        [b".5"] + [b"0.5"] * 9,
        [b"5"] + [b"0.5"] * 9,
        [b"-5"] + [b"1e-5"] * 9,
        [b"5"] + [b"5,1"] * 9,
        [b"a b"] + [b"1 2"] * 9,
        [b"1 2"] * 3 + [b"ready"] + [b"1 2"] * 9,
    ],
)
def test_what_may_have_been_another_is_not(lines):
    assert not is_plainly_whole(lines)


def test_packets_that_do_not_end_with_lines_are_no_evidence():
    text = b"".join(line + b"\n" for line in RAMP)
    stream = stream_of([text[:33], text[33:]])
    assert (len(stream), stream.lost_frames) == (49, 1)
    assert np.array_equal(stream.values[0], [0.5, -1, 1])
