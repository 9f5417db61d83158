"""Record from virtual devices at USB's limits: what is lost, how late packets are stamped, what it costs.

python benchmarks/recording/measure.py

It writes results.json beside it, prints the table of README.md, and ends with 1 where a bar is missed.
"""

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.session.session import Plan, record
from zerotap.capture.sources.registry import find_source
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.virtual import binary_samples

SECONDS = 60
REPORT_BYTES, REPORTS_HZ = 64, 8000
FRAME_BYTES = len(binary_samples()[0])
FRAMES_HZ = round(1_200_000 / FRAME_BYTES)
REPORTS, SENSOR = f"virtual:reports@{REPORTS_HZ}", f"virtual:sensor@{FRAMES_HZ}"
MOST_CORES = 1.0


def measure(spec: str, seconds: float) -> dict[str, object]:
    """Record ``spec`` for so long, as `zerotap record` does, and compare with what was sent."""
    with TemporaryDirectory() as folder, opened(find_source(spec)) as source:
        dataset = Dataset.open_or_create(Path(folder) / "data", True)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        (result,) = record(source, dataset, Plan(("measured",), seconds=seconds))
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
        if result.problem():
            raise SystemExit(f"{spec}: {result.problem()}")
        (recording,) = read_recordings(result.path)
        file_bytes = result.path.stat().st_size
    sent, due_s = (_reports if spec == REPORTS else _stream)(recording)
    stamped_s = (recording.timestamps_ns - recording.timestamps_ns[0]) / 1e9
    late_s = stamped_s - due_s
    return {
        "source": spec,
        "seconds": recording.duration_s,
        "packets": len(recording),
        "packets_a_second": len(recording) / recording.duration_s,
        "bytes_a_second": len(recording.payload) / recording.duration_s,
        "as_sent": bool(np.array_equal(recording.payload, sent)),
        "gaps": result.gaps,
        "late_ms": {str(q): float(np.quantile(late_s - late_s.min(), q)) * 1e3 for q in (0.5, 0.99, 1)},
        "file_bytes": file_bytes,
        "cores": cpu_s / wall_s,
    }


def _reports(recording):
    """The payload that was sent if nothing is lost, and when each packet was due, in s since the first."""
    count = np.arange(len(recording))
    sent = np.tile((count & 0xFF).astype(np.uint8)[:, None], (1, REPORT_BYTES))
    sent[:, :4] = count.astype("<u4")[:, None].view(np.uint8)
    return sent.reshape(-1), count / REPORTS_HZ


def _stream(recording):
    """The same of the sensor: a packet is due with the millisecond that completes its last frame."""
    cycle = np.frombuffer(b"".join(binary_samples()), np.uint8)
    sent = np.tile(cycle, len(recording.payload) // len(cycle) + 1)[: len(recording.payload)]
    frames = np.ceil(recording.offsets[1:] / FRAME_BYTES)
    due_s = np.ceil(frames / FRAMES_HZ * 1000) / 1000
    return sent, due_s - due_s[0]


def missed(result: dict) -> list[str]:
    """Return the bars that a result does not reach."""
    least = 0.99 * (REPORTS_HZ * REPORT_BYTES if result["source"] == REPORTS else FRAMES_HZ * FRAME_BYTES)
    bars = {
        "packets were lost": result["as_sent"] and not result["gaps"],
        f"it fell behind {least:.0f} bytes a second": result["bytes_a_second"] >= least,
        f"it took {result['cores']:.2f} cores": result["cores"] < MOST_CORES,
    }
    return [f"{result['source']}: {what}" for what, held in bars.items() if not held]


def table(results: list[dict]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| source | s | packets/s | bytes/s | lost | late, median ms | 99 % | at most | cores |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        late = " | ".join(f"{ms:.2f}" for ms in result["late_ms"].values())
        lines.append(
            f"| {result['source']} | {result['seconds']:.0f} | {result['packets_a_second']:.0f} "
            f"| {result['bytes_a_second']:.0f} | {'none' if result['as_sent'] else 'some'} | {late} "
            f"| {result['cores']:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, write results.json, print the table."""
    results = [measure(spec, SECONDS) for spec in (REPORTS, SENSOR)]
    versions = {"python": platform.python_version(), **{n: version(n) for n in ("zerotap", "numpy", "pyusb")}}
    content = {"versions": versions, "results": results}
    Path(__file__).with_name("results.json").write_text(json.dumps(content, indent=1) + "\n")
    print(table(results))
    sys.exit("\n".join(failure for result in results for failure in missed(result)) or 0)


if __name__ == "__main__":
    main()
