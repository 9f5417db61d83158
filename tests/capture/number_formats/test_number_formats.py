"""What every format of numbers does: written by its own program and read here, the numbers are the same."""

import csv
import io
import json
import random
import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zerotap.capture import DeviceIdentity
from zerotap.capture.number_formats.edge_impulse import Acquisition, write_acquisition
from zerotap.capture.number_formats.registry import NUMBER_FORMATS, format_of, numbers_in
from zerotap.capture.number_formats.table import Reading
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.errors import CaptureError

FILE = Path("moves.data")
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
samples = st.integers(1, 4).flatmap(
    lambda channels: hnp.arrays(np.float64, st.tuples(st.integers(2, 12), st.just(channels)), elements=finite)
)


def _names(values):
    return [f"a{n}" for n in range(values.shape[1])]


def _csv(values, tmp_path):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([_names(values), *values.tolist()])
    return file.getvalue().encode()


def _edge_impulse(values, tmp_path):
    path = tmp_path / "walk.json"
    path.unlink(missing_ok=True)
    write_acquisition(path, Acquisition(DeviceIdentity(serial="me"), 5, 10.0, _names(values), values))
    return path.read_bytes()


def _json_lines(values, tmp_path):
    rows = (json.dumps(dict(zip(_names(values), row, strict=True))) for row in values.tolist())
    return "\n".join([*rows, ""]).encode()


def _json_list(values, tmp_path):
    return json.dumps([dict(zip(_names(values), row, strict=True)) for row in values.tolist()]).encode()


def _npy(values, tmp_path):
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _plotter(values, tmp_path):
    names = _names(values)
    lines = (",".join(f"{n}:{v}" for n, v in zip(names, row, strict=True)) for row in values.tolist())
    return "".join(line + "\r\n" for line in lines).encode()


WRITERS = {
    "CSV": _csv,
    "Edge Impulse JSON": _edge_impulse,
    "JSON lines": _json_lines,
    "JSON list": _json_list,
    "NumPy .npy": _npy,
    "serial monitor": _plotter,
}
"""How another program writes each format: what is entered in the registry has one."""


def read(content, path=FILE, **how):
    """The only recording of a file, as what it will be read as."""
    ((_, recording),) = numbers_in(content, path, Reading(**how)).recordings
    return frame_recording(recording)


def test_every_format_has_a_writer():
    assert {one.name for one in NUMBER_FORMATS} == set(WRITERS)


@pytest.mark.parametrize("name", WRITERS)
@settings(deadline=None)
@given(values=samples)
def test_what_is_written_is_read(tmp_path_factory, name, values):
    content = WRITERS[name](values, tmp_path_factory.mktemp("written"))
    assert format_of(FILE, content).name == name
    stream = read(content, rate_hz=100)
    assert np.array_equal(stream.values, values)
    assert (stream.lost_frames, stream.dropped_bytes) == (0, 0)
    assert len(stream.names) == values.shape[1]
    if name != "NumPy .npy":
        assert list(stream.names) == _names(values)
    assert (np.diff(stream.timestamps_ns) == 10_000_000).all()


VALUES = np.array([[0.5, -1.25], [3.0, 4e-5], [7.0, 1e6], [8.0, 2.0]])


def _mutated(content, rng):
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data[at:at] = rng.choice([b",", b"\n", b"[", b"{", b'"', b"-", b"e", b"9" * 40, b"\0", b"\xff"])
        elif kind == 1:
            del data[at : at + rng.randint(1, 9)]
        elif kind == 2:
            data[at:at] = data[: rng.randint(0, len(data))]
        elif data:
            data[at % len(data)] = rng.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("name", WRITERS)
def test_damage_gives_numbers_or_one_error(tmp_path, name):
    whole, rng = WRITERS[name](VALUES, tmp_path), random.Random(name)
    for _ in range(400):
        content = _mutated(whole, rng)
        with suppress(CaptureError):
            for one in NUMBER_FORMATS:
                if one.name == name:
                    for table in one.read(content, FILE):
                        list(table.rows)
        with suppress(CaptureError):
            for _, recording in numbers_in(content, FILE, Reading(rate_hz=100)).recordings:
                with suppress(CaptureError):
                    frame_recording(recording)


@given(st.binary(max_size=300), st.sampled_from(["", "1,2\n", "[", '{"payload":', "\x93NUMPY", "x:1\n"]))
def test_any_bytes_give_numbers_or_one_error(data, head):
    with suppress(CaptureError):
        numbers_in(head.encode("latin-1") + data, FILE, Reading(rate_hz=100))


@pytest.mark.parametrize("name", WRITERS)
def test_an_error_names_the_file_and_the_place(tmp_path, name):
    values = np.array([[1.0, 2.0], [3.0, 4.5], [5.0, 6.0]])
    content = WRITERS[name](values, tmp_path)
    if name == "NumPy .npy":
        content = content.replace(np.float64(4.5).tobytes(), np.float64(np.nan).tobytes())
    elif name == "serial monitor":
        content = content.replace(b":4.5", b":4.5.5")
        assert "1 lines that are no samples" in numbers_in(content, FILE, Reading(rate_hz=9)).left_out
        return
    else:
        content = content.replace(b"4.5", b'"4..5"' if name != "CSV" else b"4..5")
    place = {"CSV": "line 3", "JSON lines": "line 2", "JSON list": "row 2"}.get(name, "sample 2")
    with pytest.raises(CaptureError, match=re.escape(f"{FILE}: {place}: ")):
        numbers_in(content, FILE, Reading(rate_hz=100))


def test_json_that_is_something_else_is_named_for_what_it_is():
    with pytest.raises(CaptureError, match=r"a\.json: holds no numbers that are read"):
        numbers_in(b'{"model": 1}', Path("a.json"))
