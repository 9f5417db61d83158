"""The verb of a notebook: a device's name, a dataset, a label."""

import os
import signal
import threading

import pytest
import usb.core

import zerotap.capture as capture
from zerotap.capture import Dataset, DeviceOptions, read_recordings, record
from zerotap.capture.session import session
from zerotap.capture.sources import registry
from zerotap.capture.sources import usb as usb_source
from zerotap.capture.sources.backend import HostClock
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.errors import CaptureError, OutputError


def test_a_recording_joins_the_dataset(tmp_path):
    (recorded,) = record("virtual:reports@500", str(tmp_path / "d"), "idle", packets=20)
    assert (recorded.packets, recorded.label, recorded.stopped) == (20, "idle", "limit")
    assert recorded.path == tmp_path / "d" / "recordings" / "idle.pcapng"
    assert recorded.sensor is None
    assert len(read_recordings(recorded.path)[0]) == 20
    assert Dataset.open(tmp_path / "d").synthetic


def test_a_dataset_that_is_open_learns_the_new_class(tmp_path):
    dataset = Dataset.create(tmp_path / "d", synthetic=True)
    record("virtual:reports@500", dataset, "idle", packets=5, name="first")
    assert dataset.classes == ("idle",) and [entry.name for entry in dataset.entries()] == ["first"]


def test_a_sensor_is_measured(tmp_path):
    (recorded,) = record("virtual:sensor@400", tmp_path / "d", "still", seconds=1)
    assert recorded.sensor is not None and recorded.sensor["framing"] == "binary"
    assert Dataset.open(tmp_path / "d").manifest.sensors == {"still": recorded.sensor}


def test_a_manifest_that_is_not_taken_says_what_is_kept(tmp_path, monkeypatch):
    def fills_up(_self, *_measured):
        raise OutputError("zerotap.toml cannot be written (No space left on device): free some space")

    monkeypatch.setattr(Dataset, "note_sensor", fills_up)
    with pytest.raises(CaptureError, match=r"free some space \(\d+ packets are kept in .*still\.pcapng\)"):
        record("virtual:sensor@400", tmp_path / "d", "still", seconds=0.5)
    assert len(read_recordings(tmp_path / "d" / "recordings" / "still.pcapng")[0])


def test_several_labels_are_recorded_in_turn_after_a_countdown(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(session, "COUNTDOWN_S", 1)
    results = record("virtual:reports@500", tmp_path / "d", ["idle", "shake"], packets=5)
    assert [result.label for result in results] == ["idle", "shake"]
    assert "shake in 1 s" in caplog.text and "shake now" in caplog.text


def test_several_labels_need_a_limit(tmp_path):
    with pytest.raises(CaptureError, match="needs a limit"):
        record("virtual:reports", tmp_path / "d", ["idle", "shake"])


def test_the_stop_button_ends_it_and_works_again_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    (recorded,) = record("virtual:reports@500", tmp_path / "d", "idle")
    assert recorded.stopped == "interrupted" and recorded.packets
    assert signal.getsignal(signal.SIGINT) is before


def test_how_to_open_the_device_is_one_value(tmp_path):
    with pytest.raises(CaptureError, match="no serial port"):
        record("virtual:keyboard", tmp_path / "d", "a", packets=1, options=DeviceOptions(baud=9600))


def test_nothing_that_came_is_an_error(tmp_path):
    with pytest.raises(CaptureError, match="there is no virtual device"):
        record("virtual:none", tmp_path / "d", "a", packets=1)
    with pytest.raises(CaptureError, match="no packets of a came"):
        record("virtual:reports@1", tmp_path / "d", "a", seconds=0.1)


def test_the_only_keyboard_is_not_taken_from_whoever_types_on_it(tmp_path, monkeypatch, caplog):
    device = usb.core.find(backend=VirtualKeyboard(clock=HostClock()))
    monkeypatch.setattr(registry, "select_device", lambda _spec: device)
    monkeypatch.setattr(usb_source, "usb_devices", lambda _backend: [device])
    with pytest.raises(CaptureError, match="takes_only_keyboard=True"):
        record("1.2", tmp_path / "d", "a", seconds=0.1)
    assert not (tmp_path / "d").exists()
    with pytest.raises(CaptureError, match="no packets"):
        record("1.2", tmp_path / "d", "a", seconds=0.1, takes_only_keyboard=True)
    assert "passwords too" in caplog.text


def test_the_verb_is_the_doors():
    assert capture.record is record and "record" in dir(capture)


@pytest.mark.parametrize(
    ("label", "limits", "told"),
    [
        ([], {"seconds": 1}, "there is no label"),
        ("idle", {"seconds": -1}, "nothing to record in -1 seconds"),
        ("idle", {"packets": 0}, "nothing to record in 0 packets"),
    ],
)
def test_nothing_to_record_is_refused_before_a_dataset_is_made(tmp_path, label, limits, told):
    with pytest.raises(CaptureError, match=told):
        record("virtual:reports", tmp_path / "d", label, **limits)
    assert not (tmp_path / "d").exists()


def test_what_was_recorded_is_one_line(tmp_path):
    (recorded,) = record("virtual:sensor@500", tmp_path / "d", "idle", packets=5)
    assert repr(recorded).startswith(f"Recorded({str(recorded.path)!r}, idle, 5 packets, ")
    assert repr(recorded).endswith(" s, limit)")
