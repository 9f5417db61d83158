"""Proof on a board: every window, and recordings item by item, through SerialStream against the oracle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import BoardError, ModelError, NotExactError
from zerotap.features import PIPELINE_FILE
from zerotap.firmware.artefacts import Artefact, ModelOracle, as_folder, open_artefact, read_pipeline
from zerotap.firmware.options import DEFAULTS, BuildOptions
from zerotap.reporting import Progress, no_progress

from .board_session import BoardSession

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware.several_ends import Samples
    from zerotap.firmware.tflite.model_bytes import ModelFile

    from .links import Link
    from .messages import Identity, Result

ON_BOARD: Final = "asking the board"
_PERCENTILES: Final = (50, 90, 99, 100)


@dataclass(frozen=True, slots=True, eq=False)
class BoardVerification:
    """What a model did on a board.

    ``samples`` went there whole, and ``pushed`` recordings item by item, which gave ``pushed_results``;
    ``mismatches`` and ``pushed_mismatches`` of them differ from the oracle's, of which ``first`` tells one.
    ``microseconds`` of each result, as the board measured it; ``seconds`` of each request, there and back.
    ``resent`` frames came to the board damaged.
    """

    port: str
    build: str
    oracle: str
    samples: int
    mismatches: int
    pushed: int
    pushed_results: int
    pushed_mismatches: int
    resent: int
    first: str
    microseconds: NDArray[np.int64]
    seconds: NDArray[np.float64]

    def to_json(self) -> dict[str, Any]:
        """What `zerotap verify --on PORT --json` prints."""
        requests = len(self.seconds)
        return {
            "port": self.port,
            "build": self.build,
            "oracle": self.oracle,
            "samples": self.samples,
            "mismatches": self.mismatches,
            "pushed": self.pushed,
            "pushed_results": self.pushed_results,
            "pushed_mismatches": self.pushed_mismatches,
            "resent": self.resent,
            "us": _percentiles(self.microseconds),
            "round_trip_ms": _percentiles(1000 * self.seconds),
            "requests_per_second": float(requests / self.seconds.sum()) if requests else None,
        }

    def __repr__(self) -> str:
        differ = self.mismatches + self.pushed_mismatches
        return (
            f"<BoardVerification: {self.samples} samples and {self.pushed_results} results pushed, {differ} "
            f"differ from {self.oracle}, at {self.port}>"
        )

    def check(self, model: object) -> None:
        """Raise NotExactError, which names ``model`` and the first difference."""
        if self.mismatches or self.pushed_mismatches:
            counted = f"{self.mismatches} of {self.samples} samples"
            if not self.mismatches:
                counted = f"{self.pushed_mismatches} of {self.pushed_results} results of NAME_push"
            raise NotExactError(
                f"{model}: {counted} of the board at {self.port} (build {self.build}) differ from "
                f"{self.oracle}; {self.first}; is it the library of this model?"
            )


def _percentiles(values: NDArray[Any]) -> dict[str, float] | None:
    if not len(values):
        return None
    found = np.percentile(values, _PERCENTILES, method="inverted_cdf").tolist()
    return {f"p{share}": round(float(one), 3) for share, one in zip(_PERCENTILES, found, strict=True)}


@dataclass(slots=True)
class _Tally:
    """What was compared so far."""

    mismatches: int = 0
    first: str = ""
    microseconds: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def compare(self, what: str, given: NDArray[Any] | None, expected: NDArray[Any] | None) -> None:
        """Count where one result is not the other, or either is missing."""
        same = given is not None and expected is not None and given.tobytes() == expected.tobytes()
        if same:
            return
        self.mismatches += 1
        if not self.first:
            self.first = f"{what}: {_said(given)} and not {_said(expected)}"


def _said(scores: NDArray[Any] | None) -> str:
    if scores is None:
        return "nothing"
    shown = np.atleast_1d(scores)[:8].tolist()
    return f"{shown}" if np.size(scores) <= len(shown) else f"{shown} ..."


def verify_on(
    model: ModelFile,
    samples: Samples,
    link: Link,
    options: BuildOptions = DEFAULTS,
    *,
    recordings: Sequence[NDArray[Any]] = (),
    build: str = "",
    on_progress: Progress = no_progress,
) -> BoardVerification:
    """Send every sample, and every item of ``recordings``, to the board at ``link``; compare with the oracle.

    ``model``, ``samples`` and ``recordings`` are as for ``verify``; of a model that takes ids as they come
    samples cannot be sent, only recordings. ``build``: the hash of the library that is to be there.
    Raises BoardError for a board that does not answer, runs another sketch, another model or build, or is
    reset on the way, and ModelError.
    """
    artefact = open_artefact(model, options)
    inputs = artefact.inputs(samples)
    pipeline = _pipeline(model) if recordings else None
    session = BoardSession(link)
    _check_build(link, session.identity, build)
    takes_windows = session.identity.input_bytes > 0
    if not takes_windows and not recordings:
        raise ModelError(
            f"{artefact.source} takes ids as they come, not windows: give its folder and --dataset, whose "
            "recordings are sent key by key"
        )
    if takes_windows:
        _check_sizes(session, "input", session.identity.input_bytes, inputs[0].nbytes)
    if pipeline is not None:
        _check_sizes(session, "an item", session.identity.item_bytes, pipeline.signals[0].nbytes)
    oracle = artefact.oracle(on_progress)
    session.reset()
    windows = _Tally()
    if takes_windows:
        _send_windows(session, windows, inputs, oracle, on_progress)
    pushed, results = _Tally(), 0
    if pipeline is not None:
        results = _push_all(session, pushed, artefact, pipeline, recordings, oracle, on_progress)
    return BoardVerification(
        port=link.name,
        build=session.identity.build,
        oracle=oracle.name,
        samples=len(inputs) if takes_windows else 0,
        mismatches=windows.mismatches,
        pushed=len(recordings),
        pushed_results=results,
        pushed_mismatches=pushed.mismatches,
        resent=session.resent,
        first=windows.first or pushed.first,
        microseconds=np.array(windows.microseconds + pushed.microseconds, np.int64),
        seconds=np.array(windows.seconds + pushed.seconds, np.float64),
    )


def _pipeline(model: ModelFile) -> Pipeline:
    folder = as_folder(model)
    if not (folder / PIPELINE_FILE).is_file():
        raise ModelError(f"{folder} has no {PIPELINE_FILE}: recordings are pushed through a model's folder")
    return read_pipeline(folder)


def _check_build(link: Link, identity: Identity, build: str) -> None:
    if build and identity.build != build:
        raise BoardError(
            f"{link.name}: the board has the build {identity.build}, the library is {build}: flash that "
            "library's SerialStream"
        )


def _check_sizes(session: BoardSession, what: str, there: int, here: int) -> None:
    if there != here:
        raise BoardError(
            f"{session.link.name}: the board's model has {there} bytes of {what}, this one {here}: flash the "
            "SerialStream of this model's library"
        )


def _send_windows(
    session: BoardSession,
    tally: _Tally,
    inputs: NDArray[Any],
    oracle: ModelOracle,
    on_progress: Progress,
) -> None:
    """Samples in their order: of a model with states they are one stream."""
    identity, expected = session.identity, oracle.invoke(inputs)
    _check_sizes(session, "scores", identity.scores * identity.score_bytes, expected[0].nbytes)
    for number, (sample, row) in enumerate(zip(inputs, expected, strict=True)):
        began_s = session.link.now_s()
        results = session.window(sample.tobytes())
        tally.seconds.append(session.link.now_s() - began_s)
        tally.microseconds += [result.microseconds for result in results]
        tally.compare(f"sample {number}", results[0].scores if len(results) == 1 else None, row)
        on_progress(ON_BOARD, number + 1, len(inputs))


def _push_all(
    session: BoardSession,
    tally: _Tally,
    artefact: Artefact,
    pipeline: Pipeline,
    recordings: Sequence[NDArray[Any]],
    oracle: ModelOracle,
    on_progress: Progress,
) -> int:
    """Recordings item by item; returns how many results were to come, or came."""
    count = 0
    for number, items in enumerate(recordings):
        rows = artefact.rows(pipeline.apply(items))
        expected = list(oracle.invoke(rows)) if len(rows) else []
        given = [result.scores for result in _pushed(session, tally, items)]
        for place in range(max(len(given), len(expected))):
            one, other = (each[place] if place < len(each) else None for each in (given, expected))
            tally.compare(f"recording {number}, result {place}", one, other)
        count += max(len(given), len(expected))
        on_progress(f"{ON_BOARD}, item by item", number + 1, len(recordings))
    return count


def _pushed(session: BoardSession, tally: _Tally, items: NDArray[Any]) -> Iterator[Result]:
    session.reset()
    for item in items:
        began_s = session.link.now_s()
        results = session.item(item.tobytes())
        tally.seconds.append(session.link.now_s() - began_s)
        tally.microseconds += [result.microseconds for result in results]
        yield from results
    yield from session.flush()
