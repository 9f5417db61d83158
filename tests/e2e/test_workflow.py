"""From Python: a model of every kind becomes a verified Arduino library, or nothing is written."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap import workflow
from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, ModelError, NotExactError
from zerotap.firmware import Budget, BuildOptions, Library, quantise, verify
from zerotap.models import Trained, train
from zerotap.workflow import build, building, quantise_file, verification_windows

ZIG = BuildOptions(compiler="zig")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed") / "moods"
    type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)
    return folder


@pytest.fixture(scope="module")
def trained(dataset: Path) -> Trained:
    return train(Dataset.open(dataset), "text", epochs=2)


@pytest.fixture(scope="module")
def keras_model():
    import keras

    keras.utils.set_random_seed(4)
    source = keras.Input((6, 8))
    return keras.Model(source, keras.layers.Dense(3)(keras.layers.Flatten()(source)))


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return np.random.default_rng(4).uniform(-1, 1, (12, 6, 8)).astype(np.float32)


def check(library: Library, samples: int) -> None:
    report = library.report
    assert (report["samples"], report["mismatches"]) == (samples, 0)
    assert report["ms"] == report["board_cycles"] * 1000 / report["clock_hz"]
    assert report["board_cycles"] > report["cycles"]
    assert min(report[key] for key in ("flash_bytes", "stack_bytes")) > 0
    assert report["board"] == "Arduino MKR Zero"
    assert (library.folder / "src" / f"{library.name}.h").is_file()
    assert (library.folder / "library.properties").is_file()
    assert len(repr(library)) < 200


def test_a_trained_model_is_verified_on_its_test_windows(trained: Trained, tmp_path: Path) -> None:
    stages: list[str] = []
    library = build(
        trained,
        str(tmp_path / "MoodNet"),
        name="mood",
        options=ZIG,
        on_progress=lambda stage, *_: stages.append(stage),
    )
    check(library, len(trained.test))
    assert library.report["push"]["inferences"] >= 3
    assert (tmp_path / "MoodNet" / "src" / "mood_push.h").is_file()
    named = ["quantising", "generating and linking", "loading TensorFlow", "simulating"]
    assert list(dict.fromkeys(stages))[:4] == named
    with pytest.raises(ModelError, match="--force"):
        build(trained, tmp_path / "MoodNet", name="mood", options=ZIG)
    with pytest.raises(ModelError, match="its own windows"):
        build(trained, tmp_path / "other", name="mood", samples=np.zeros(3))


def test_a_model_folder_is_verified_on_the_dataset(trained: Trained, dataset: Path, tmp_path: Path) -> None:
    trained.save(tmp_path / "text")
    with pytest.raises(ModelError, match="give the dataset"):
        build(tmp_path / "text", tmp_path / "lib", name="mood", options=ZIG)
    check(
        build(tmp_path / "text", tmp_path / "one", name="mood", dataset=dataset, options=ZIG),
        len(trained.test),
    )
    quantise_file(str(tmp_path / "text"), dataset=str(dataset))
    windows = verification_windows(tmp_path / "text", dataset)
    assert np.array_equal(windows, trained.test.x)
    assert np.array_equal(verification_windows(tmp_path / "text" / "model.tflite", dataset), windows)
    check(
        build(str(tmp_path / "text"), tmp_path / "two", name="mood", dataset=dataset, options=ZIG),
        len(windows),
    )
    check(build(tmp_path / "text", tmp_path / "three", name="mood", options=ZIG), workflow.RANDOM_SAMPLES)
    one, two = ((tmp_path / each / "src" / "mood.c").read_text() for each in ("one", "two"))
    assert one == two


def test_the_command_verifies_a_folder_on_a_dataset(trained: Trained, dataset: Path, tmp_path: Path) -> None:
    trained.save(tmp_path / "text")
    quantise_file(tmp_path / "text", dataset=dataset)
    command = ["verify", tmp_path / "text", "--dataset", dataset, "--compiler", "zig", "--json"]
    result = CliRunner().invoke(cli, list(map(str, command)))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["samples"] == len(trained.test)
    export = f"zerotap export {tmp_path / 'text'} --out DIR --name NAME --compiler zig"
    assert result.stderr.splitlines()[-1] == f"Next: {export}"
    stages = [line for line in result.stderr.splitlines() if line.endswith(" ...")]
    first, second, *simulated = stages
    assert [first, second] == ["generating and linking ...", "loading TensorFlow ..."]
    assert simulated == ["simulating ...", "counting what the board waits for its flash ..."]
    assert CliRunner().invoke(cli, ["verify", str(tmp_path / "text")]).exit_code == 2


def test_keras_models_and_files_are_verified_on_samples(keras_model, samples, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="samples"):
        build(keras_model, tmp_path / "lib", name="net", options=ZIG)
    check(build(keras_model, tmp_path / "model", name="net", samples=samples, options=ZIG), 12)
    keras_model.save(tmp_path / "net.keras")
    check(build(tmp_path / "net.keras", tmp_path / "file", name="net", samples=samples, options=ZIG), 12)
    quantise_file(tmp_path / "net.keras", tmp_path / "net.tflite", samples=samples)
    content = (tmp_path / "net.tflite").read_bytes()
    check(build(content, tmp_path / "bytes", name="net", samples=samples, options=ZIG), 12)
    check(build(tmp_path / "net.tflite", tmp_path / "int8", name="net", options=ZIG), workflow.RANDOM_SAMPLES)
    sources = {
        (tmp_path / each / "src" / "net.c").read_text().split("*/", 2)[2] for each in ("file", "bytes")
    }
    assert len(sources) == 1


def test_a_tflite_beside_its_pipeline_is_verified_on_a_dataset(
    trained, dataset: Path, tmp_path: Path
) -> None:
    trained.save(tmp_path / "m")
    quantise_file(tmp_path / "m", dataset=dataset)
    model = tmp_path / "m" / "model.tflite"
    library = build(model, tmp_path / "lib", name="net", dataset=dataset, options=ZIG)
    check(library, len(trained.test))
    (tmp_path / "m" / "pipeline.toml").unlink()
    with pytest.raises(ModelError, match="no pipeline beside it"):
        build(model, tmp_path / "other", name="net", dataset=dataset)
    with pytest.raises(ModelError, match=r"nowhere\.tflite: there is no such file"):
        verification_windows(tmp_path / "nowhere.tflite", dataset)


def test_what_is_given_is_used_or_refused(keras_model, samples, dataset: Path, tmp_path: Path) -> None:
    refused = {
        "one of them": (keras_model, samples),
        "give samples": (keras_model, None),
        "no model": (3, None),
    }
    for said, (model, given) in refused.items():
        with pytest.raises(ModelError, match=said):
            build(model, tmp_path / "lib", name="net", samples=given, dataset=dataset)
    with pytest.raises(ModelError, match="no array but list"):
        verify(quantise(keras_model, samples), samples.tolist())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_of_what_is_wrong(keras_model, samples, tmp_path: Path, monkeypatch) -> None:
    small = BuildOptions(compiler="zig", budget=Budget(50, 1000))
    with pytest.raises(DoesNotFitError, match="the budget allows"):
        build(keras_model, tmp_path / "lib", name="net", samples=samples, options=small)
    with pytest.raises(ModelError, match="cannot name a model"):
        build(keras_model, tmp_path / "lib", name="int", samples=samples)
    real = building.verify
    wrong = lambda *given, **named: _with_mismatch(real(*given, **named))  # noqa: E731
    monkeypatch.setattr(building, "verify", wrong)
    with pytest.raises(NotExactError, match="1 of 12 samples"):
        build(keras_model, tmp_path / "lib", name="net", samples=samples, options=ZIG)
    assert list(tmp_path.iterdir()) == []


def _with_mismatch(verification):
    from dataclasses import replace

    return replace(verification, mismatches=1)


def test_what_is_not_there_or_no_model_is_told_as_such(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no such file"):
        build(tmp_path / "net.keras", tmp_path / "lib", name="net")
    with pytest.raises(ModelError, match="is no trained model"):
        build(dataset, tmp_path / "lib", name="net")


def test_float64_as_numpy_makes_it_is_taken(keras_model, samples, tmp_path: Path) -> None:
    wide = samples.astype(np.float64)
    check(build(keras_model, tmp_path / "lib", name="net", samples=wide, options=ZIG), 12)
