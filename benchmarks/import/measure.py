"""Measure the import of a USBPcap file to arrays: ours, tshark, python-pcapng, dpkt, in one run.

Run it in the environment of `pip install -e .[benchmarks]`, with tshark on PATH:

    python benchmarks/import/measure.py

It writes results.json beside it, prints the table of README.md, and ends with 1 where a bar is missed.
"""

import json
import platform
import resource
import struct
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

import dpkt
import numpy as np
import pcapng
from captures import PACKETS, write_captures

from zerotap.capture import read_recordings
from zerotap.capture.files.pcap_files.pcap import read_pcap

REPEATS = 5
BARS = {"tshark": 30, "python-pcapng": 40, "dpkt": 5.5, "plain loop": 1}
MOST_MEMORY = 4
USBPCAP_HEADER = struct.Struct("<HQIHBHHBBI")


def ours(path):
    """Every stream as columns."""
    return sum(len(recording) for recording in read_recordings(path))


def with_tshark(path):
    """The fields that make up the same columns, as text."""
    wanted = ["frame.time_epoch", "usb.src", "usb.irp_info.direction", "usb.usbd_status", "usb.capdata"]
    columns = [option for name in wanted for option in ("-e", name)]
    command = ["tshark", "-r", path, "-T", "fields", *columns]
    done = subprocess.run(command, capture_output=True, check=True)
    return sum(b"\t0x01\t0x00000000\t" in line for line in done.stdout.splitlines())


def with_dpkt(path):
    """Python's fastest reader of the frames, then a header each."""
    reader = dpkt.pcapng.Reader if path.suffix == ".pcapng" else dpkt.pcap.Reader
    with path.open("rb") as file:
        return _completed(reader(file))


def with_python_pcapng(path):
    """Block by block."""
    with path.open("rb") as file:
        blocks = (b for b in pcapng.FileScanner(file) if isinstance(b, pcapng.blocks.EnhancedPacket))
        return _completed((block.timestamp, block.packet_data) for block in blocks)


def _completed(frames):
    """Gather times and payloads of the completed transfers as arrays."""
    times, payloads = [], []
    for timestamp, frame in frames:
        header = USBPCAP_HEADER.unpack_from(frame)
        if header[4] & 1 and header[2] == 0 and header[9]:
            times.append(timestamp)
            payloads.append(frame[header[0] :])
    columns = np.array(times, np.float64), np.frombuffer(b"".join(payloads), np.uint8)
    return len(columns[0])


def loop_over(content):
    """Where each record of a pcap starts, and nothing more: what the walk is held against."""
    at, starts, length_at = 24, [], struct.Struct("<8xI4x").unpack_from
    while at + 16 <= len(content):
        starts.append(at)
        at += length_at(content, at)[0] + 16
    return len(starts)


def walk_against_loop(path: Path) -> float:
    """How many times longer a plain loop takes than ``read_pcap``, of bytes that are read already."""
    content = path.read_bytes()
    runs = {"loop": lambda: loop_over(content), "walk": lambda: read_pcap(content, path)}
    best = best_seconds(runs)
    return best["loop"] / best["walk"]


def best_seconds(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The least processor time of REPEATS runs of each, in turn: other load hits all alike."""
    rounds = [{name: _seconds(call) for name, call in calls.items()} for _ in range(REPEATS)]
    return {name: min(times[name] for times in rounds) for name in calls}


def _seconds(call: Callable[[], object]) -> float:
    start = _processor_s()
    call()
    return _processor_s() - start


def _processor_s() -> float:
    """Of this process and of those that it waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


READERS = {"ours": ours, "tshark": with_tshark, "dpkt": with_dpkt, "python-pcapng": with_python_pcapng}


def peak_memory(path: Path) -> float:
    """Return the most that reading allocates (Python and NumPy, the file's bytes among it), as file sizes."""
    tracemalloc.start()
    recordings = read_recordings(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert recordings
    return peak / path.stat().st_size


def measure(name: str, path: Path) -> dict[str, object]:
    """Measure every reader that reads the file; they have to find the same packets."""
    readers = {n: r for n, r in READERS.items() if n != "python-pcapng" or path.suffix == ".pcapng"}
    found = {reader: read(path) for reader, read in readers.items()}
    if len(set(found.values())) != 1:
        raise SystemExit(f"{name}: the readers do not agree: {found}")
    seconds = best_seconds({reader: partial(read, path) for reader, read in readers.items()})
    faster = {n: s / seconds["ours"] for n, s in seconds.items() if n != "ours"}
    if path.suffix == ".pcap":
        faster["plain loop"] = walk_against_loop(path)
    return {
        "file": name,
        "bytes": path.stat().st_size,
        "packets": PACKETS,
        "completed": found["ours"],
        "seconds": seconds,
        "times_faster": faster,
        "memory_in_file_sizes": peak_memory(path),
    }


def missed(result: dict) -> list[str]:
    """Return the bars that a result does not reach."""
    slow = [f"{n} {x:.1f} < {BARS[n]}" for n, x in result["times_faster"].items() if x < BARS[n]]
    memory = result["memory_in_file_sizes"]
    large = [f"memory {memory:.2f} >= {MOST_MEMORY}"] if memory >= MOST_MEMORY else []
    return [f"{result['file']}: {what}" for what in (*slow, *large)]


def table(results: list[dict]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| file | MB | ours, ms | tshark, x | python-pcapng, x | dpkt, x | loop, x | memory, file sizes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        faster = [result["times_faster"].get(n) for n in ("tshark", "python-pcapng", "dpkt", "plain loop")]
        shown = " | ".join("" if x is None else f"{x:.1f}" for x in faster)
        ours_ms, megabytes = result["seconds"]["ours"] * 1e3, result["bytes"] / 1e6
        memory = result["memory_in_file_sizes"]
        lines.append(f"| {result['file']} | {megabytes:.1f} | {ours_ms:.1f} | {shown} | {memory:.2f} |")
    return "\n".join(lines)


def versions() -> dict[str, str]:
    """Return what was compared."""
    tshark = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    packages = {name: version(name) for name in ("zerotap", "numpy", "dpkt", "python-pcapng")}
    return {"python": platform.python_version(), "tshark": tshark.split()[2].rstrip("."), **packages}


def main() -> None:
    """Measure, write results.json, print the table."""
    with tempfile.TemporaryDirectory() as folder:
        results = [measure(name, path) for name, path in write_captures(Path(folder)).items()]
    content = {"repeats": REPEATS, "versions": versions(), "results": results}
    Path(__file__).with_name("results.json").write_text(json.dumps(content, indent=1) + "\n")
    print(table(results))
    failures = [failure for result in results for failure in missed(result)]
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main()
