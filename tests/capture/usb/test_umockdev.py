"""libusb's own error paths: a keyboard described by us, replayed to an unmodified libusb by umockdev."""

import json
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from zerotap.capture import Recording, read_recordings

pytestmark = pytest.mark.system("umockdev-run")

DATA = Path(__file__).parents[2] / "data" / "umockdev"
DEVICE_NODE = "/dev/bus/usb/001/007"
DEVICE_PATH = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"
BUS, ADDRESS = 1, 7
CONTROL, INTERRUPT = 2, 1
REPORTS = [bytes.fromhex("0000040000000000"), bytes(8)]

EIO, ENODEV, EPIPE, EPROTO, EOVERFLOW, ESHUTDOWN = 5, 19, 32, 71, 75, 108


@dataclass(frozen=True)
class Outcome:
    """What `zerotap record --json` said, and what its file holds."""

    status: int
    report: dict[str, object]
    err: str
    recording: Recording

    def payloads(self) -> list[bytes]:
        return [packet.data for packet in self.recording.packets()]

    def failures(self) -> list[int]:
        return [event.status for event in self.recording.events]


def zerotap(folder: Path, *arguments: str, replay: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    mock = ["umockdev-run", "--device", str(DATA / "keyboard.umockdev"), *replay, "--"]
    command = [*mock, sys.executable, "-m", "zerotap", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def record(folder: Path, replay: tuple[str, ...], *limit: str) -> Outcome:
    options = ("--label", "test", "--dataset", "dataset", "--yes", "--json", *limit)
    done = zerotap(folder, "record", "1209:0001", *options, replay=replay)
    assert "Traceback" not in done.stderr
    (path,) = (folder / "dataset" / "recordings").glob("*.pcapng")
    (recording,) = read_recordings(path)
    (report,) = json.loads(done.stdout)["recordings"]
    return Outcome(done.returncode, report, done.stderr, recording)


def failing_after_two_reports(folder: Path, error: int) -> tuple[str, ...]:
    """A script that plays the reports and a URB that failed, and then begins again."""
    script = folder / "script.ioctl"
    failure = f"USBDEVFS_REAPURBNDELAY 0 {INTERRUPT} 129 {-error} 0 8 0 0 \n"
    script.write_text((DATA / "keyboard.ioctl").read_text() + failure)
    return "--ioctl", f"{DEVICE_NODE}={script}"


def silent_after_two_reports(folder: Path) -> tuple[str, ...]:
    """A usbmon capture to replay; umockdev lets every read beyond its end time out."""
    exchanges = [
        *(exchange(CONTROL, 0, struct.pack("<BBHHH", 0x21, request, 0, 0, 0)) for request in (0x0B, 0x0A)),
        *(exchange(INTERRUPT, 0x81, bytes(8), report) for report in REPORTS),
    ]
    records = [
        struct.pack("<IIII", 0, 0, len(urb), len(urb)) + urb for exchange_ in exchanges for urb in exchange_
    ]
    capture = folder / "script.pcap"
    capture.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 220) + b"".join(records))
    return "--pcap", f"{DEVICE_PATH}={capture}"


def exchange(transfer: int, endpoint: int, setup: bytes, data: bytes = b"") -> tuple[bytes, bytes]:
    """One URB submitted and completed, each with usbmon's 64-byte header (Linux Documentation/usb/usbmon)."""
    common = transfer, endpoint, ADDRESS, BUS
    is_control = transfer == CONTROL
    submitted = struct.pack(
        "<QcBBBHBBqiiII8s16x", 1, b"S", *common, 0 if is_control else 45, 0 if is_control else 60,
        0, 0, -115, len(data), 0, setup,
    )  # fmt: skip
    completed = struct.pack(
        "<QcBBBHBBqiiII8s16x",
        1,
        b"C",
        *common,
        45,
        0 if data else 62,
        0,
        0,
        0,
        len(data),
        len(data),
        bytes(8),
    )
    return submitted, completed + data


def test_the_described_keyboard_is_listed(tmp_path: Path) -> None:
    done = zerotap(tmp_path, "devices", "--json")
    assert done.returncode == 0, done.stderr
    (keyboard,) = json.loads(done.stdout)
    (interface,) = keyboard["interfaces"]
    (endpoint,) = interface["endpoints"]
    assert (keyboard["id"], keyboard["bus"], keyboard["address"]) == ("1209:0001", BUS, ADDRESS)
    assert (endpoint["address"], endpoint["transfer"], endpoint["max_packet_bytes"]) == (0x81, "interrupt", 8)
    assert interface["kind"] == [3, 1, 1]


def test_silence_is_no_end(tmp_path: Path) -> None:
    outcome = record(tmp_path, silent_after_two_reports(tmp_path), "--seconds", "1.5")
    assert outcome.payloads() == REPORTS
    assert outcome.failures() == []
    assert outcome.report["stopped"] == "limit"
    assert outcome.status == 0, outcome.err


@pytest.mark.parametrize("error", [ENODEV, ESHUTDOWN])
def test_a_device_that_vanishes_in_mid_read_ends_the_recording(tmp_path: Path, error: int) -> None:
    outcome = record(tmp_path, failing_after_two_reports(tmp_path, error), "--seconds", "20")
    assert outcome.payloads() == REPORTS
    assert outcome.failures() == [-ENODEV]
    assert outcome.report["stopped"] == "unplugged"


@pytest.mark.parametrize(
    ("error", "counted", "noted"),
    [(EPIPE, "failures", EPIPE), (EPROTO, "failures", EIO), (EOVERFLOW, "gaps", EOVERFLOW)],
)
def test_a_failed_read_is_an_event_and_the_recording_goes_on(
    tmp_path: Path, error: int, counted: str, noted: int
) -> None:
    outcome = record(tmp_path, failing_after_two_reports(tmp_path, error), "--packets", "4")
    assert outcome.payloads() == REPORTS * 2
    assert outcome.failures() == [-noted]
    assert outcome.report[counted] == 1
    assert outcome.status == 0, outcome.err


def refusing(folder: Path, request: str) -> tuple[str, ...]:
    """The reports' script with ``request`` (bmRequestType and bRequest in hexadecimal) stalled."""
    lines = (DATA / "keyboard.ioctl").read_text().splitlines(keepends=True)
    stalled = [line.replace(" 0 2 0 0 ", f" 0 2 0 {-EPIPE} ") if request in line else line for line in lines]
    assert stalled != lines
    script = folder / "script.ioctl"
    script.write_text("".join(stalled))
    return "--ioctl", f"{DEVICE_NODE}={script}"


def test_a_keyboard_that_refuses_set_idle_is_recorded(tmp_path: Path) -> None:
    outcome = record(tmp_path, refusing(tmp_path, "210A"), "--packets", "2")
    assert outcome.payloads() == REPORTS
    assert outcome.status == 0, outcome.err


def test_a_keyboard_that_refuses_the_boot_protocol_names_the_way_out(tmp_path: Path) -> None:
    options = ("--label", "test", "--dataset", "dataset", "--yes")
    done = zerotap(tmp_path, "record", "1209:0001", *options, replay=refusing(tmp_path, "210B"))
    assert done.returncode == 1
    assert "--report-protocol" in done.stderr
    assert "Traceback" not in done.stderr
