"""Fitting a Keras model: seeded, its best round kept, without a trace of what was not among the examples."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.reporting import no_progress

from .augmentation import Mover
from .batches import Examples, batches
from .checkpoints import Checkpoint, TrainingState, training_key
from .schedule import Schedule

if TYPE_CHECKING:
    import keras

    from zerotap.models.families.family import ModelSpec
    from zerotap.models.heads import Loss
    from zerotap.reporting import Progress

    from .settings import TrainingSettings

_VALIDATION_BATCH: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What is learnt from, and what says when to stop."""

    learnt: Examples
    held_out: Examples


def seeded_model(spec: ModelSpec, outputs: int, seed: int) -> keras.Model:
    """Build ``spec``'s model for so many outputs; from here on Keras and TensorFlow draw by ``seed``."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    return spec.build(spec.pipeline, outputs)


def fit(
    model: keras.Model,
    spec: ModelSpec,
    sides: Sides,
    settings: TrainingSettings,
    secret: bytes,
    loss: Loss,
    on_progress: Progress = no_progress,
) -> TrainingState:
    """Fit ``model`` and give it its best round's weights; returns how many rounds were run, and their losses.

    Tables of words get decoys, drawn by ``secret``, for the words that were not learnt from, see
    ``families.decoys``. With a folder of checkpoints in ``settings`` it goes on where an earlier run of the
    same was killed, and comes to the same weights.
    """
    from zerotap.models.families.decoys import hide_unseen_words, level_tables

    starts = level_tables(model)
    schedule = Schedule.of(spec, len(sides.learnt), settings)
    _compile(model, spec, schedule, loss)
    checkpoint = Checkpoint(settings.checkpoints, _key(spec, sides, settings))
    state = _continued(model, checkpoint.read())
    run = _Run(spec.name, model, schedule, checkpoint, state, on_progress)
    run.all_rounds(sides, settings)
    if not state.best_weights:
        raise ModelError(f"the losses of {spec.name} are no numbers: look at the ranges of its windows")
    model.set_weights(state.best_weights)
    hide_unseen_words(model, starts, secret)
    return state


def _compile(model: keras.Model, spec: ModelSpec, schedule: Schedule, loss: Loss) -> None:
    import keras

    rate = keras.optimizers.schedules.CosineDecay(spec.learning_rate, schedule.all_steps)
    model.compile(keras.optimizers.Adam(rate), loss, steps_per_execution=schedule.at_once)
    model.optimizer.build(model.trainable_variables)


def _key(spec: ModelSpec, sides: Sides, settings: TrainingSettings) -> str:
    if settings.checkpoints is None:
        return ""
    told = [
        spec.name,
        spec.about,
        repr((spec.layers, spec.preset, spec.epochs, spec.batch, spec.learning_rate)),
        repr((spec.run_steps, spec.most_steps)),
        spec.pipeline.to_toml(),
        repr(dataclasses.replace(settings, checkpoints=None)),
    ]
    parts = (sides.learnt, sides.held_out)
    return training_key(told, [array for one in parts for array in (one.x, one.targets, one.weights)])


def _variables(model: keras.Model) -> list[keras.Variable]:
    """What training changes: weights, the state of what is drawn, the optimiser's moments."""
    measured = {id(variable) for metric in model.metrics for variable in metric.variables}
    of_model = [variable for variable in model.variables if id(variable) not in measured]
    return [*of_model, *model.optimizer.variables]


def _continued(model: keras.Model, state: TrainingState | None) -> TrainingState:
    """``state``, with which the model goes on, or a new one where there is none or it is not this model's."""
    variables = _variables(model)
    shapes = [tuple(variable.shape) for variable in variables]
    if state is None or shapes != [array.shape for array in state.variables]:
        return TrainingState()
    for variable, array in zip(variables, state.variables, strict=True):
        variable.assign(array)
    return state


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """A training from where ``state`` is to its end."""

    name: str
    model: keras.Model
    schedule: Schedule
    checkpoint: Checkpoint
    state: TrainingState
    on_progress: Progress

    def all_rounds(self, sides: Sides, settings: TrainingSettings) -> None:
        from .rounds import PATIENCE, Rounds

        if self.state.waited >= PATIENCE or self.state.rounds >= self.schedule.rounds:
            return
        off = settings.augmentation.is_off
        mover = None if off else Mover.measured(settings.augmentation, sides.learnt.x, settings.seed)
        first_step = self.state.rounds * self.schedule.steps
        self.model.fit(
            batches(sides.learnt, self.schedule.batch, settings.seed, first_step, mover),
            epochs=self.schedule.rounds,
            initial_epoch=self.state.rounds,
            steps_per_epoch=self.schedule.steps,
            validation_data=(sides.held_out.x, sides.held_out.targets),
            validation_batch_size=_VALIDATION_BATCH,
            shuffle=False,  # they come shuffled
            callbacks=[Rounds(self.state, self._after_round)],
            verbose=0,
        )

    def _after_round(self) -> None:
        state, rounds = self.state, self.schedule.rounds
        if self.checkpoint.is_due():
            state.variables = [np.array(variable.numpy()) for variable in _variables(self.model)]
            self.checkpoint.write(state)
        told = f"epoch {state.rounds} of {rounds}, loss {state.curves['loss'][-1]:.2f}"
        self.on_progress(f"training {self.name}: {told}", state.rounds, rounds)


def without_optimiser(model: keras.Model) -> keras.Model:
    """The same model, never compiled: the optimiser's moments of a row are zero where nothing was typed."""
    bare: keras.Model = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare
