"""The steps of a training: what comes when is a matter of the seed alone, also after a kill."""

import dataclasses
import os
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.features import Pipeline, Windows
from zerotap.models import Augmentation, ModelSpec
from zerotap.models.training import checkpoints
from zerotap.models.training.augmentation import Mover, warped
from zerotap.models.training.batches import Examples, batches
from zerotap.models.training.fitting import Sides, _key
from zerotap.models.training.one_fit import Fitter
from zerotap.models.training.settings import TrainingSettings

LENGTH = 6


def build(pipeline, classes):
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape)
    x = layers.BatchNormalization()(layers.Dense(8)(layers.Flatten()(window)))
    return keras.Model(window, layers.Dense(classes)(layers.Dropout(0.3)(layers.ReLU()(x))))


SPEC = ModelSpec(
    "small", build, Pipeline.raw("small", LENGTH, 4), 6, batch=16, learning_rate=0.01, run_steps=30
)
MOVED = TrainingSettings(seed=3, augmentation=Augmentation(jitter=0.3, scale=0.1, warp=0.1))


def drawn(count=60) -> Windows:
    rng = np.random.default_rng(0)
    y = np.arange(count) % 2
    x = rng.integers(0, 200, (count, LENGTH, 8)) + 40 * y[:, None, None]
    return Windows(x.astype(np.uint8), y, np.arange(count))


class KilledError(Exception):
    """What a test kills a training with."""


def weights_of(settings, killed_after=0) -> list[np.ndarray]:
    """The weights of a training; it is killed once so many rounds are over."""

    def tell(stage, done, total):
        if killed_after and stage.startswith("training") and done == killed_after:
            raise KilledError

    fitter = Fitter(SPEC, ("calm", "tense"), lambda *, is_needed: bytes(32), tell)
    return fitter.fit(drawn(), settings).network.get_weights()


def same(one, other) -> bool:
    return all(map(np.array_equal, one, other))


@pytest.fixture(scope="module")
def uninterrupted() -> list[np.ndarray]:
    return weights_of(MOVED)


def test_each_pass_has_every_example_once_and_any_step_may_be_the_first():
    x = np.arange(10, dtype=np.float32)[:, None]
    examples = Examples(x, np.arange(10), np.arange(10, dtype=np.float32))
    steps = [
        [part.numpy().ravel().tolist() for part in step]
        for step in islice(batches(examples, 4, 1, 0, None), 9)
    ]
    assert [len(step[1]) for step in steps] == [4, 4, 2] * 3
    for first in (0, 3, 6):
        numbers = [number for step in steps[first : first + 3] for number in step[1]]
        assert sorted(numbers) == list(range(10)) and numbers != list(range(10))
    assert all(step[0] == step[1] == step[2] for step in steps)
    later = [step[1].numpy().tolist() for step in islice(batches(examples, 4, 1, 5, None), 4)]
    assert later == [step[1] for step in steps[5:]]
    other = [step[1].numpy().tolist() for step in islice(batches(examples, 4, 2, 0, None), 9)]
    assert other != [step[1] for step in steps]


def test_windows_move_as_far_as_is_asked():
    x = np.full((400, 5, 2), 0.5, np.float32)
    x[:, :, 1] += np.linspace(-0.1, 0.1, 400, dtype=np.float32)[:, None]
    deviation = x.std(axis=(0, 1))
    moved = np.asarray(Mover.measured(Augmentation(jitter=0.5), x, 0)(x, np.int64(7)))
    assert (moved - x).std(axis=(0, 1)) == pytest.approx(0.5 * deviation, rel=0.1, abs=1e-6)
    scaled = np.asarray(Mover.measured(Augmentation(scale=0.2), x, 0)(x, np.int64(7)))
    factors = (scaled - x.mean(axis=(0, 1)))[:, :, 1] / (x - x.mean(axis=(0, 1)))[:, :, 1]
    assert np.ptp(factors, axis=1).max() < 1e-3  # a window's channel is stretched as one
    assert factors[:, 0].std() == pytest.approx(0.2, rel=0.15)
    again = np.asarray(Mover.measured(Augmentation(jitter=0.5), x, 0)(x, np.int64(7)))
    assert np.array_equal(again, moved)
    wide = np.asarray(Mover.measured(Augmentation(jitter=3), x * 2 - 0.5, 0)(x * 2 - 0.5, np.int64(0)))
    assert wide.min() >= 0 and wide.max() <= 1


def test_warped_time_goes_from_the_first_to_the_last_sample():
    x = np.broadcast_to(np.linspace(0, 1, 20, dtype=np.float32)[None, :, None], (3, 20, 1))
    changes = np.array([[0, 0, 0, 0], [0.9, 0.9, -0.9, -0.9], [-5, 0, 0, 0]], np.float32)
    moved = np.asarray(warped(x, changes))[:, :, 0]
    assert moved[0] == pytest.approx(x[0, :, 0], abs=1e-5)
    assert moved[:, 0] == pytest.approx(np.zeros(3)) and moved[:, -1] == pytest.approx(np.ones(3), abs=1e-5)
    assert (np.diff(moved, axis=1) > 0).all()
    assert (moved[1, 1:-1] > x[0, 1:-1, 0]).all()
    assert np.asarray(warped(x[:, :1], changes)).tolist() == x[:, :1].tolist()


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, monkeypatch, uninterrupted):
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.0)
    settings = dataclasses.replace(MOVED, checkpoints=tmp_path / "model.unfinished")
    for rounds in (2, 4):
        with pytest.raises(KilledError):
            weights_of(settings, killed_after=rounds)
    (file,) = (tmp_path / "model.unfinished").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert same(weights_of(settings), uninterrupted)
    assert same(weights_of(settings), uninterrupted)  # it is over, and nothing is trained
    file.write_bytes(file.read_bytes()[:1000])
    assert same(weights_of(settings), uninterrupted)
    checkpoints.remove_checkpoints(tmp_path / "model.unfinished")
    assert not any(tmp_path.iterdir())


def test_long_rounds_have_the_steps_that_they_are_to_have(tmp_path, monkeypatch):
    """More than TensorFlow takes at once, and no multiple of that: what is gone on with begins there."""
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.0)
    settings = TrainingSettings(seed=3, steps=6 * 34)
    whole, kept = weights_of(settings), dataclasses.replace(settings, checkpoints=tmp_path)
    with pytest.raises(KilledError):
        weights_of(kept, killed_after=2)
    (file,) = tmp_path.iterdir()
    with np.load(file) as arrays:
        numbers = [int(array) for name, array in arrays.items() if array.shape == () and name != "told"]
    assert 2 * 34 in numbers  # the optimiser's count
    assert same(weights_of(kept), whole)


def test_another_training_does_not_go_on_from_it(tmp_path, monkeypatch, uninterrupted):
    monkeypatch.setattr(checkpoints, "EVERY_S", 0.0)
    settings = dataclasses.replace(MOVED, checkpoints=tmp_path)
    with pytest.raises(KilledError):
        weights_of(dataclasses.replace(settings, seed=4), killed_after=3)
    assert same(weights_of(settings), uninterrupted)
    assert len(list(tmp_path.iterdir())) == 2


KILLING = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_steps as steps
from pathlib import Path
steps.checkpoints.EVERY_S = 0.0
settings = steps.dataclasses.replace(steps.MOVED, checkpoints=Path(sys.argv[2]))
def tell(stage, done, total):
    if stage.startswith("training") and done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
steps.Fitter(steps.SPEC, ("calm", "tense"), lambda *, is_needed: bytes(32), tell).fit(steps.drawn(), settings)
"""


@pytest.mark.thorough  # test_a_killed_training_goes_on_to_the_same_weights without the process
def test_a_sigkill_is_a_kill(tmp_path, uninterrupted):
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", KILLING, here, str(tmp_path)], env=os.environ)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    told = []
    settings = dataclasses.replace(MOVED, checkpoints=tmp_path)
    fitter = Fitter(SPEC, ("calm", "tense"), lambda *, is_needed: bytes(32), lambda *at: told.append(at))
    assert same(fitter.fit(drawn(), settings).network.get_weights(), uninterrupted)
    assert [done for stage, done, _ in told if stage.startswith("training")] == [4, 5, 6]


def test_class_weights_and_augmentation_change_what_is_learnt(uninterrupted):
    plain = weights_of(TrainingSettings(seed=3))
    assert same(plain, weights_of(TrainingSettings(seed=3)))
    assert not same(plain, uninterrupted)
    assert not same(plain, weights_of(TrainingSettings(seed=3, class_weight={"tense": 3.0})))


def test_losses_that_are_no_numbers_are_told():
    spec = dataclasses.replace(SPEC, learning_rate=float("nan"))
    fitter = Fitter(spec, ("calm", "tense"), lambda *, is_needed: bytes(32), lambda *_: None)
    with pytest.raises(ModelError, match="no numbers"):
        fitter.fit(drawn(), TrainingSettings(epochs=1))


def test_a_checkpoint_that_cannot_be_written_ends_no_training(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    kept = checkpoints.Checkpoint(tmp_path / "file", "key")
    kept.write(checkpoints.TrainingState())
    assert "training goes on" in caplog.text
    assert kept.path is None and not kept.is_due()


OTHERS = ({"layers": (3,)}, {"preset": "big"}, {"about": "other code"}, {"learning_rate": 0.02})


@pytest.mark.parametrize("change", OTHERS, ids=" ".join)
def test_what_is_another_model_has_another_checkpoint(tmp_path, change):
    examples = Examples(np.zeros((2, 3), np.float32), np.arange(2), np.ones(2, np.float32))
    asked = (Sides(examples, examples), TrainingSettings(checkpoints=tmp_path))
    assert _key(SPEC, *asked) == _key(SPEC, *asked)
    assert _key(dataclasses.replace(SPEC, **change), *asked) != _key(SPEC, *asked)
