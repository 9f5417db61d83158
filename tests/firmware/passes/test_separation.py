"""Operators with several outputs: one part for each output, and only those that are read are computed."""

from dataclasses import replace

import numpy as np
import pytest
from makers_core import Maker

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, plan, read_tflite
from zerotap.firmware.passes.separation import separated


def halves(writer, read: list[int], **options: int) -> bytes:
    """A SPLIT of 8 values into four, of which ``read`` are joined."""
    maker = Maker(writer, "SPLIT", 0)
    scale = 0.5, 3
    tensors = [maker.activation((1, 8), *scale), maker.tensor((), "int32", data=1)]
    tensors += [maker.activation((1, 2), *scale) for _ in range(4)]
    tensors.append(maker.activation((1, 2 * len(read)), *scale))
    inputs = [2 + part for part in read]
    model = maker.model("CONCATENATION", tensors, inputs, 6, 0, "ConcatenationOptions", {"axis": 1})
    model.before = [
        maker.model.one("SPLIT", [1, 0], [2, 3, 4, 5], "SplitOptions", {"numSplits": 4} | options)
    ]
    return maker.write(model)


def test_each_output_is_an_operator_of_its_own(tflite_writer) -> None:
    graph = read_tflite(halves(tflite_writer, [3, 0]))
    parts = separated(graph).operators[:-1]
    assert [part.outputs for part in parts] == [(2,), (3,), (4,), (5,)]
    assert [part.options["part"] for part in parts] == [0, 1, 2, 3]
    assert {(part.name, part.inputs, part.options["parts"]) for part in parts} == {("SPLIT", (1, 0), 4)}


def test_a_graph_without_them_stays_the_same(tflite_writer) -> None:
    graph = separated(read_tflite(halves(tflite_writer, [3, 0])))
    joined = replace(graph, operators=graph.operators[-1:])
    assert separated(joined) is joined


def test_parts_that_nothing_reads_are_not_copied(tflite_writer) -> None:
    content = halves(tflite_writer, [3, 0])
    planned = plan(read_tflite(content))
    assert [layer.target.index for layer in planned.layers] == [2, 5, 6]
    assert planned.arena_bytes == 8  # two parts of 2 bytes, each from a multiple of 4
    sample = np.arange(8, dtype=np.int8)
    assert Oracle(content).invoke(sample.reshape(1, 1, 8)).tolist() == [[6, 7, 0, 1]]


def test_an_operator_that_names_too_few_outputs_is_refused(tflite_writer) -> None:
    maker = Maker(tflite_writer, "UNPACK", 0)
    tensors = [maker.activation((1, 2, 3), 0.5, 0), maker.activation((1, 3), 0.5, 0)]
    model = maker.model("UNPACK", tensors, [0], 1, 0, "UnpackOptions", {"num": 2, "axis": 1})
    with pytest.raises(ModelError, match="cannot become 1 parts"):
        plan(read_tflite(maker.write(model)))


@pytest.mark.parametrize("count", [0, 3, 5, -4])
def test_a_number_of_parts_that_is_not_that_of_the_outputs_is_refused(tflite_writer, count: int) -> None:
    with pytest.raises(ModelError, match=r"SPLIT .*\(1, 8\) along axis 1 cannot become 4 parts"):
        plan(read_tflite(halves(tflite_writer, [0], numSplits=count)))
