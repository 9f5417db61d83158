"""What the example sketches take on the simulated board, on our core: python benchmarks/board/sketches.py.

Every score is compared with the oracle's. With ``--check`` it ends with 1 where a target is missed. It takes
half a minute, gcc, and TensorFlow, which makes the two models.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "engine"), str(HERE.parents[1] / "tests" / "board")]

from sketch_build import SketchCompiler, core_objects, library_objects, sketch_objects  # noqa: E402

import models  # noqa: E402
from zerotap.features import Pipeline  # noqa: E402
from zerotap.firmware import BuildOptions, Oracle, export, quantise  # noqa: E402
from zerotap.firmware.delivery.frames import Frame, FrameReader, Kind  # noqa: E402
from zerotap.firmware.delivery.messages import Identity, Result  # noqa: E402
from zerotap.firmware.simulation.board import Board as SimulatedBoard  # noqa: E402

GCC = BuildOptions(compiler="gcc")
FLASH = 20_992
"""What all of the bag may take, stages and model: --flash 20992."""
WINDOW_BYTES, WINDOWS = 96, 200
TEXT = "text"
MESSAGES = 12
PACKETS = 120

TARGETS = {
    "windows_a_second": (500, ">="),
    "model_ms": (0.5, "<="),
    "text_within_flash_bytes": (FLASH, "<="),
    "text_within_ram_bytes": (450, "<="),
    "text_within_end_ms": (0.15, "<="),
}


@dataclass(frozen=True)
class Stream:
    """SerialStream on a board, at the other end of a line."""

    board: SimulatedBoard
    identity: Identity

    @classmethod
    def begun(cls, image: Path) -> "Stream":
        board = SimulatedBoard(image)
        assert board.run_until(lambda: board.usb.serial.is_open, seconds=1)
        (who,) = _replies(board, [Frame(Kind.HELLO, 0)])
        return cls(board, Identity.decode(who.payload))

    def results(self, kind: Kind, payloads: list[bytes]) -> list[Result | None]:
        """What comes back to requests that are sent without waiting, one each."""
        sent = [Frame(kind, number & 0xFF, payload) for number, payload in enumerate(payloads)]
        got = _replies(self.board, sent)
        assert [frame.sequence for frame in got] == [frame.sequence for frame in sent]
        return [
            None if frame.kind == Kind.NONE else Result.decode(frame.payload, self.identity) for frame in got
        ]


def _replies(board: SimulatedBoard, sent: list[Frame]) -> list[Frame]:
    reader, got = FrameReader(), []
    board.usb.serial.send(b"".join(frame.encode() for frame in sent))

    def came() -> bool:
        got.extend(reader.feed(board.usb.serial.take()))
        return len(got) == len(sent)

    assert board.run_until(came, seconds=5), got
    return got


def image(library: Path, folder: Path) -> Path:
    """SerialStream of a library on our core, over its port on USB; by gcc, with Arduino's flags."""
    compiler = SketchCompiler("gcc")
    sketch = library / "examples/SerialStream"
    objects = [
        *core_objects(compiler, folder / "core"),
        *library_objects(compiler, library, folder / "library"),
        *sketch_objects(compiler, sketch, [library], folder / "sketch", "port_usb.cpp"),
    ]
    return compiler.link(objects, folder / "sketch.elf")


def dense_line(folder: Path) -> tuple[bytes, Stream]:
    """A dense network of about half a millisecond, and SerialStream with it."""
    content = quantise(models.dense_network(WINDOW_BYTES, 64, 24, 4), models.windows(WINDOW_BYTES))
    export(content, folder / "dense", "dense", GCC)
    return content, Stream.begun(image(folder / "dense", folder))


def drawn_windows() -> np.ndarray:
    """Inputs of the dense network, int8 (WINDOWS, WINDOW_BYTES)."""
    return np.random.default_rng(1).integers(-128, 128, (WINDOWS, WINDOW_BYTES), np.int8)


def stream(folder: Path) -> dict[str, float]:
    """Windows of 96 B a second."""
    content, line = dense_line(folder)
    windows = drawn_windows()
    start, before = line.board.seconds, line.board.cycles
    results = line.results(Kind.WINDOW, [row.tobytes() for row in windows])
    seconds = line.board.seconds - start
    scores = np.array([result.scores for result in results])
    assert np.array_equal(scores, Oracle(content).invoke(windows)), "not the oracle's"
    took = [result.microseconds for result in results]
    return {
        "windows_a_second": round(WINDOWS / seconds),
        "cycles_a_window": round((line.board.cycles - before) / WINDOWS),
        "model_ms": float(np.median(took)) / 1000,
        "stack_bytes": line.board.stack_used,
    }


def text(folder: Path) -> dict[str, float]:
    """A bag of 1,024 x 16 behind the keys of a keyboard: as it is by default, and within FLASH."""
    content, within = models.m5(), replace(GCC, budget=replace(GCC.limits, flash_bytes=FLASH))
    figures: dict[str, float] = {}
    for prefix, options in (("text", GCC), ("text_within", within)):
        (folder / prefix).mkdir()
        figures |= {
            f"{prefix}_{key}": value for key, value in _bag(folder / prefix, content, options).items()
        }
    return figures


def _bag(folder: Path, content: bytes, options: BuildOptions) -> dict[str, float]:
    """What its library adds to a sketch, and what the end of a message takes."""
    pipeline = Pipeline.text(TEXT, length=32, hop=32, buckets=1024)
    (folder / "model").mkdir()
    (folder / "model/model.tflite").write_bytes(content)
    (folder / "model/pipeline.toml").write_text(pipeline.to_toml())
    report = export(folder / "model", folder / TEXT, TEXT, options).report
    line = Stream.begun(image(folder / TEXT, folder))
    oracle, ends = Oracle(content), []
    for seed in range(MESSAGES):
        items = pipeline.draw(PACKETS, seed)
        given = line.results(Kind.ITEM, [item.tobytes() for item in items])
        (end,) = line.results(Kind.FLUSH, [b""])
        assert end is not None and not any(given)
        assert np.array_equal(end.scores, oracle.invoke(pipeline.apply(items))[0]), "not the oracle's"
        ends.append(end.microseconds)
        line.results(Kind.RESET, [b""])
    return {
        "flash_bytes": report["flash_bytes"],
        "ram_bytes": report["ram_bytes"],
        "ram_and_stack_bytes": report["ram_total_bytes"],
        "end_ms": max(ends) / 1000,
    }


def measure() -> dict[str, float]:
    """All figures; every score is compared with the oracle's."""
    figures: dict[str, float] = {}
    for one in (stream, text):
        with tempfile.TemporaryDirectory() as folder:
            figures |= one(Path(folder))
    return figures


def missed(figures: dict[str, float]) -> list[str]:
    """The targets that are missed, in words."""
    told = []
    for name, (target, how) in TARGETS.items():
        holds = figures[name] >= target if how == ">=" else figures[name] <= target
        if not holds:
            told.append(f"{name}: {figures[name]:,} and not {how} {target:,}")
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    measured = measure()
    print(json.dumps(measured, indent=1))
    faults = missed(measured)
    if chosen.check:
        sys.exit("\n".join(faults) or 0)
