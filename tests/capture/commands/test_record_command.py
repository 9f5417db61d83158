"""`zerotap record` as it is run: arguments, signals to a real process, keys from a real terminal."""

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
import usb.core
from click.testing import CliRunner

from zerotap.capture.commands import record as record_module
from zerotap.capture.commands.record import record
from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.datasets.sensor_notes import sensor_line
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import read_labels
from zerotap.capture.sources import registry
from zerotap.capture.sources import usb as usb_source
from zerotap.capture.sources.backend import HostClock
from zerotap.capture.sources.typist import TimedReport
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.errors import CaptureError, OutputError

# Runs the command line on a virtual keyboard, and says at the very end whether its driver is attached.
RUNNER = """
import atexit, signal, sys
from zerotap import cli
from zerotap.capture.sources import registry
made = []
make = registry.VIRTUAL_DEVICES["reports"]
def make_and_keep(rate_hz):
    made.append(make(rate_hz))
    return made[-1]
registry.VIRTUAL_DEVICES["reports"] = make_and_keep
@atexit.register
def tell():
    print("driver attached", made[0].driver_attached, "claimed", made[0].claimed, flush=True)
for name in ("SIGQUIT", "SIGTSTP"):  # a shell that tests in the background has them ignored
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
cli.main()
"""


def _arguments(folder, *more, device="virtual:reports@200"):
    return ["record", device, "--label", "a", "--dataset", str(folder), *more]


def _run(*arguments):
    return CliRunner().invoke(record, arguments[1:])


@pytest.fixture
def process(tmp_path):
    """Start the command in a process of its own, and wait until it has recorded something."""
    started = []

    def start(*more, stdin=subprocess.DEVNULL):
        command = [sys.executable, "-c", RUNNER, *_arguments(tmp_path / "data", *more)]
        running = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(running)
        path = tmp_path / "data" / "recordings" / "a.pcapng"
        until_s = time.monotonic() + 30
        while not (path.exists() and path.stat().st_size > 2000):
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < until_s
            time.sleep(0.02)
        return running, path

    yield start
    for running in started:
        running.kill()
        running.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP"])
def test_a_signal_is_a_normal_end_and_the_driver_is_given_back(process, number):
    running, path = process("--json")
    running.send_signal(getattr(signal, number))
    out, err = running.communicate(timeout=10)
    assert running.returncode == 0, err
    assert "driver attached True claimed set()" in out
    (report,) = json.loads(out.splitlines()[0])["recordings"]
    (recording,) = read_recordings(path)
    assert report["stopped"] == "interrupted"
    assert report["packets"] == len(recording) > 5
    numbers = recording.reports(64)[:, :4].copy().view("<u4")[:, 0]
    assert numbers.tolist() == list(range(len(recording)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_an_impatient_second_signal_does_not_cut_short_the_end(process):
    running, path = process()
    for _ in range(20):
        running.send_signal(signal.SIGINT)
        time.sleep(0.005)
    out, err = running.communicate(timeout=10)
    assert running.returncode == 0, err
    assert "driver attached True claimed set()" in out
    assert len(read_recordings(path)[0]) > 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_what_a_killed_recording_wrote_is_whole(process, tmp_path):
    running, path = process()
    running.kill()
    running.communicate(timeout=10)
    (recording,) = read_recordings(path)
    assert recording.reports(64)[:, 0].tolist() == [n % 256 for n in range(len(recording))]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.label for entry in Dataset.open(tmp_path / "data").entries()] == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("end", ["keys", "SIGTERM"])
def test_keys_in_a_terminal_label_and_the_terminal_is_set_back(process, end):
    import pty
    import termios

    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    try:
        running, path = process("--label", "b", stdin=theirs)
        assert termios.tcgetattr(theirs)[3] & termios.ICANON == 0
        for key in "2 ":
            os.write(ours, key.encode())
            time.sleep(0.3)
        if end == "keys":
            os.write(ours, b"\x03")
        else:
            running.terminate()
        # Ctrl-C comes from a terminal only to a process that it controls.
        if end == "keys":
            running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=10)
        assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)
    assert "1 a, 2 b" in err
    spans = read_labels(path)
    assert [span.label for span in spans] == ["a", "b", "b"]
    assert spans[2].start_s == spans[2].end_s


def test_the_report_is_a_line_or_an_object(tmp_path):
    plain = _run(*_arguments(tmp_path / "data", "--packets", "20"))
    assert plain.exit_code == 0, plain.output
    assert plain.stdout.startswith(f"{tmp_path / 'data' / 'recordings' / 'a.pcapng'}: 20 packets, 1280 bytes")
    as_json = json.loads(_run(*_arguments(tmp_path / "data", "--packets", "20", "--json")).stdout)
    assert as_json["recordings"][0]["path"].endswith("a-2.pcapng")


def test_the_manifest_notes_who_recorded_what(tmp_path):
    options = "--packets", "5", "--licence", "CC0-1.0", "--consent", "the author"
    _run(*_arguments(tmp_path / "data", *options))
    _run(*_arguments(tmp_path / "data", "--packets", "5"))
    manifest = Dataset.open(tmp_path / "data").manifest
    assert (manifest.licence, manifest.consent, manifest.synthetic) == ("CC0-1.0", "the author", True)
    assert manifest.tool.startswith("zerotap ")
    assert manifest.device.product == "Virtual reports"
    assert manifest.descriptors["device"].startswith("1201")


@pytest.mark.parametrize("text", ["0x01", "0x80", "0x90", "x", "400"])
def test_an_endpoint_that_cannot_be_is_refused(tmp_path, text):
    assert _run(*_arguments(tmp_path / "data", "--endpoint", text)).exit_code == 2


def test_prompt_without_a_limit_is_refused(tmp_path):
    result = _run(*_arguments(tmp_path / "data", "--prompt"))
    assert result.exit_code == 2
    assert "--seconds or --packets" in result.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("device", "options", "said"),
    [
        ("virtual:sensor", ("--baud", "1200"), "bootloader"),
        ("virtual:keyboard", ("--baud", "9600"), "no serial port"),
        ("virtual:keyboard", ("--endpoint", "0x85"), "no IN endpoint 0x85"),
        ("virtual:mouse", (), "keyboard, sensor, text, reports"),
        ("replay:missing.pcapng", (), "missing.pcapng"),
    ],
)
def test_a_device_that_cannot_be_recorded_makes_no_dataset(tmp_path, device, options, said):
    result = _run(*_arguments(tmp_path / "data", *options, device=device))
    assert isinstance(result.exception, CaptureError)
    assert said in str(result.exception)
    assert not (tmp_path / "data").exists()


def test_silence_is_an_error_that_says_what_to_do(tmp_path):
    result = _run(*_arguments(tmp_path / "data", "--seconds", "0.2", device="virtual:keyboard"))
    assert isinstance(result.exception, CaptureError)
    assert "no packets of a came in 0." in str(result.exception)


@pytest.fixture
def desk(monkeypatch):
    """Put real keyboards on a desk: the first is the one that is recorded."""

    def lay(count=1):
        keyboards = [VirtualKeyboard(clock=HostClock()) for _ in range(count)]
        devices = [usb.core.find(backend=keyboard) for keyboard in keyboards]
        keyboards[0].play(TimedReport(n * 10**7, bytes((0, 0, 4 + n % 2, 0, 0, 0, 0, 0))) for n in range(99))
        monkeypatch.setattr(registry, "select_device", lambda _spec: devices[0])
        monkeypatch.setattr(usb_source, "usb_devices", lambda _backend: devices)
        return keyboards[0]

    return lay


def test_the_only_keyboard_is_refused_and_left_alone(tmp_path, desk):
    keyboard = desk()
    result = _run(*_arguments(tmp_path / "data", "--packets", "5", device="1.2"))
    assert isinstance(result.exception, CaptureError)
    assert "--yes" in str(result.exception)
    assert keyboard.driver_attached
    assert keyboard.control_requests == []
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("count", "options"), [(1, ("--yes",)), (2, ())])
def test_a_keyboard_is_recorded_once_it_is_said_that_every_key_is(tmp_path, desk, count, options):
    keyboard = desk(count)
    result = _run(*_arguments(tmp_path / "data", "--packets", "5", *options, device="1.2"))
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Every key") == 1
    assert keyboard.driver_attached
    assert not Dataset.open(tmp_path / "data").synthetic


def test_virtual_and_replayed_keys_need_no_warning(tmp_path):
    result = _run(*_arguments(tmp_path / "data", "--packets", "2", device="virtual:keyboard"))
    assert "Every key" not in result.stderr
    path = tmp_path / "data" / "recordings" / "a.pcapng"
    assert "Every key" not in _run(*_arguments(tmp_path / "data", device=f"replay:{path}@100")).stderr


def test_a_virtual_device_makes_a_real_dataset_synthetic_with_a_warning(tmp_path, caplog):
    dataset = Dataset.create(tmp_path / "data", synthetic=False)
    dataset.add_classes("calm")
    result = _run(*_arguments(tmp_path / "data", "--packets", "2", device="virtual:keyboard"))
    assert result.exit_code == 0, result.output
    assert caplog.text.count("was real and counts as synthetic from now on") == 1
    assert Dataset.open(tmp_path / "data").synthetic


def test_an_unplug_keeps_the_recording_and_is_an_error(tmp_path, desk, monkeypatch):
    keyboard = desk(2)
    reports = keyboard.intr_read

    def read(*arguments):
        if not keyboard._script:
            raise usb.core.USBError("No such device", -4, 19)
        return reports(*arguments)

    monkeypatch.setattr(keyboard, "intr_read", read)
    result = _run(*_arguments(tmp_path / "data", "--json", device="1.2"))
    assert isinstance(result.exception, CaptureError)
    assert "unplugged; 99 packets are kept in" in str(result.exception)
    assert json.loads(result.stdout)["recordings"][0]["stopped"] == "unplugged"


def test_help_says_that_no_hardware_is_needed():
    text = CliRunner().invoke(record, ["--help"]).output
    assert all(word in text for word in ("virtual:keyboard", "replay:FILE", "Example"))
    assert record_module


@pytest.mark.alone
@pytest.mark.parametrize(("name", "framing", "channels"), [("sensor", "binary", 3), ("text", "text", 2)])
def test_a_sensors_rate_is_measured_reported_and_stored(tmp_path, name, framing, channels):
    options = "--seconds", "1", "--json"
    result = _run(*_arguments(tmp_path / "data", *options, device=f"virtual:{name}@400"))
    measured = json.loads(result.stdout)["recordings"][0]["sensor"]
    assert (measured["framing"], len(measured["channels"])) == (framing, channels)
    assert 360 < measured["rate_hz"] < 440
    assert measured["jitter_s"] < 0.1
    assert Dataset.open(tmp_path / "data").manifest.sensors == {"a": measured}
    plain = _run(*_arguments(tmp_path / "data", "--packets", "9", device=f"virtual:{name}@400"))
    assert f"sensor: {framing}, {channels} channels" in plain.stdout


def test_keys_are_no_sensor(tmp_path):
    result = _run(*_arguments(tmp_path / "data", "--packets", "9", "--json"))
    assert json.loads(result.stdout)["recordings"][0]["sensor"] is None
    assert Dataset.open(tmp_path / "data").manifest.sensors == {}


def test_a_rate_that_could_not_be_measured_is_not_made_up():
    measured = {"framing": "text", "channels": ["x"], "samples": 1, "lost_frames": 0}
    assert "rate unknown" in sensor_line({**measured, "rate_hz": None, "jitter_s": None})


def test_the_next_command_and_a_plain_line_come_where_nobody_watches(tmp_path):
    first = _run(*_arguments(tmp_path / "data", "--packets", "9"))
    folder = tmp_path / "data"
    again = f"Next: zerotap record virtual:reports@200 --label ANOTHER --dataset {folder}"
    assert first.stderr.splitlines() == ["recording a ...", again]
    quiet = _run(*_arguments(tmp_path / "data", "--packets", "9", "--quiet"))
    assert quiet.stderr == "" and "9 packets" in quiet.stdout


def test_a_folder_that_is_no_dataset_is_told_before_the_device_is_taken(tmp_path, desk):
    keyboard = desk(2)
    (tmp_path / "note").write_text("mine")
    result = _run(*_arguments(tmp_path, "--packets", "5", device="1.2"))
    assert isinstance(result.exception, OutputError)
    assert "already holds something" in str(result.exception)
    assert keyboard.control_requests == [] and [path.name for path in tmp_path.iterdir()] == ["note"]


def test_a_blank_label_is_told_before_the_device_is_taken(tmp_path, desk):
    keyboard = desk(2)
    result = _run("record", "1.2", "--label", " ", "--dataset", str(tmp_path / "data"), "--packets", "1")
    assert isinstance(result.exception, CaptureError) and "blank" in str(result.exception)
    assert keyboard.control_requests == [] and not (tmp_path / "data").exists()
