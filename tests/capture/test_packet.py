"""Recording: columns, dense views, slices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import LabelSpan, Packet, Recording

PACKETS = st.lists(
    st.builds(
        Packet,
        timestamp_ns=st.integers(0, 2**62),
        endpoint=st.integers(0x80, 0x8F),
        data=st.binary(min_size=1, max_size=12),
    ),
    max_size=20,
)


@given(PACKETS)
def test_columns_give_the_packets_back(packets):
    recording = Recording.from_packets(packets)
    assert list(recording.packets()) == packets
    assert recording.lengths.tolist() == [len(packet.data) for packet in packets]


@given(PACKETS, st.integers(0, 12))
def test_reports_are_the_packets_of_that_width(packets, width):
    reports = Recording.from_packets(packets).reports(width)
    wanted = [packet.data for packet in packets if len(packet.data) == width]
    assert reports.shape == (len(wanted), width)
    assert [row.tobytes() for row in reports] == wanted


@given(PACKETS, st.integers(-25, 25), st.integers(-25, 25))
def test_slice_takes_what_a_list_slice_takes(packets, start, stop):
    recording = Recording.from_packets(packets, name="n").slice(start, stop)
    assert list(recording.packets()) == packets[start:stop]
    assert recording.offsets[0] == 0
    assert recording.name == "n"


def test_reports_of_equal_width_are_a_view():
    recording = Recording.from_packets([Packet(i, 0x81, bytes(8)) for i in range(4)])
    assert np.shares_memory(recording.reports(8), recording.payload)


def test_slice_moves_labels_with_the_packets():
    seconds = [Packet(s * 10**9, 0x81, b"x") for s in range(10)]
    spans = (LabelSpan(0, 2, "a"), LabelSpan(3, 6, "b"), LabelSpan(0, float("inf"), "all"))
    recording = Recording.from_packets(seconds, labels=spans).slice(4, 8)
    assert recording.labels == (LabelSpan(0, 2, "b"), LabelSpan(0, float("inf"), "all"))
    assert recording.duration_s == 3
