"""A limit on what int8 may lose; where it is passed, the sentence says where most is lost and what helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.passes.ends import read_model
from zerotap.firmware.quantising.conversion import Source
from zerotap.firmware.quantising.model_inputs import model_inputs
from zerotap.firmware.quantising.percentiles import WHOLE_RANGE
from zerotap.firmware.quantising.quantise import real_values
from zerotap.firmware.several_ends import fields

from .layers import layer_losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRIED: Final = (99.99, 99.9, 99.5)
"""Percentiles that are tried where a limit is passed, to say what helps."""


def changed_share(
    floats: NDArray[Any], content: bytes, windows: NDArray[Any], thresholds: Sequence[float] = ()
) -> float:
    """The share of windows (n, ...), 0 to 1, of which an int8 model says something else than a float one.

    ``floats``: the float model's outputs (n, outputs). What is said is which of them reach their
    ``thresholds``, of which any may differ; without such which output is the greatest, of a single output
    whether it is above 0. Of several output tensors any may differ.
    """
    said = partial(_said, thresholds=thresholds)
    graph = read_model(content)
    integers = BoardOracle(content).invoke(model_inputs(windows, graph))
    changed = np.zeros(len(windows), np.bool_)
    for place, index in enumerate(graph.outputs):
        codes, reals = (fields(each)[place].reshape(len(windows), -1) for each in (integers, floats))
        differs = said(real_values(codes, graph.tensors[index])) != said(reals)
        changed |= differs.reshape(len(windows), -1).any(axis=1)
    return float(changed.mean())


def _said(outputs: NDArray[Any], thresholds: Sequence[float]) -> NDArray[Any]:
    if len(thresholds):
        reached: NDArray[Any] = outputs.astype(np.float32) >= np.asarray(thresholds, np.float32)
        return reached
    return outputs.argmax(axis=1) if outputs.shape[1] > 1 else outputs[:, 0] > 0


def check_loss(
    source: Source,
    content: bytes,
    windows: NDArray[Any],
    floats: NDArray[Any],
    limit: float,
    convert: Callable[[float], bytes],
    thresholds: Sequence[float] = (),
) -> float:
    """Return the share of windows whose verdict int8 changes; ModelError where it is above ``limit``.

    ``convert``(percentile) makes the int8 model once more, by which the error says what would help.
    ``thresholds``: of the outputs, where they count by themselves.
    """

    def changed(made: bytes) -> float:
        return changed_share(floats, made, windows, thresholds)

    share = changed(content)
    if share <= limit:
        return share
    raise ModelError(
        f"{source.name}: int8 changes what it says of {share:.1%} of the calibration windows, more than "
        f"{limit:.1%}{_where(source, content, windows)}: {_way_out(share, changed, convert)}"
    )


def _where(source: Source, content: bytes, windows: NDArray[Any]) -> str:
    losses = (
        []
        if source.float_content is None
        else layer_losses(source.float_content(), content, windows, source.name)
    )
    if not losses:
        return ""
    most = max(losses, key=lambda one: one.error)
    return (
        f"; most is lost in {most}, whose rounding alone moves its values by {most.error:.1%} of their spread"
    )


def _way_out(share: float, changed: Callable[[bytes], float], convert: Callable[[float], bytes]) -> str:
    tried = {percentile: changed(convert(percentile)) for percentile in TRIED}
    best = min(tried, key=lambda percentile: (tried[percentile], -percentile))
    wider = "give that layer more units and train it again"
    if tried[best] < share:
        return f"--percentile {best:g} makes it {tried[best]:.1%}, or {wider}"
    return f"narrower ranges (--percentile below {WHOLE_RANGE:g}) do not help, {wider}"
