"""`zerotap record` in the guest, and what its files and its witness hold."""

import subprocess
import sys
import time
from pathlib import Path

from zerotap.capture import Recording, read_recordings

from .machine import Guest, Job, until

ZEROTAP = f"{sys.executable} -m zerotap"
TOOLS = ("qemu-system-x86_64", "busybox", "depmod", "tcpdump", "tshark", "apt-get", "dpkg-deb")
SETTLE_S = 3
"""Longer than the emulated machine takes to answer where it has little time."""

_COMPLETED = "usb.urb_type == 'C' && usb.urb_status == 0 && usb.data_len > 0"
_NOT_THE_ROOT_HUB = "usb.device_address != 1"


def record(guest: Guest, device: str, dataset: str, options: str = "", user: str = "") -> Job:
    """Start a recording of ``device`` and wait until it has the device."""
    command = f"{user} {ZEROTAP} record {device} --label test --dataset {dataset} --yes {options}"
    job = guest.start(command)
    claimed = "until set -- /sys/bus/usb/drivers/usbfs/*:*; [ -e $1 ]; do"
    done = guest.run(f"{claimed} kill -0 {job.pid} || exit 1; sleep 0.2; done")
    assert done.status == 0, job.err
    return job


def drivers(guest: Guest, device: str) -> list[str]:
    """The kernel's drivers that hold the interfaces of ``device`` (VID:PID), "usbfs" for a program."""
    vendor, product = device.split(":")
    script = (
        "for d in /sys/bus/usb/devices/*; do"
        f" grep -qs {vendor} $d/idVendor && grep -qs {product} $d/idProduct &&"
        " for i in $d/*:*; do readlink $i/driver || echo none; done; done; true"
    )
    return [Path(line).name for line in guest.check(script).splitlines()]


def only_recording(guest: Guest, dataset: str) -> Recording:
    """The one stream of the one file of a dataset."""
    (path,) = recorded_files(guest, dataset)
    (recording,) = read_recordings(path)
    return recording


def recorded_bytes(guest: Guest, dataset: str) -> int:
    """How far the files of a dataset have grown."""
    return sum(path.stat().st_size for path in recorded_files(guest, dataset))


def recorded_files(guest: Guest, dataset: str) -> list[Path]:
    """The recordings of a dataset."""
    return sorted((guest.scratch / dataset / "recordings").glob("*.pcapng"))


def settle(guest: Guest, dataset: str) -> None:
    """Wait until something was recorded, and then nothing for a while."""
    until(lambda: recorded_files(guest, dataset), "the file")
    size = 0
    while (now := recorded_bytes(guest, dataset)) != size:
        size = now
        time.sleep(SETTLE_S)


def witnessed(capture: Path, endpoint: int) -> list[tuple[float, bytes]]:
    """Each completed transfer of ``endpoint`` as tshark reads it: seconds since the epoch and payload."""
    fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "usbhid.data", "-e", "usb.capdata"]
    wanted = f"{_COMPLETED} && {_NOT_THE_ROOT_HUB} && usb.endpoint_address == {endpoint:#x}"
    command = ["tshark", "-r", str(capture), "-Y", wanted, *fields]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split("\t") for line in lines]
    return [(float(time), bytes.fromhex(hid or other)) for time, hid, other in rows]
