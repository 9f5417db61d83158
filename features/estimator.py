"""Transforms by scikit-learn's conventions, as a step of a ``sklearn.pipeline.Pipeline``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from zerotap.errors import FeatureError

from .constant_channels import refuse_constant_channels
from .transforms.interface import ItemByItem, Signal, Transform

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class WindowFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """One row of features a window: what ``stages`` make of it, flattened.

    Windows are integers (n, ...) with the shape and dtype that the first stage takes; the stages keep no
    state from one to the next. ``fit`` notes what windows look like and learns nothing else: a range to
    scale by is part of its stage (``RangeScale.fitted``), so that the board has it too.
    """

    def __init__(self, stages: Sequence[Transform]) -> None:
        self.stages = stages

    def fit(self, windows: NDArray[Any], labels: ArrayLike | None = None) -> Self:
        """Note the windows' shape and dtype.

        Raises FeatureError for a stage that does not take them, and for a constant channel of int16 samples.
        """
        self.source_ = signal = _signal_of(windows)
        if windows.dtype == np.int16 and windows.ndim > 2:
            refuse_constant_channels(windows)
        self.n_features_in_ = signal.size
        names: list[str] = []
        for stage in self.stages:
            if not isinstance(stage.stream(signal), ItemByItem):
                raise FeatureError(
                    f"{stage.name} keeps state from window to window: "
                    "put it before the windows, in a Pipeline"
                )
            names = _names(stage, signal)
            signal = stage.output(signal)
        self.feature_names_ = names or [f"x{index}" for index in range(signal.size)]
        return self

    def transform(self, windows: NDArray[Any]) -> NDArray[Any]:
        """Windows (n, ...) to features (n, m); raises FeatureError for others than were fitted."""
        check_is_fitted(self)
        if _signal_of(windows) != self.source_:
            raise FeatureError(
                f"{_signal_of(windows)} after a fit to {self.source_}: give windows of one kind"
            )
        for stage in self.stages:
            windows = stage.batch(windows)
        return windows.reshape(len(windows), -1)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Names of the columns, object (m,): the last stage's own where it has any."""
        check_is_fitted(self)
        return np.array(self.feature_names_, object)


def _signal_of(windows: NDArray[Any]) -> Signal:
    if not isinstance(windows, np.ndarray) or windows.ndim < 2 or windows.dtype.kind not in "iu":
        raise FeatureError("windows are an array of integers (n, ...): convert or scale them first")
    return Signal(windows.shape[1:], windows.dtype.name)


def _names(stage: Transform, source: Signal) -> list[str]:
    named = getattr(stage, "feature_names", None)
    size = stage.output(source).size
    return list(named(source)) if named else [f"{stage.name}_{index}" for index in range(size)]
