"""What a result depends on, as one name: of the same key nothing is trained or measured anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import zerotap
from zerotap.features import PIPELINE_FILE
from zerotap.firmware import BuildOptions, artefact_files, find_compiler
from zerotap.models import CURVES_FILE, FACTS_FILE, METRICS_FILE, MODEL_FILE

if TYPE_CHECKING:
    from zerotap.capture import Recording

    from .entrants import Entrant
    from .task import Asked, Sides

_ROOMS: Final = ("capture", "features", "models", "firmware", "workflow")
_SOURCES: Final = (".py", ".c", ".h", ".S", ".json")
_LIBRARIES: Final = ("tensorflow", "keras", "numpy", "scipy", "scikit-learn", "unicorn", "tflite-micro")
FOLDER_FILES: Final = (FACTS_FILE, PIPELINE_FILE, METRICS_FILE, CURVES_FILE, MODEL_FILE)
"""Of a model's folder, besides the artefact that the board takes."""


def side_hash(labelled: Iterable[tuple[Recording, int]], classes: Sequence[str]) -> str:
    """SHA-256 of a side: the name, class, times and bytes of each recording, in order."""
    digest = hashlib.sha256()
    for recording, number in labelled:
        head = [recording.name, classes[number], len(recording), len(recording.payload)]
        digest.update(json.dumps(head).encode())
        for column in (recording.timestamps_ns, recording.endpoints, recording.offsets, recording.payload):
            digest.update(column.tobytes())
    return digest.hexdigest()


def hashes_of(sides: Sides) -> list[str]:
    """The hashes of the training and of the test side."""
    return [side_hash(side, sides.classes) for side in (sides.split.train, sides.split.test)]


def keys_of(entrants: Sequence[Entrant], sides: Sides, asked: Asked, hashes: Sequence[str]) -> list[str]:
    """The key of each entrant's result."""
    return [entrant_key(entrant, sides, asked, hashes) for entrant in entrants]


def entrant_key(entrant: Entrant, sides: Sides, asked: Asked, hashes: Sequence[str]) -> str:
    """The key of an entrant's result: of both sides' ``hashes``, the model, its training, the engine."""
    groups = list(sides.split.train_groups)
    told = [*hashes, groups, *_of_model(entrant), *_of_training(entrant, asked), *_of_engine(asked.options)]
    return _hash(told)


def references_key(asked: Asked, hashes: Sequence[str]) -> str:
    """The key of what the desktop's models score."""
    return _hash([*hashes, asked.seed, engine_hash()])


def _hash(told: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _of_model(entrant: Entrant) -> list[object]:
    spec = entrant.spec
    if spec is None:
        return [entrant.name, "loaded", folder_hashes(entrant.folder or Path())]
    # An own FILE.py is its ``about``.
    return [entrant.name, spec.family, spec.preset, spec.layers, spec.about, spec.pipeline.to_dict()]


def folder_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that make a model's folder, by name."""
    names = (*FOLDER_FILES, *artefact_files())
    return {name: file_hash(folder / name) for name in names if (folder / name).is_file()}


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_training(entrant: Entrant, asked: Asked) -> list[object]:
    narrow = list(asked.weight_bits)
    return [narrow] if entrant.spec is None else [narrow, asked.seed, asked.seeds, list(asked.shares)]


def _of_engine(options: BuildOptions) -> list[object]:
    limits = options.limits
    chosen = [
        options.board.name,
        options.oracle,
        options.optimise,
        options.skip_zeros,
        options.constant_time,
        options.code,
    ]
    budget = [limits.flash_bytes, limits.ram_bytes]
    return [*chosen, budget, find_compiler(options.compiler).name, engine_hash()]


@cache
def engine_hash() -> str:
    """SHA-256 of zerotap's own sources, and the versions of what it computes with."""
    root, digest = Path(zerotap.__file__).parent, hashlib.sha256()
    for path in sorted(file for room in _ROOMS for file in (root / room).rglob("*") if _is_source(file)):
        digest.update(f"{path.relative_to(root).as_posix()} {file_hash(path)}\n".encode())
    digest.update(json.dumps({name: _version(name) for name in _LIBRARIES}).encode())
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    return path.suffix in _SOURCES and "commands" not in path.parts


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
