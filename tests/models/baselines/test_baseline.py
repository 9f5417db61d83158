"""`zerotap baseline`: ordinary models on the split that training takes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import f1_score

from zerotap.capture import US, Dataset, Packet, Recording, generate_corpus, type_corpus
from zerotap.capture.sources.movements import MOVEMENTS, movement_samples
from zerotap.capture.sources.virtual import as_lines
from zerotap.errors import CaptureError, FeatureError, ModelError
from zerotap.features import Pipeline
from zerotap.models import baseline, commands
from zerotap.models.baselines.baseline import FOREST, MAJORITY, SVM, TEXT_SVM
from zerotap.models.baselines.feature_models import flat, forest_outputs
from zerotap.models.baselines.texts import margins, text_outputs, texts_of
from zerotap.models.two_sides import cut_windows, split_recordings
from zerotap.reporting import no_progress

RATE_HZ = 50


@pytest.fixture(scope="module")
def typed(tmp_path_factory) -> Dataset:
    return type_corpus(generate_corpus(60, 0), tmp_path_factory.mktemp("typed") / "moods")


@pytest.fixture(scope="module")
def moves(tmp_path_factory) -> Dataset:
    """Five takes of each movement, as a sketch prints them."""
    dataset = Dataset.create(tmp_path_factory.mktemp("moves") / "moves", synthetic=True)
    for name in MOVEMENTS:
        for take in range(5):
            lines = as_lines(movement_samples(name, RATE_HZ, take)[: 6 * RATE_HZ])
            times_ns = 10**18 + np.arange(len(lines)) * 10**9 // RATE_HZ
            packets = [Packet(int(at), 0x83, line) for at, line in zip(times_ns, lines, strict=True)]
            recording = replace(Recording.from_packets(packets, name=name), transfer="bulk")
            dataset.store(recording, name, name)
    return Dataset.open(dataset.path)


def test_text_has_majority_and_svm_on_the_split_of_training(typed):
    found = baseline(typed)
    assert list(found.scores) == [MAJORITY, TEXT_SVM]
    assert {one.recordings for one in found.scores.values()} == {12}
    assert found.scores[MAJORITY].macro_f1 == pytest.approx(1 / 3)
    assert found.scores[TEXT_SVM].macro_f1 > 0.9
    assert found.scores[TEXT_SVM].calibration_error is None
    assert (found.best, found.features) == (TEXT_SVM, None)
    assert found.note == split_recordings(typed, no_progress).note


def test_the_svm_reads_what_was_typed(tmp_path):
    messages = [("a", "Hello, you"), ("b", "no way"), ("a", "hey you"), ("b", "never")]
    split = split_recordings(type_corpus(messages, tmp_path / "data"), no_progress)
    assert sorted(texts_of([*split.train, *split.test], US)) == sorted(text for _, text in messages)


def test_a_layout_reads_the_keys_of_its_keyboard(tmp_path):
    messages = [("a", "zytha"), ("b", "no yz"), ("a", "yzzy"), ("b", "never")]
    dataset = type_corpus(messages, tmp_path / "data", layout="german")
    assert baseline(dataset, layout="german").scores.keys() == {MAJORITY, TEXT_SVM}
    with pytest.raises(CaptureError, match="klingon"):
        baseline(dataset, layout="klingon")


def test_a_sensor_has_forest_and_svm_on_statistics(moves):
    found = baseline(moves)
    assert list(found.scores) == [MAJORITY, FOREST, SVM]
    assert found.features.kind == "raw"
    assert "deviation_0" in found.features.feature_names
    for name in (FOREST, SVM):
        scores = found.scores[name]
        assert scores.windows.counted > scores.recordings == len(MOVEMENTS)
        assert scores.windows.accuracy > 0.9 > found.scores[MAJORITY].windows.accuracy


def test_the_same_seed_gives_the_same_scores(moves):
    assert baseline(moves, seed=3).to_json() == baseline(moves, seed=3).to_json()


def test_a_pipeline_of_features_takes_the_place_of_statistics_and_text(typed):
    found = baseline(typed, pipeline=Pipeline.raw("windows", length=24, hop=24))
    assert list(found.scores) == [MAJORITY, FOREST, SVM]
    split = split_recordings(typed, no_progress)
    train, test = cut_windows(split, found.features, no_progress)
    assert flat(train).shape == (len(train), 24 * 8)
    shares = forest_outputs(train, test, 0)
    alone = f1_score(test.y, shares.argmax(axis=1), average="macro")
    assert found.scores[FOREST].windows.macro_f1 == pytest.approx(alone)


def test_two_classes_have_a_margin_each():
    assert margins(np.array([2.0, -1.0])).tolist() == [[-2, 2], [1, -1]]
    assert margins(np.eye(3)).tolist() == np.eye(3).tolist()


def test_ids_are_no_features(typed):
    with pytest.raises(ModelError, match="gives ids of words, which are no features"):
        baseline(typed, pipeline=Pipeline.text("ids", length=8, hop=8))


def test_what_is_neither_text_nor_samples_needs_a_pipeline(tmp_path):
    """A mouse's reports: signed distances, where a keyboard has its modifiers' 0."""
    dataset = Dataset.create(tmp_path / "mice", synthetic=True)
    rng = np.random.default_rng(0)
    for number in range(8):
        reports = rng.integers(1, 256, (40, 8), dtype=np.uint8)
        packets = [Packet(10**18 + at * 10**7, 0x81, row.tobytes()) for at, row in enumerate(reports)]
        dataset.store(Recording.from_packets(packets), "m", "left" if number % 2 else "right")
    with pytest.raises(ModelError, match="neither typed text nor a sensor's samples"):
        baseline(dataset.path)
    windows = Pipeline.raw("windows", length=20, hop=20)
    assert FOREST in baseline(dataset.path, pipeline=windows).scores


def test_the_command_prints_a_table_and_all_as_json(typed, tmp_path):
    shown = CliRunner().invoke(commands.baseline, [str(typed.path)], catch_exceptions=False)
    assert TEXT_SVM in shown.stdout
    assert "not for the board" in shown.stdout
    assert "too few for the second digit" in " ".join(shown.stdout.split())
    assert max(map(len, shown.stdout.splitlines())) <= 80
    following = f"Next: zerotap train --dataset {typed.path} --model linear"
    assert shown.stderr.splitlines()[-1] == f"{following} --out MODEL"
    (tmp_path / "f.toml").write_text(Pipeline.raw("windows", length=20, hop=20).to_toml())
    read = ["--pipeline", str(tmp_path / "f.toml")]
    shown = CliRunner().invoke(commands.baseline, [str(typed.path), *read], catch_exceptions=False)
    assert shown.stderr.splitlines()[-1] == f"{following} {' '.join(read)} --out MODEL"
    printed = CliRunner().invoke(commands.baseline, [str(typed.path), "--json"], catch_exceptions=False)
    report = json.loads(printed.stdout)
    assert (report["type"], report["for_the_board"], report["best"]) == ("baseline", False, TEXT_SVM)
    assert report["models"] == baseline(typed).to_json()["models"]
    assert report["models"][TEXT_SVM]["macro_f1_interval"][1] <= 1


def test_classes_weigh_as_folds_of_the_training_side_say():
    rng = np.random.default_rng(0)
    words = np.array([f"w{number}" for number in range(30)])
    y = np.array([1] * 12 + [0] * 300)
    texts = [
        " ".join([*rng.choice(words, 6), *(["rare"] * (label and index % 3 < 2))])
        for index, label in enumerate(y)
    ]
    said = text_outputs(texts, y, ["w1 rare w2", "w3 w4"])
    assert said.shape == (2, 2)
    assert said[0].argmax() == 1
    assert said[1].argmax() == 0


def test_texts_of_single_letters_have_characters_alone_and_blanks_are_refused():
    assert text_outputs(["a", "b"], np.array([0, 1]), ["a"]).argmax() == 0
    with pytest.raises(FeatureError, match="nothing was typed"):
        text_outputs([" ", ""], np.array([0, 1]), ["a"])
