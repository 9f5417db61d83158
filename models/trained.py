"""A trained model: what training gives, and the folder that it is kept in."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli_w

from zerotap.capture import Dataset, open_dataset
from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import FeatureError, ModelError
from zerotap.features import PIPELINE_FILE, IntegerModel, Pipeline, Windows
from zerotap.reporting import no_progress
from zerotap.toml_text import read_toml
from zerotap.writing import new_folder

from .facts import Facts as Facts
from .facts import check_facts, check_integer_model
from .keras_file import KerasFile
from .networks import Network, load_network, save_network
from .two_sides import no_windows, split_windows

if TYPE_CHECKING:
    import keras

    from zerotap.reporting import Progress

FACTS_FILE = "model.toml"
METRICS_FILE: Final = "metrics.json"
CURVES_FILE: Final = "curves.json"
_BOUNDS = Bounds(ModelError, 1 << 18, "it has a few lines", text_fault)
_FACTS: Final[Mapping[str, type]] = {
    "name": str,
    "classes": list,
    "synthetic": bool,
    "seed": int,
    "epochs": int,
    "parameters": int,
    "note": str,
}
"""The fields of every model.toml."""
_LATER_FACTS: Final[Mapping[str, type]] = {
    "family": str,
    "head": str,
    "labels": list,
    "thresholds": list,
    "scores": str,
    "preset": str,
    "layers": list,
}
"""Those that one of an earlier version lacks."""
_ELEMENTS: Final[Mapping[str, tuple[type, str]]] = {
    "classes": (str, "names"),
    "labels": (str, "names"),
    "thresholds": (float, "numbers with a point"),
    "layers": (int, "whole numbers"),
}
"""What is in the lists, and what it is called."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trained:
    """A model with its pipeline and the windows that it was trained and is to be tested on.

    ``train`` and ``test`` have no window in common, nor a recording (see ``groups``); both are empty in a
    model that was loaded without a dataset. ``network`` is the Keras model that was trained in this process,
    or the file of one that was loaded, which TensorFlow has in its child process alone; or an integer model,
    which needs no TensorFlow. ``records``: what training measured, by the JSON file that it is kept in,
    metrics.json (scores on the test windows, of seeds and folds) and curves.json (losses of each round); none
    in a model that was loaded.
    """

    facts: Facts
    network: Network
    pipeline: Pipeline
    train: Windows
    test: Windows
    records: Mapping[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> keras.Model:
        """The Keras model, to train on; raises ModelError where it was loaded: it is a file, as it came.

        And where it is an integer model, which is fitted at once.
        """
        if isinstance(self.network, IntegerModel):
            raise ModelError(
                f"{self.name} is an integer model and no Keras model: its numbers are trained.network's"
            )
        if isinstance(self.network, KerasFile):
            raise ModelError(
                f"{self.network.path} is opened in TensorFlow's child process alone, in case a stranger made "
                "it: evaluate, build and save take it as it is; to train on, train a model in this process"
            )
        return self.network

    @property
    def name(self) -> str:
        """The registry's name of the model."""
        return self.facts.name

    @property
    def kind(self) -> str:
        """Return "raw" or "text"."""
        return self.pipeline.kind

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in the order of the outputs."""
        return self.facts.classes

    def __repr__(self) -> str:
        """Return one line: the model, and how many windows it learns from and is tested on."""
        windows = f"{len(self.train)} training windows, {len(self.test)} test windows"
        return f"Trained({self.name}, {self.kind}, {' / '.join(self.classes)}, {windows})"

    def save(self, folder: str | Path) -> None:
        """Write the model, pipeline.toml and model.toml into a new or empty folder, all or nothing.

        The model is model.keras, or the file of an integer model (table.npz, forest.npz). With it go the
        ``records`` that there are.
        Raises OutputError where ``folder`` holds anything or cannot be made.
        """
        with new_folder(folder) as part:
            save_network(self.network, part)
            (part / PIPELINE_FILE).write_text(self.pipeline.to_toml(), encoding="utf-8")
            (part / FACTS_FILE).write_text(tomli_w.dumps(dataclasses.asdict(self.facts)), encoding="utf-8")
            for name, record in self.records.items():
                (part / name).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def load_trained(
    folder: str | Path, dataset: Dataset | str | Path | None = None, *, on_progress: Progress = no_progress
) -> Trained:
    """Load what ``Trained.save`` wrote; with a dataset (or its folder), also its training and test windows.

    ``on_progress(stage, done, total)``. TensorFlow has model.keras in its child process, and not before it is
    asked for something: by evaluate(), float_outputs(), build(). Raises ModelError where the folder is not a
    model's or the dataset has other classes.
    """
    found = load_windows(folder, dataset, on_progress=on_progress)
    return Trained(found.facts, load_network(folder), found.pipeline, found.train, found.test)


@dataclass(frozen=True, slots=True, eq=False)
class FolderWindows:
    """A model's folder without its Keras model, and the windows of a dataset, none without one."""

    facts: Facts
    pipeline: Pipeline
    train: Windows
    test: Windows


def load_windows(
    folder: str | Path, dataset: Dataset | str | Path | None = None, *, on_progress: Progress = no_progress
) -> FolderWindows:
    """Read a model's folder and cut a dataset as its pipeline says, as load_trained() does without Keras."""
    facts, pipeline = read_facts(folder)
    train = test = no_windows(pipeline)
    load_network(folder)  # a damaged one is told before there is any work
    if dataset is not None:
        opened = open_dataset(dataset)
        if tuple(opened.classes) != facts.classes:
            raise ModelError(
                f"{folder} tells {', '.join(facts.classes)} apart, the dataset has "
                f"{', '.join(opened.classes)}: evaluate it on a dataset with its own classes"
            )
        train, test, note = split_windows(opened, pipeline, on_progress)
        facts = dataclasses.replace(facts, note=note, synthetic=opened.synthetic)
    return FolderWindows(facts, pipeline, train, test)


def read_facts(folder: str | Path) -> tuple[Facts, Pipeline]:
    """Read a model folder's two TOML files, without Keras; raises ModelError where they are no model's."""
    folder = Path(folder)
    for name in (FACTS_FILE, PIPELINE_FILE):
        if not (folder / name).exists():
            raise _no_model(folder, f"it has no {name}")
    try:
        pipeline = Pipeline.read(folder / PIPELINE_FILE, inside=True)
    except (OSError, FeatureError) as error:
        raise _no_model(folder, error) from error
    known = _known(folder)
    check_integer_model(folder, known)
    return known, pipeline


def _known(folder: Path) -> Facts:
    path = folder / FACTS_FILE
    try:
        known = _facts(read_toml(path, _BOUNDS, inside=True))
        check_facts(known)
    except (OSError, ValueError, ModelError) as error:
        why = str(error)
        raise _no_model(folder, why if why.startswith(f"{path}") else f"{FACTS_FILE}: {why}") from error
    return known


def _facts(content: dict[str, Any]) -> Facts:
    """Facts from the content of a model.toml; raises ValueError, which names the field at fault."""
    for name, kind in _FACTS.items():
        if type(content.get(name)) is not kind:
            raise ValueError(f"it has no {name} of type {kind.__name__}")
    for name, kind in _LATER_FACTS.items():
        if type(content.get(name, kind())) is not kind:
            raise ValueError(f"its {name} is no {kind.__name__}")
    for name, (kind, words) in _ELEMENTS.items():
        if not all(type(each) is kind for each in content.get(name, ())):
            raise ValueError(f"its {name} are not all {words}")
    if unknown := sorted(content.keys() - _FACTS.keys() - _LATER_FACTS.keys()):
        raise ValueError(f"it has a field {unknown[0]} that no model has")
    lists = {name: tuple(content[name]) for name in _ELEMENTS if name in content}
    return Facts(**{**content, **lists})


def _no_model(folder: Path, why: object) -> ModelError:
    return ModelError(f"{folder} is no trained model ({why}): make one with `zerotap train`")


def read_records(folder: str | Path) -> dict[str, dict[str, Any]]:
    """What training measured, by the file of a model's folder that has it; none of what is no JSON."""
    records: dict[str, dict[str, Any]] = {}
    for name in (METRICS_FILE, CURVES_FILE):
        with suppress(OSError, ValueError, RecursionError, ModelError):
            found = json.loads(read_text(Path(folder) / name, _BOUNDS, inside=True))
            records |= {name: found} if isinstance(found, dict) else {}
    return records


def describe_model(folder: str | Path) -> dict[str, Any]:
    """Sum a model folder up as a JSON-ready dict, without loading Keras."""
    facts, pipeline = read_facts(folder)
    files = {file.name: file.stat().st_size for file in sorted(Path(folder).iterdir()) if file.is_file()}
    return {
        **dataclasses.asdict(facts),
        "kind": pipeline.kind,
        "classes": list(facts.classes),
        "data": facts.data,
        "input_shape": list(pipeline.input_shape),
        "pipeline": pipeline.to_dict(),
        "files": files,
    }
