"""QEMU's keyboard, recorded in a booted guest: usbmon as the witness, and every way out."""

import json
import stat
from dataclasses import dataclass
from itertools import chain, cycle, takewhile
from typing import Any

import pytest

from zerotap.capture import Recording

from . import machine
from .machine import Done, Guest, until
from .recording import TOOLS, ZEROTAP, drivers, only_recording, record, recorded_files, settle, witnessed

pytestmark = [pytest.mark.usb_vm, pytest.mark.system(*TOOLS)]

KEYBOARD = "0627:0001"
BUS = 1
REPORTS_IN = 0x81
CHORDS = (*"hello", ("shift", "w"), ("ret",), ("ctrl_r", "alt", "delete"), tuple("abcdefg"))
PACKETS = 2 * sum(map(len, CHORDS))
"""A report for each key's edge, unless QEMU drops one."""
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
        settle(guest, name)
    # After the witness: a driver that is back reads reports of its own.
    done = guest.stop(job, signal)
    return Outcome(
        done, only_recording(guest, name), witnessed(capture, REPORTS_IN), drivers(guest, KEYBOARD)
    )


@pytest.fixture(scope="module")
def typed(guest: Guest) -> Outcome:
    """Keys alone, with modifiers and in rollover, until the packets that were asked for have come."""
    with guest.witness(BUS, "typed.pcap") as capture:
        job = record(guest, KEYBOARD, "typed", f"--packets {PACKETS}")
        for keys in takewhile(lambda _: job.running, chain(CHORDS, cycle("again"))):
            guest.press(*keys)
        done = guest.wait(job)
    # A driver that is back reads reports of its own.
    seen = witnessed(capture, REPORTS_IN)[:PACKETS]
    return Outcome(done, only_recording(guest, "typed"), seen, drivers(guest, KEYBOARD))


@pytest.fixture(scope="module")
def terminated(guest: Guest) -> Outcome:
    return type_and_stop(guest, "terminated", "TERM")


@pytest.fixture(scope="module")
def interrupted(guest: Guest) -> Outcome:
    return type_and_stop(guest, "interrupted", "INT")


@pytest.fixture(scope="module")
def suspended(guest: Guest) -> Outcome:
    return type_and_stop(guest, "suspended", "TSTP")


@pytest.fixture(scope="module")
def quit_(guest: Guest) -> Outcome:
    return type_and_stop(guest, "quit", "QUIT")


@pytest.fixture(scope="module")
def killed(guest: Guest) -> Outcome:
    """The watchdog needs a moment then."""
    outcome = type_and_stop(guest, "killed", "KILL")
    until(lambda: drivers(guest, KEYBOARD) == ["usbhid"], "the driver")
    return outcome


@dataclass(frozen=True)
class WithoutDriver:
    """A recording of a keyboard that had no driver before, and the way back."""

    done: Done
    before: list[str]
    restored: Done
    drivers: list[str]


@pytest.fixture(scope="module")
def without_driver(guest: Guest) -> WithoutDriver:
    guest.check("echo 1-1:1.0 > /sys/bus/usb/drivers/usbhid/unbind")
    job = record(guest, KEYBOARD, "without", "--seconds 8")
    for key in takewhile(lambda _: job.running, cycle("while")):
        guest.press(key)
    done, before = guest.wait(job), drivers(guest, KEYBOARD)
    restored = guest.run(f"{ZEROTAP} devices --restore {KEYBOARD}")
    return WithoutDriver(done, before, restored, drivers(guest, KEYBOARD))


@dataclass(frozen=True)
class Race:
    """Two recorders that are started at the same moment."""

    refused: Done
    other: Done
    drivers: list[str]


@pytest.fixture(scope="module")
def race(guest: Guest) -> Race:
    line = f"{ZEROTAP} record {KEYBOARD} --label test --yes --dataset"
    jobs = [guest.start(f"{line} race{n}") for n in (1, 2)]
    until(lambda: any(not job.running for job in jobs), "the refusal")
    jobs.sort(key=lambda job: job.running)
    refused, other = jobs[0].done(), guest.stop(jobs[1], "INT")
    return Race(refused, other, drivers(guest, KEYBOARD))


@pytest.fixture(scope="module")
def unplugged(guest: Guest) -> Outcome:
    """The keyboard is pulled out between two keys, and put in again when the recording has ended."""
    with guest.witness(BUS, "unplugged.pcap") as capture:
        job = record(guest, KEYBOARD, "unplugged")
        guest.press("u")
        until(lambda: recorded_files(guest, "unplugged"), "the file")
        guest.unplug(machine.KEYBOARD)
        done = guest.wait(job)
    guest.plug(machine.KEYBOARD)
    until(lambda: drivers(guest, KEYBOARD) == ["usbhid"], "the keyboard")
    return Outcome(
        done, only_recording(guest, "unplugged"), witnessed(capture, REPORTS_IN), drivers(guest, KEYBOARD)
    )


@dataclass(frozen=True)
class Meanwhile:
    """What others see while the keyboard is being recorded."""

    second: Done
    doctor: Done
    listed: dict[str, Any]
    maps: str


@pytest.fixture(scope="module")
def meanwhile(guest: Guest) -> Meanwhile:
    first = record(guest, KEYBOARD, "first")
    seen = Meanwhile(
        second=guest.run(f"{ZEROTAP} record {KEYBOARD} --label test --dataset second --yes --seconds 1"),
        doctor=guest.run(f"{ZEROTAP} doctor {KEYBOARD} --json"),
        listed=list_keyboard(guest),
        maps=guest.check(f"cat /proc/{first.pid}/maps"),
    )
    guest.stop(first, "INT")
    return seen


def list_keyboard(guest: Guest) -> dict[str, Any]:
    listed = json.loads(guest.check(f"{ZEROTAP} devices --json"))
    (keyboard,) = [device for device in listed if device["id"].startswith(KEYBOARD)]
    return dict(keyboard)


def test_the_recording_equals_what_usbmon_saw(typed: Outcome) -> None:
    assert typed.done.status == 0, typed.done.err
    assert len(typed.payloads()) == PACKETS
    assert typed.payloads() == typed.witnessed_payloads()


def test_timestamps_follow_those_of_the_kernel(typed: Outcome) -> None:
    recorded_s = [ns / 1e9 for ns in typed.recording.timestamps_ns.tolist()]
    for ours, (kernels, _) in zip(recorded_s, typed.witnessed, strict=True):
        assert -0.01 < ours - kernels < 1


def test_the_driver_is_given_back(typed: Outcome) -> None:
    assert typed.drivers == ["usbhid"]


def test_the_file_is_for_its_owner_only(guest: Guest, typed: Outcome) -> None:
    (path,) = recorded_files(guest, "typed")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.minutes
@pytest.mark.parametrize("way", ["interrupted", "terminated", "suspended", "quit_"])
def test_signals_keep_the_file_and_give_the_driver_back(way: str, request: pytest.FixtureRequest) -> None:
    outcome: Outcome = request.getfixturevalue(way)
    assert "Traceback" not in outcome.done.err
    assert outcome.payloads() == outcome.witnessed_payloads() != []
    assert outcome.drivers == ["usbhid"]


@pytest.mark.minutes
def test_an_interrupt_is_a_normal_end(interrupted: Outcome) -> None:
    assert interrupted.done.status == 0, interrupted.done.err


def test_after_kill_9_the_file_reads(killed: Outcome) -> None:
    assert killed.payloads() == killed.witnessed_payloads() != []


def test_after_kill_9_the_driver_comes_back_unasked(guest: Guest, killed: Outcome) -> None:
    assert killed.done.status == 128 + 9
    assert drivers(guest, KEYBOARD) == ["usbhid"]


@pytest.mark.minutes
def test_the_time_asked_for_is_a_normal_end(without_driver: WithoutDriver) -> None:
    assert without_driver.done.status == 0, without_driver.done.err


@pytest.mark.minutes
def test_a_driver_that_was_missing_before_is_noticed(without_driver: WithoutDriver) -> None:
    assert "had no kernel driver before" in without_driver.done.err
    assert "zerotap devices --restore 1." in without_driver.done.err
    assert without_driver.before == ["none"]


@pytest.mark.minutes
def test_a_driver_is_restored_on_demand(without_driver: WithoutDriver) -> None:
    assert "driver given back to interface 0" in without_driver.restored.err
    assert without_driver.drivers == ["usbhid"]


@pytest.mark.minutes
def test_of_two_recorders_one_has_the_keyboard_and_gives_it_back(race: Race) -> None:
    assert race.refused.status == 1
    assert "another program is recording it" in race.refused.err
    assert "is recording it" not in race.other.err
    assert race.drivers == ["usbhid"]


def test_an_unplug_is_recorded_and_ends_the_recording(unplugged: Outcome) -> None:
    assert "Traceback" not in unplugged.done.err
    assert unplugged.payloads() == unplugged.witnessed_payloads() != []
    assert unplugged.recording.events[-1].kind == "unplug"
    assert unplugged.done.status == 1
    assert "unplugged" in unplugged.done.err


@pytest.mark.minutes
def test_a_keyboard_plugged_in_again_is_recorded_again(guest: Guest, unplugged: Outcome) -> None:
    assert unplugged.drivers == ["usbhid"]
    job = record(guest, KEYBOARD, "replugged", "--packets 2")
    guest.press("r")
    assert guest.wait(job).status == 0
    assert len(only_recording(guest, "replugged")) == 2


@pytest.mark.minutes
def test_a_second_recorder_is_told_who_holds_the_keyboard(meanwhile: Meanwhile) -> None:
    assert meanwhile.second.status == 1
    assert "another program" in meanwhile.second.err
    assert "Traceback" not in meanwhile.second.err


@pytest.mark.minutes
def test_the_list_shows_who_holds_the_keyboard(meanwhile: Meanwhile) -> None:
    (interface,) = meanwhile.listed["interfaces"]
    assert interface["driver"] == "usbfs"


@pytest.mark.minutes
def test_the_doctor_finds_the_recorder(meanwhile: Meanwhile) -> None:
    assert meanwhile.doctor.status == 1
    assert [finding["check"] for finding in json.loads(meanwhile.doctor.out)] == ["busy"]


@pytest.mark.minutes
def test_a_recording_does_not_load_tensorflow(meanwhile: Meanwhile) -> None:
    assert "libusb" in meanwhile.maps
    assert "tensorflow" not in meanwhile.maps


def test_the_list_is_what_the_kernel_sees(guest: Guest) -> None:
    listed = list_keyboard(guest)
    (interface,) = listed["interfaces"]
    (endpoint,) = interface["endpoints"]
    folder = f"/sys/bus/usb/devices/1-1/1-1:1.0/ep_{endpoint['address']:02x}"
    seen = guest.check(f"cat {folder}/direction {folder}/type {folder}/wMaxPacketSize").split()
    assert [endpoint["direction"].lower(), endpoint["transfer"].capitalize()] == [seen[0].lower(), seen[1]]
    assert endpoint["max_packet_bytes"] == int(seen[2], 16)
    assert interface["driver"] == "usbhid"
    assert listed["openable"]


def test_the_only_keyboard_is_not_taken_unasked(guest: Guest) -> None:
    done = guest.run(f"{ZEROTAP} record {KEYBOARD} --label test --dataset unasked --seconds 1")
    assert done.status == 1
    assert "--yes" in done.err
    assert drivers(guest, KEYBOARD) == ["usbhid"]


@pytest.mark.minutes
def test_without_permission_the_udev_rule_is_the_way_out(guest: Guest) -> None:
    guest.check("mkdir -m 777 theirs")
    done = guest.run(
        f"{SWITCH_TO_NOBODY} {ZEROTAP} record {KEYBOARD} --label a --dataset theirs/dataset --yes"
    )
    assert done.status == 1
    assert "permission" in done.err
    assert "udev" in done.err
    assert "Traceback" not in done.err
    assert drivers(guest, KEYBOARD) == ["usbhid"]


@pytest.mark.minutes
def test_the_doctor_knows_that_permission_is_missing(guest: Guest) -> None:
    done = guest.run(f"{SWITCH_TO_NOBODY} {ZEROTAP} doctor {KEYBOARD} --json")
    assert done.status == 1
    (finding,) = json.loads(done.out)
    assert finding["check"] == "permission"
    assert "udev" in finding["command"]


@pytest.mark.minutes
def test_with_permission_anyone_records_and_gives_the_driver_back(guest: Guest) -> None:
    guest.check("mkdir -m 777 allowed")
    node = guest.check("printf /dev/bus/usb/001/%03d $(cat /sys/bus/usb/devices/1-1/devnum)")
    guest.check(f"chmod 666 {node}")
    job = record(guest, KEYBOARD, "allowed/dataset", "--packets 2", user=SWITCH_TO_NOBODY)
    guest.press("n")
    done = guest.wait(job)
    guest.check(f"chmod 664 {node}")
    assert done.status == 0, done.err
    assert len(only_recording(guest, "allowed/dataset")) == 2
    assert drivers(guest, KEYBOARD) == ["usbhid"]
