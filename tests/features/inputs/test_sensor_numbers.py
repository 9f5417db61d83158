"""Numbers: what unit a channel is counted in, and that nothing is lost by it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording, encode_frames
from zerotap.errors import FeatureError
from zerotap.features.inputs.registry import input_of
from zerotap.features.inputs.sensor_numbers import DECIMALS_MOST, Numbers, measured_decimals


def sent_as_text(*lines: str) -> Recording:
    packets = [Packet(n * 10**7, 0x83, f"{line}\r\n".encode()) for n, line in enumerate(lines)]
    return replace(Recording.from_packets(packets, name="told"), transfer="bulk")


@pytest.mark.parametrize(
    ("column", "decimals"),
    [
        ([0.98, -0.5, 1.25], 2),
        ([0, 0, 0], 0),
        ([512, 1023], 0),
        ([101325.12, 101325.07], 2),
        ([5e9, -7e9], -1),
        ([1.5e12, 0], -4),
        ([1e-7, 3e-7], 7),
        ([0.1234567891, 0.9], 7),  # finer than int16 tells apart
        ([1e300, 0], -291),
        ([1e-320, 0], DECIMALS_MOST),
        ([float("inf"), 0.5], 1),
    ],
)
def test_decimals_are_those_that_were_written_as_far_as_they_are_needed(column, decimals):
    assert measured_decimals(np.array(column, np.float64)[:, None]) == (decimals,)


def test_channels_that_differ_have_each_their_own():
    assert measured_decimals(np.array([[0.5, 100], [0.25, 3]])) == (2, 0)
    assert measured_decimals(np.array([[0.5, 1.75], [0.25, 3]])) == (2,)


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-99, 99)), min_size=2, max_size=20))
def test_what_was_written_with_three_decimals_comes_back_exactly(rows):
    values = np.array(rows) / 1000
    counts = Numbers((3,)).counted(values)
    assert counts.dtype == np.int32
    assert counts.tolist() == [list(row) for row in rows]
    assert [f"{value:.3f}" for value in (counts / 1000).ravel()] == [f"{v:.3f}" for v in values.ravel()]


def test_what_int32_does_not_hold_is_clipped():
    values = np.array([[1e300], [-np.inf], [3e9], [float("nan")]])
    assert Numbers((0,)).counted(values).ravel().tolist() == [2**31 - 1, -(2**31), 2**31 - 1, 0]


def test_text_and_frames_of_one_sensor_give_the_same():
    samples = np.array([[1, -2], [300, 4], [5, -600]], np.int16)
    text = sent_as_text("x,y", *(f"{x},{y}" for x, y in samples.tolist()))
    framed = Recording.from_packets([Packet(0, 0x83, encode_frames(samples))])
    for recording in (text, framed):
        assert Numbers().read(recording, 8)[1].tolist() == samples.tolist()


def test_another_number_of_channels_is_named():
    with pytest.raises(FeatureError, match=r"told has numbers of 2 channels, not of 3: .* report_bytes to 8"):
        Numbers().read(sent_as_text("x,y", "1,2", "3,4"), 12)


def test_lines_of_numbers_from_a_serial_port_are_recognised_and_those_of_no_port_are_not():
    text = sent_as_text("x,y", "1,2", "3,4")
    found, row_bytes = input_of(text)
    assert (found.name, row_bytes) == ("numbers", 8)
    assert input_of(replace(text, transfer="interrupt"))[0].name == "reports"
