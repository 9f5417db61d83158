"""Models of every kind of example, their libraries, and images of their sketches by each compiler."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from drawn_forests import drawn_forest
from drawn_tables import drawn_table
from sketch_build import SketchCompiler, core_objects, library_objects, sketch_objects

from zerotap.features import Pipeline
from zerotap.features.integer_models import write_integer_model
from zerotap.features.transforms import CountWindows, TypedWords
from zerotap.firmware import BuildOptions, export
from zerotap.firmware.simulation.board import Board as SimulatedBoard

KEYS = Pipeline("keys", (CountWindows(6, 3),), "timed_reports", 8)
MOTION = Pipeline("motion", (CountWindows(4, 1),), "samples", 6)
NOTES = Pipeline("notes", (TypedWords(500),), "reports", 8)
LABELS = ("calm\nand", 'hur"ried', "müde")


@dataclass(frozen=True)
class Exported:
    """A model, its pipeline, and the library that was exported of them."""

    name: str
    pipeline: Pipeline
    model: Any
    folder: Path

    def scores(self, items: Any) -> Any:
        """What the model gives for one recording."""
        rows = self.pipeline.apply(items)
        return self.model.scores(rows.reshape(len(rows), -1))


MODELS = {
    "keys": (KEYS, lambda: drawn_forest(1, inputs=72, trees=3, limits=(0, 255))),
    "motion": (MOTION, lambda: drawn_forest(2, inputs=12, trees=3, limits=(-3000, 3000))),
    "notes": (NOTES, lambda: drawn_table(3, by_root=False, bits=8)),
}


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Exported]:
    """The library of one of MODELS."""
    made: dict[str, Exported] = {}

    def library(name: str) -> Exported:
        if name not in made:
            pipeline, model = MODELS[name][0], MODELS[name][1]()
            folder = tmp_path_factory.mktemp(name)
            (folder / "model").mkdir()
            write_integer_model(model, folder / "model")
            (folder / "model/pipeline.toml").write_text(pipeline.to_toml())
            export(folder / "model", folder / name, name, BuildOptions(), labels=LABELS)
            made[name] = Exported(name, pipeline, model, folder / name)
        return made[name]

    return library


@dataclass
class Images:
    """Images of sketches by one compiler: each part is compiled once."""

    compiler: SketchCompiler
    folder: Path
    exported: Callable[[str], Exported]
    parts: dict[Any, list[Path]] = field(default_factory=dict)

    def image(self, name: str, sketch: str | Path, *others: str, port: str = "port_own.cpp") -> Path:
        """An example of the library ``name``, or a sketch's folder, which may use ``others`` too."""
        libraries = [self.exported(each).folder for each in (name, *others)]
        place = libraries[0] / "examples" / sketch if isinstance(sketch, str) else sketch
        out = self.folder / name / f"{place.name}{len(others)}{port}"
        objects = [*self._core(), *sketch_objects(self.compiler, place, libraries, out, port)]
        for library in libraries:
            objects += self._library(library)
        return self.compiler.link(objects, out / "sketch.elf")

    def _core(self) -> list[Path]:
        if "core" not in self.parts:
            self.parts["core"] = core_objects(self.compiler, self.folder / "core")
        return self.parts["core"]

    def _library(self, library: Path) -> list[Path]:
        if library not in self.parts:
            out = self.folder / "libraries" / library.name
            self.parts[library] = library_objects(self.compiler, library, out)
        return self.parts[library]


@pytest.fixture(scope="session")
def images_by(
    tmp_path_factory: pytest.TempPathFactory, exported: Callable[[str], Exported]
) -> Callable[[str], Images]:
    """Images by "gcc" or "zig"."""
    made: dict[str, Images] = {}

    def by(name: str) -> Images:
        if name not in made:
            made[name] = Images(SketchCompiler(name), tmp_path_factory.mktemp(name), exported)
        return made[name]

    return by


@pytest.fixture(scope="session")
def images(images_by: Callable[[str], Images]) -> Images:
    """By the compiler that is there and fast."""
    return images_by("gcc" if shutil.which("arm-none-eabi-gcc") else "zig")


@pytest.fixture
def boot(images: Images) -> Callable[..., SimulatedBoard]:
    """A board that an example has just been flashed on."""

    def booted(*named: Any, **how: Any) -> SimulatedBoard:
        return SimulatedBoard(images.image(*named, **how))

    return booted


@pytest.fixture
def labels() -> tuple[str, ...]:
    return LABELS


@pytest.fixture
def edited(exported: Callable[[str], Exported], tmp_path: Path) -> Callable[[str, str, dict[str, str]], Path]:
    """A copy of an example of a library that a user has changed: text by what stands in its place."""

    def copy(name: str, sketch: str, changes: dict[str, str]) -> Path:
        folder = tmp_path / sketch
        shutil.copytree(exported(name).folder / "examples" / sketch, folder)
        text = (folder / f"{sketch}.ino").read_text()
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (folder / f"{sketch}.ino").write_text(text)
        return folder

    return copy
