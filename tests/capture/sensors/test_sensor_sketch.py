"""The example sketch, compiled here against as much of the Arduino core as it uses; its frames read back."""

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from zerotap.capture import Packet, Recording, frame_recording

SKETCH = Path(__file__).parents[3] / "examples/SensorStream/SensorStream.ino"
EXPORTED = resources.files("zerotap.firmware.library") / "arduino/examples/sensor_frames.h"
FRAMES = 600
HELD_UP_AT = 50

# Every look at the clock takes 50 us. In frame HELD_UP_AT the host does not read for 35 ms.
ARDUINO_H = f"""
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
enum {{ A0 = 15, A1, A2, A3 }};
static unsigned long now_us = 4294000000UL;  // the clock wraps round while the sketch runs
static int written;
static inline unsigned long micros() {{ return (uint32_t)(now_us += 50); }}
static inline void analogReadResolution(int) {{}}
static inline int analogRead(int pin) {{ return (pin * 1000 + written * 31) & 0xFFF; }}
struct {{
    void begin(unsigned long) {{}}
    bool dtr() {{ return true; }}
    size_t write(const uint8_t *bytes, size_t count)
    {{
        now_us += written++ == {HELD_UP_AT} ? 35000 : 0;
        printf("%lu ", now_us);
        for (size_t i = 0; i < count; i++) printf("%02x", bytes[i]);
        printf("\\n");
        return count;
    }}
}} Serial;
"""
MAIN_CPP = f"""
#include "Arduino.h"
#include "{SKETCH.name}"
int main() {{ setup(); while (written < {FRAMES}) loop(); return 0; }}
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """What the sketch sends: a packet a Serial.write, at the sketch's own time."""
    folder = tmp_path_factory.mktemp("sketch")
    (folder / "Arduino.h").write_text(ARDUINO_H)
    (folder / "main.cpp").write_text(MAIN_CPP)
    compile_it = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "-std=gnu++11",
        "-fno-exceptions",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]
    compiled = subprocess.run(
        [*compile_it, f"-I{folder}", f"-I{SKETCH.parent}", "main.cpp", "-o", "main"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stderr
    output = subprocess.run([folder / "main"], capture_output=True, text=True, timeout=10).stdout
    lines = (line.split() for line in output.splitlines())
    return Recording.from_packets([Packet(int(us) * 1000, 0x82, bytes.fromhex(data)) for us, data in lines])


def test_the_sketch_sends_frames_that_are_read_back(recording):
    stream = frame_recording(recording)
    assert stream.kind == "binary"
    pins = np.array([16, 17, 18])
    assert np.array_equal(stream.values, (pins * 1000 + np.arange(FRAMES)[:, None] * 31) & 0xFFF)
    assert stream.dropped_bytes == 0


def test_periods_that_the_sketch_missed_are_counted_as_lost(recording):
    assert frame_recording(recording).lost_frames == 2


def test_the_sketch_keeps_its_rate_through_the_wrap_of_the_clock(recording):
    stream = frame_recording(recording)
    assert stream.rate_hz == pytest.approx(100, rel=0.001)
    assert stream.pace.mean_rate_hz == pytest.approx(100, rel=0.001)


def frame_and_crc(text: str) -> tuple[str, list[str]]:
    """What the comment says a frame is, and the CRC's statements without their types."""
    comment = " ".join(re.sub(r"^//", "", line).strip() for line in text.splitlines() if line[:2] == "//")
    frame = re.search(r"0xA5 0x5A, .*? of all", comment)
    body = re.search(r"crc8\(.*?^}", text, re.DOTALL | re.MULTILINE)
    plain = re.sub(r"static_cast<uint8_t>|\(uint8_t\)|uint32_t |int ", "", body[0].replace("  ", ""))
    return frame[0], [line.replace("= (", "= ").replace(");", ";") for line in plain.splitlines()]


def test_the_sketch_of_an_exported_library_sends_the_same_frames():
    """SensorRecorder's own are read back in tests/board/test_sensors.py."""
    frame, crc = frame_and_crc(SKETCH.read_text())
    assert (frame, crc) == frame_and_crc(EXPORTED.read_text())
    assert "crc = crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1;" in [line.strip() for line in crc]
