"""Files of numbers from a pipe, or packed: read once, and known by their beginning, not by a suffix."""

import codecs
import gzip
import io
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import zstandard

from zerotap.capture import Dataset, describe
from zerotap.capture.datasets.converting import convert
from zerotap.capture.files.number_files import given_file
from zerotap.capture.imports.import_files import import_files
from zerotap.capture.number_formats import registry
from zerotap.errors import CaptureError

ROWS = [(n * 10, (n - 20) / 8, 1.5 - n / 4) for n in range(40)]


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array(ROWS)[:, 1:])
    return file.getvalue()


def _edge_impulse() -> bytes:
    payload = {"interval_ms": 10, "sensors": [{"name": "x"}, {"name": "y"}], "values": [r[1:] for r in ROWS]}
    return json.dumps({"protected": {"ver": "v1"}, "payload": payload}).encode()


def _text(line: str, first: str = "") -> bytes:
    return (first + "".join(line.format(*row) + "\n" for row in ROWS)).encode()


OBJECTS = [{"time_ms": t, "x": x, "y": y} for t, x, y in ROWS]
CSV = _text("{},{},{}", "time_ms,x,y\n")
FORMATS = {
    "CSV": CSV,
    "UTF-16": codecs.BOM_UTF16_LE + CSV.decode().encode("utf-16-le"),
    "decimal commas": _text("{};{};{}", "time_ms;x;y\n").replace(b".", b","),
    "no names": _text("{1}\t{2}"),
    "a line for a person": b"moves of Ann\n" + CSV,
    "JSON lines": "".join(json.dumps(row) + "\n" for row in OBJECTS).encode(),
    "JSON list": json.dumps(OBJECTS).encode(),
    "Edge Impulse": _edge_impulse(),
    "serial monitor": _text("x:{1},y:{2}"),
    "NumPy": _npy(),
}


def piped(content, use):
    """What ``use`` makes of a pipe out of which ``content`` comes."""
    read, write = os.pipe()
    writer = threading.Thread(target=_write, args=(write, content))
    writer.start()
    try:
        return use(f"/dev/fd/{read}")
    finally:
        os.close(read)
        writer.join()


def _write(number, content):
    with suppress(BrokenPipeError), os.fdopen(number, "wb") as file:  # it is refused by its beginning
        file.write(content)


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_are_imported_from_a_pipe(tmp_path, name):
    rate_hz = 100 if name in ("no names", "serial monitor", "NumPy") else None
    done = piped(FORMATS[name], lambda path: import_files([path], tmp_path / "d", label="a", rate_hz=rate_hz))
    (stored,) = done.stored
    assert stored.path.name == "piped.pcapng"
    np.testing.assert_allclose(stored.samples.values, np.array(ROWS)[:, 1:])
    assert stored.samples.rate_hz == pytest.approx(100)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["CSV", "JSON lines", "NumPy"])
def test_packed_numbers_are_imported_as_packed_captures_are(tmp_path, pack, name):
    (tmp_path / "idle_3.csv.gz").write_bytes(pack(FORMATS[name]))
    rate_hz = 100 if name == "NumPy" else None
    for given in ([tmp_path / "idle_3.csv.gz"], [tmp_path]):
        done = import_files(given, tmp_path / "d", label_from="name", rate_hz=rate_hz)
        assert [one.label for one in done.stored] == ["idle"]
        np.testing.assert_allclose(done.stored[0].samples.values, np.array(ROWS)[:, 1:])
    done = piped(
        pack(FORMATS[name]), lambda path: import_files([path], tmp_path / "d", label="a", rate_hz=100)
    )
    assert len(done.stored[0].samples) == len(ROWS)


def test_packed_text_that_is_no_numbers_or_cut_is_said(tmp_path):
    for content, why in (
        (gzip.compress(b"Dear Ann,\nyours\nBen\n"), "text, but neither"),
        (gzip.compress(CSV)[:-20], "not a whole gzip file"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(gzip.compress(CSV)), "packed twice"),
    ):
        (tmp_path / "a.csv.gz").write_bytes(content)
        with pytest.raises(CaptureError, match=why):
            import_files([tmp_path / "a.csv.gz"], tmp_path / "d", label="a")
    assert not (tmp_path / "d").exists()


def test_a_column_of_a_pipe_has_the_labels(tmp_path):
    content = b"time_ms,x,do\n0,1,sit\n10,2,sit\n20,3,run\n"
    piped(content, lambda path: import_files([path], tmp_path / "d", label_from="column:do"))
    assert Dataset.open(tmp_path / "d").classes == ("run", "sit")


def test_numbers_of_a_pipe_are_described_and_converted(tmp_path):
    assert piped(CSV, describe)["sensors"][0]["samples"] == len(ROWS)
    piped(CSV, lambda path: convert(path, tmp_path / "x.csv"))
    assert describe(tmp_path / "x.csv")["sensors"][0]["samples"] == len(ROWS)
    packets = b"timestamp_ns,endpoint,transfer,data\n1,0x81,interrupt,0001\n"
    assert piped(packets, describe)["streams"][0]["lengths"] == {"2": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"Dear Ann,\nthese are 5 lines\nof a letter\nwithout numbers\nyours\n", "text, but neither"),
        (b"x,y\n" * 3, "text, but neither"),
        (b"PK\x03\x04" + CSV, "a zip archive"),
        (b'"No.","Time"\n1,2\n', "a table that Wireshark exported"),
        (CSV + b"400,a,2\n", "is no number"),
        (bytes(1 << 17), "damaged at byte 0"),
        (bytes(range(256)) * 300, "damaged at byte 0"),
    ],
)
def test_what_is_no_numbers_is_called_what_it_is(tmp_path, content, why):
    with pytest.raises(CaptureError, match=why):
        piped(content, lambda path: import_files([path], tmp_path / "d", label="a"))


def test_a_pipe_of_numbers_is_bounded(monkeypatch):
    monkeypatch.setattr(registry, "_BOUNDS", replace(registry._BOUNDS, most_bytes=100))
    given = piped(CSV, given_file)
    with pytest.raises(CaptureError, match=r"has more than .*: divide it"):
        given.numbers()


def test_what_a_pipe_gave_cannot_be_asked_about(tmp_path):
    command = [sys.executable, "-m", "zerotap", "import", "-", "--label", "a", "--dataset", "d"]
    done = subprocess.run(
        command, cwd=tmp_path, input=FORMATS["no names"], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert b"--rate-hz HZ" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "d" / "recordings").exists()
