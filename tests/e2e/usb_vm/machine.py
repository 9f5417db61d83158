"""A QEMU guest with USB devices: a shell inside it, its monitor (QMP), and its keyboard."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from .kernel import Kernel

BOOT_TIMEOUT_S = 300
PATIENCE_S = 150
"""How long anything may take: an emulated machine is slow, and slower where others use the cores."""
KEYBOARD = {"driver": "usb-kbd", "id": "keyboard", "bus": "usb.0", "port": "1"}
MOUSE = {"driver": "usb-mouse", "id": "mouse", "bus": "usb.0", "port": "2"}
EDGE_S = 0.06
"""QEMU drops key edges above about 20 a second where the machine is busy."""

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """What a command in the guest gave."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Job:
    """A command that runs in the guest while the test goes on."""

    pid: int
    files: Path

    @property
    def running(self) -> bool:
        return not self.files.with_suffix(".status").exists()

    @property
    def err(self) -> str:
        return self.files.with_suffix(".err").read_text(errors="replace")

    def done(self) -> Done:
        out = self.files.with_suffix(".out").read_text(errors="replace")
        return Done(int(self.files.with_suffix(".status").read_text()), out, self.err)


class Guest:
    """A booted guest; ``scratch`` is the one folder that both sides write, under the same path."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._numbers = count(1)
        self._shell = _connect(scratch / "shell.sock", BOOT_TIMEOUT_S)
        self._qmp = _connect(scratch / "qmp.sock", PATIENCE_S)
        self._shell_in = self._shell.makefile("r", errors="replace")
        self._qmp_in = self._qmp.makefile("r")
        self._qmp_in.readline()
        self.qmp("qmp_capabilities")
        self._answer(0)

    def close(self) -> None:
        """Hang up; the guest goes on."""
        self._shell.close()
        self._qmp.close()

    def run(self, command: str, timeout_s: float = PATIENCE_S) -> Done:
        """Run one line of shell in the guest and wait for its end."""
        number = next(self._numbers)
        self._shell.settimeout(timeout_s)
        self._shell.sendall(f"{number} {command}\n".encode())
        status = self._answer(number)
        out, err = (self.scratch / f"{number}.{kind}" for kind in ("out", "err"))
        return Done(status, out.read_text(errors="replace"), err.read_text(errors="replace"))

    def check(self, command: str) -> str:
        """Run one line of shell that must succeed, and return what it printed."""
        done = self.run(command)
        assert done.status == 0, f"{command}: {done.err}"
        return done.out

    def start(self, command: str) -> Job:
        """Start one simple command in the guest; it can be interrupted as at a shell."""
        files = self.scratch / f"job{next(self._numbers)}"
        self.check(
            f"(env --default-signal=INT,QUIT {command} > {files}.out 2> {files}.err & echo $! > {files}.pid;"
            f" wait $!; echo $? > {files}.code; mv {files}.code {files}.status) > /dev/null 2>&1 &"
        )
        pid = until(lambda: _text(files.with_suffix(".pid")).strip(), "the job's start")
        return Job(int(pid), files)

    def wait(self, job: Job, timeout_s: float = PATIENCE_S) -> Done:
        """Wait for the end of ``job``; one that hangs is killed, or it would hold its device."""
        try:
            until(lambda: not job.running, "the job's end", timeout_s)
        except AssertionError:
            self.check(f"kill -KILL {job.pid}")
            raise
        return job.done()

    def stop(self, job: Job, signal: str) -> Done:
        """Send ``job`` a signal and wait for its end."""
        self.check(f"kill -{signal} {job.pid}")
        return self.wait(job)

    @contextmanager
    def witness(self, bus: int, name: str) -> Iterator[Path]:
        """What crosses a USB bus meanwhile, as tcpdump saw it on usbmon."""
        capture = self.scratch / name
        job = self.start(f"tcpdump -U -Z root -s 0 -i usbmon{bus} -w {capture}")
        until(lambda: "listening on" in job.err, "tcpdump")
        try:
            yield capture
        finally:
            self.stop(job, "INT")

    def qmp(self, command: str, **arguments: object) -> Any:
        """Give QEMU's monitor a command and return its answer."""
        request = {"execute": command, "arguments": arguments}
        self._qmp.sendall(json.dumps(request).encode() + b"\n")
        while "event" in (answer := json.loads(self._qmp_in.readline())):
            pass
        assert "return" in answer, f"{command}: {answer}"
        return answer["return"]

    def press(self, *keys: str) -> None:
        """Press keys one after the other, then release them in turn."""
        for down in (True, False):
            for key in keys:
                data = {"down": down, "key": {"type": "qcode", "data": key}}
                self.qmp("input-send-event", events=[{"type": "key", "data": data}])
                time.sleep(EDGE_S)

    def move(self, x: int, y: int) -> None:
        """Move the mouse by so many counts."""
        moves = {"x": x, "y": y}
        events = [{"type": "rel", "data": {"axis": axis, "value": by}} for axis, by in moves.items()]
        self.qmp("input-send-event", events=events)
        time.sleep(EDGE_S)

    def plug(self, device: dict[str, str]) -> None:
        """Put ``KEYBOARD`` or ``MOUSE`` into its port; the keyboard is there from the start."""
        self.qmp("device_add", **device)

    def unplug(self, device: dict[str, str]) -> None:
        """Pull it out."""
        self.qmp("device_del", id=device["id"])

    def _answer(self, number: int) -> int:
        for line in self._shell_in:
            if line.startswith(f"{number} "):
                return int(line.split()[1])
        raise AssertionError(f"the guest died: {_text(self.scratch / 'console.log')[-2000:]}")


def until(condition: Callable[[], T], what: str, timeout_s: float = PATIENCE_S) -> T:
    """Ask again and again until the answer is true, and return it."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {timeout_s} s"
        time.sleep(0.1)
    return answer


@contextmanager
def booted(kernel: Kernel, scratch: Path) -> Iterator[Guest]:
    """Boot a guest that sees the host's files (read-only) and ``scratch``, and kill it afterwards."""
    with subprocess.Popen(_qemu(kernel, scratch), stdin=subprocess.DEVNULL) as process:
        try:
            with closing(Guest(scratch)) as guest:
                yield guest
        finally:
            process.kill()


def _qemu(kernel: Kernel, scratch: Path) -> list[str]:
    keyboard = ",".join([KEYBOARD["driver"], *(f"{k}={v}" for k, v in KEYBOARD.items() if k != "driver")])
    return [
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
        "-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "768",
        "-kernel", f"{kernel.vmlinux}", "-initrd", f"{kernel.initramfs}",
        "-append", f"console=ttyS0 quiet panic=-1 mitigations=off scratch={scratch}",
        "-serial", f"file:{scratch}/console.log",
        "-serial", f"unix:{scratch}/shell.sock,server=on,wait=off",
        "-qmp", f"unix:{scratch}/qmp.sock,server=on,wait=off",
        "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", f"local,path={scratch},mount_tag=scratch,security_model=none",
        "-device", "qemu-xhci,id=usb",
        "-device", keyboard,
    ]  # fmt: skip


def _connect(path: Path, timeout_s: float) -> socket.socket:
    until(path.exists, path.name)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout_s)
    until(lambda: connection.connect_ex(str(path)) == 0, path.name)
    return connection


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
