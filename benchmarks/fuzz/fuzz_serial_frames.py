"""Bytes of a serial port, frames and lines: python benchmarks/fuzz/fuzz_serial_frames.py --seconds 600."""

import sys

import numpy as np
from fuzz_driver import Target, main

from zerotap.capture.packet import Packet, Recording
from zerotap.capture.sensors.binary_frames import encode_frames
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.errors import CaptureError


def corpus() -> list[bytes]:
    values = np.arange(-60, 60, dtype=np.int16).reshape(40, 3)
    lines = "".join(f"{row[0]},{row[1]}.5,{row[2]}e-1\n" for row in values.tolist())
    return [
        encode_frames(values),
        encode_frames(values[:, :1]),
        f"x,y,z\r\n{lines}".encode(),
        b"1 2\n\n" * 30,
    ]


def run(data: bytes) -> None:
    parts = [data[:9], data[9:40], data[40:]]
    recording = Recording.from_packets([Packet(n * 10**6, 0x82, part) for n, part in enumerate(parts)])
    for kind in ("binary", "text"):
        try:
            frame_recording(recording, kind).to_json()
        except CaptureError:
            continue


TARGET = Target("serial frames", run, corpus, (CaptureError,))

if __name__ == "__main__":
    sys.exit(main(TARGET))
