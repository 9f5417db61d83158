"""Parts of a SPLIT, SPLIT_V or UNPACK that nothing reads: the rest of the model is int8 all the same."""

import numpy as np
import pytest

from zerotap.firmware import Oracle, plan, read_tflite
from zerotap.firmware.passes.separation import SEPARABLE
from zerotap.firmware.quantising.quantise import quantise
from zerotap.firmware.quantising.unread_outputs import with_unread_as_outputs, without_last_outputs


@pytest.fixture(scope="module")
def content() -> bytes:
    """One model of all three, each with a part that is left out, one behind another layer."""
    import keras
    from keras import ops

    keras.utils.set_random_seed(1)
    source = keras.Input((4, 9))
    thirds = ops.split(source, 3, -1)
    uneven = ops.split(keras.layers.Dense(9)(source), [2, 4], -1)
    rows = ops.unstack(ops.concatenate([thirds[0], thirds[2], uneven[0], uneven[2]], -1), axis=1)
    model = keras.Model(source, keras.layers.Dense(3)(ops.add(rows[0], rows[3])))
    samples = np.random.default_rng(0).normal(0, 1, (12, 4, 9)).astype(np.float32)
    return quantise(model, samples, isolation=None)


def test_the_model_is_int8_throughout_and_exact(content):
    graph = read_tflite(content)
    assert {each.name for each in graph.operators} >= set(SEPARABLE)
    assert {each.dtype for each in graph.tensors} == {"int8", "int32"}
    assert len(graph.outputs) == 1
    planned = plan(graph)
    samples = np.random.default_rng(1).integers(-128, 128, (50, 1, 4, 9)).astype(np.int8)
    rows = []
    for sample in samples:
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            read = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *read)
        rows.append(values[planned.graph.output].ravel())
    assert np.array_equal(np.stack(rows), Oracle(content, isolation=None).invoke(samples))


def test_what_nothing_reads_becomes_an_output_and_is_none_again(content):
    more, count = with_unread_as_outputs(content)
    graph = read_tflite(content)
    unread = read_tflite(more).outputs[1:]
    assert count == len(unread) == 4
    assert not any(index in operator.inputs for operator in graph.operators for index in unread)
    assert with_unread_as_outputs(more) == (more, 0)
    assert read_tflite(without_last_outputs(more, count)).outputs == graph.outputs
    assert without_last_outputs(more, 0) is more
