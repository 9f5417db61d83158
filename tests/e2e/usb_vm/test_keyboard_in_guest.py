"""QEMU's keyboard, recorded in a booted guest: usbmon as the witness, and every way out."""

import stat
from dataclasses import dataclass

import pytest

from zerotap.capture import Recording

from .machine import Done, Guest, until
from .recording import TOOLS, ZEROTAP, drivers, only_recording, record, recorded_files, witnessed

pytestmark = [pytest.mark.usb_vm, pytest.mark.system(*TOOLS)]

KEYBOARD = "0627:0001"
BUS = 1
REPORTS_IN = 0x81
SWITCH_TO_NOBODY = (  # who may still read files, since the interpreter may lie in root's home
    "setpriv --reuid 65534 --regid 65534 --clear-groups"
    " --inh-caps=+dac_read_search --ambient-caps=+dac_read_search"
)


@dataclass(frozen=True)
class Outcome:
    """One recording: how its command ended, what was on the bus, and who had the keyboard afterwards."""

    done: Done
    recording: Recording
    witnessed: list[tuple[float, bytes]]
    drivers: list[str]

    def payloads(self) -> list[bytes]:
        return [packet.data for packet in self.recording.packets()]

    def witnessed_payloads(self) -> list[bytes]:
        return [data for _, data in self.witnessed]


def type_and_stop(guest: Guest, name: str, signal: str) -> Outcome:
    with guest.witness(BUS, f"{name}.pcap") as capture:
        job = record(guest, KEYBOARD, name)
        for key in "stop":
            guest.press(key)
        until(lambda: recorded_files(guest, name), "the file")
        done = guest.stop(job, signal)
    return Outcome(
        done, only_recording(guest, name), witnessed(capture, REPORTS_IN), drivers(guest, KEYBOARD)
    )


@pytest.fixture(scope="module")
def typed(guest: Guest) -> Outcome:
    """Keys alone, with modifiers and in rollover, until the time that was asked for is over."""
    with guest.witness(BUS, "typed.pcap") as capture:
        job = record(guest, KEYBOARD, "typed", "--seconds 9")
        for keys in (*"hello", ("shift", "w"), ("ret",), ("ctrl_r", "alt", "delete"), tuple("abcdefg")):
            guest.press(*keys)
        done = guest.wait(job)
    return Outcome(
        done, only_recording(guest, "typed"), witnessed(capture, REPORTS_IN), drivers(guest, KEYBOARD)
    )


@pytest.fixture(scope="module")
def terminated(guest: Guest) -> Outcome:
    return type_and_stop(guest, "terminated", "TERM")


@pytest.fixture(scope="module")
def interrupted(guest: Guest) -> Outcome:
    return type_and_stop(guest, "interrupted", "INT")


@pytest.fixture(scope="module")
def killed(guest: Guest) -> Outcome:
    outcome = type_and_stop(guest, "killed", "KILL")
    guest.check(f"{ZEROTAP} devices --restore {KEYBOARD}")
    return outcome


@pytest.fixture(scope="module")
def unplugged(guest: Guest) -> Outcome:
    """The keyboard is pulled out between two keys, and put in again when the recording has ended."""
    with guest.witness(BUS, "unplugged.pcap") as capture:
        job = record(guest, KEYBOARD, "unplugged")
        guest.press("u")
        guest.unplug_keyboard()
        done = guest.wait(job)
    guest.plug_keyboard()
    until(lambda: drivers(guest, KEYBOARD) == ["usbhid"], "the keyboard")
    return Outcome(
        done, only_recording(guest, "unplugged"), witnessed(capture, REPORTS_IN), drivers(guest, KEYBOARD)
    )


def test_the_recording_equals_what_usbmon_saw(typed: Outcome) -> None:
    assert len(typed.payloads()) >= 20
    assert typed.payloads() == typed.witnessed_payloads()


def test_timestamps_follow_those_of_the_kernel(typed: Outcome) -> None:
    recorded_s = [ns / 1e9 for ns in typed.recording.timestamps_ns.tolist()]
    for ours, (kernels, _) in zip(recorded_s, typed.witnessed, strict=True):
        assert -0.01 < ours - kernels < 1


def test_the_time_asked_for_is_a_normal_end(typed: Outcome) -> None:
    assert typed.done.status == 0, typed.done.err
    assert typed.drivers == ["usbhid"]


def test_the_file_is_for_its_owner_only(guest: Guest, typed: Outcome) -> None:
    (path,) = recorded_files(guest, "typed")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("way", ["interrupted", "terminated"])
def test_signals_keep_the_file_and_give_the_driver_back(way: str, request: pytest.FixtureRequest) -> None:
    outcome: Outcome = request.getfixturevalue(way)
    assert "Traceback" not in outcome.done.err
    assert outcome.payloads() == outcome.witnessed_payloads() != []
    assert outcome.drivers == ["usbhid"]


def test_an_interrupt_is_a_normal_end(interrupted: Outcome) -> None:
    assert interrupted.done.status == 0, interrupted.done.err


def test_after_kill_9_the_file_reads(killed: Outcome) -> None:
    assert killed.payloads() == killed.witnessed_payloads() != []


def test_after_kill_9_the_driver_is_restored_on_demand(guest: Guest, killed: Outcome) -> None:
    assert killed.drivers == ["none"]
    assert drivers(guest, KEYBOARD) == ["usbhid"]


def test_an_unplug_is_recorded_and_ends_the_recording(unplugged: Outcome) -> None:
    assert "Traceback" not in unplugged.done.err
    assert unplugged.payloads() == unplugged.witnessed_payloads() != []
    assert unplugged.recording.events[-1].kind == "unplug"
    assert unplugged.done.status == 1
    assert "unplugged" in unplugged.done.err


def test_a_keyboard_plugged_in_again_is_recorded_again(guest: Guest, unplugged: Outcome) -> None:
    assert unplugged.drivers == ["usbhid"]
    job = record(guest, KEYBOARD, "replugged", "--packets 2")
    guest.press("r")
    assert guest.wait(job).status == 0
    assert len(only_recording(guest, "replugged")) == 2


def test_a_second_recorder_is_told_who_holds_the_keyboard(guest: Guest) -> None:
    first = record(guest, KEYBOARD, "first")
    second = guest.run(f"{ZEROTAP} record {KEYBOARD} --label test --dataset second --yes --seconds 1")
    guest.stop(first, "INT")
    assert second.status == 1
    assert "another program" in second.err
    assert "Traceback" not in second.err
    assert recorded_files(guest, "second") == []


def test_the_only_keyboard_is_not_taken_unasked(guest: Guest) -> None:
    done = guest.run(f"{ZEROTAP} record {KEYBOARD} --label test --dataset unasked --seconds 1")
    assert done.status == 1
    assert "--yes" in done.err
    assert drivers(guest, KEYBOARD) == ["usbhid"]


def test_without_permission_the_udev_rule_is_the_way_out(guest: Guest) -> None:
    guest.check("mkdir -m 777 theirs")
    command = f"{ZEROTAP} record {KEYBOARD} --label test --dataset theirs/dataset --yes --seconds 1"
    done = guest.run(f"{SWITCH_TO_NOBODY} {command}")
    assert done.status == 1
    assert "permission" in done.err
    assert "udev" in done.err
    assert "Traceback" not in done.err
    assert drivers(guest, KEYBOARD) == ["usbhid"]


def test_a_recording_does_not_load_tensorflow(guest: Guest) -> None:
    job = record(guest, KEYBOARD, "light")
    maps = guest.check(f"cat /proc/{job.pid}/maps")
    guest.stop(job, "INT")
    assert "libusb" in maps
    assert "tensorflow" not in maps
