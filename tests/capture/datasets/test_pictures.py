"""The picture of a recording."""

import sys

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot

from zerotap.capture import Event, LabelSpan, Packet, Recording, plot_recording
from zerotap.errors import CaptureError, MissingExtraError


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def recording(seconds: float = 10, labels: tuple[LabelSpan, ...] = ()) -> Recording:
    times = np.linspace(0, seconds * 1e9, 101).astype(np.int64).tolist()
    return Recording.from_packets([Packet(t, 0x81, bytes(8)) for t in times], labels=labels, name="take")


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_area_is_the_recording_s_bytes():
    ax = plot_recording(recording())
    (rate,) = ax.patches
    values, edges, _ = rate.get_data()
    assert (values * np.diff(edges)).sum() == pytest.approx(101 * 8)
    assert edges[[0, -1]].tolist() == [0, 10]
    assert ax.get_legend() is None


def test_the_axes_have_units():
    ax = plot_recording(recording())
    assert ax.get_xlabel() == "time since the first packet (s)"
    assert ax.get_ylabel() == "data rate (bytes/s)"
    assert ax.get_title() == "take: 101 packets"


def test_each_label_is_named_once_and_ends_with_the_recording():
    spans = (LabelSpan(0, 2, "calm"), LabelSpan(3, 3, "sneeze"), LabelSpan(6, float("inf"), "calm"))
    ax = plot_recording(recording(labels=spans))
    assert legend(ax) == ["calm", "sneeze (point)"]
    bands = [(patch.get_x(), patch.get_width()) for patch in ax.patches if hasattr(patch, "get_width")]
    assert bands == [(0, 2), (6, pytest.approx(4))]


def test_gaps_are_marked():
    whole = recording()
    cut = Recording(
        whole.timestamps_ns, whole.endpoints, whole.payload, whole.offsets,
        events=(Event(4_000_000_000, "gap"), Event(5_000_000_000, "failed")),
    )  # fmt: skip
    ax = plot_recording(cut)
    assert legend(ax) == ["gap"]
    assert [line.get_xdata()[0] for line in ax.lines] == [4]


def test_packets_that_came_all_at_once_are_drawn():
    at_once = Recording.from_packets([Packet(5, 0x81, b"1234")] * 3)
    (rate,) = plot_recording(at_once).patches
    assert rate.get_data().values.max() > 0


def test_it_draws_where_it_is_told():
    _, ax = pyplot.subplots()
    assert plot_recording(recording(), ax=ax) is ax
    assert pyplot.get_fignums() == [ax.figure.number]


def test_a_recording_without_packets_is_refused():
    with pytest.raises(CaptureError, match="no packets"):
        plot_recording(Recording.from_packets([]))


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'zerotap\[plots\]'"):
        plot_recording(recording())
