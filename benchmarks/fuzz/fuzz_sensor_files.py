"""Files of numbers, packets, labels and sides: python benchmarks/fuzz/fuzz_sensor_files.py --seconds 600."""

import sys
from pathlib import Path

from fuzz_driver import Target, main

from zerotap.capture.datasets.splits.places import places_in
from zerotap.capture.files.csv_files import csv_in
from zerotap.capture.labels import labels_in
from zerotap.capture.number_formats.registry import numbers_in
from zerotap.capture.number_formats.table import Reading
from zerotap.errors import CaptureError

SAMPLES = b"time_ms,x,y\n" + b"".join(b"%d.25,%d,-1e-3\n" % (n, n * n) for n in range(20))
PACKETS = b"timestamp_ns,endpoint,transfer,data\n" + b"".join(
    b"%d,0x8%d,bulk,%04x\n" % (n, 1 + n % 2, n) for n in range(20)
)
OTHERS = [
    SAMPLES.replace(b",", b";").replace(b".", b","),
    b"ready\n" + b"x:1,y:-2.5\n" * 9,
    b'{"t": 0, "acc": {"x": 1, "y": -2.5}}\n' * 9,
    b"[[1, -2.5], [3, 4]]",
    b'{"payload": {"interval_ms": 10, "sensors": [{"name": "x"}], "values": [[1], [2]]}}',
    b"\x93NUMPY\x01\x00\x46\x00{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }            \n"
    + bytes(8),
]
LABELS = b'start_s,end_s,label,source\n0.0,1.5,"calm, mostly",user\n1.5,inf,tense,user\n2.0,2.0,point,key\n'

PLACES = b'recording,side,group\nanna-1,train,"anna, or ben"\nben-1,test,\ncleo,,c\n'


def run(data: bytes) -> None:
    for read in (csv_in, labels_in, _paced, _in_runs, _placed):
        try:
            read(data, Path("fuzz.csv"))
        except CaptureError:
            continue


def _paced(data: bytes, path: Path) -> None:
    numbers_in(data, path, Reading(rate_hz=100))


def _in_runs(data: bytes, path: Path) -> None:
    """With columns of the label, the side and the group."""
    numbers_in(data, path, Reading(rate_hz=100, label_column="2", side_column="1", group_column="2"))


def _placed(data: bytes, path: Path) -> None:
    places_in(data.decode("utf-8", "replace"), path)


TARGET = Target("sensor files", run, lambda: [SAMPLES, PACKETS, LABELS, PLACES, *OTHERS], (CaptureError,))

if __name__ == "__main__":
    sys.exit(main(TARGET))
