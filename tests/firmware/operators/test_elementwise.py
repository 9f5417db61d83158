"""Tables of 256 outputs for what computes each element by itself: equal to the oracle, or refused."""

import numpy as np
import pytest
from table_models import SAMPLES, TableModels

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, generate, plan, read_tflite, verify
from zerotap.firmware.operators.elementwise import NAME
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.oracles import tables
from zerotap.firmware.planning.analysis import analyse


@pytest.fixture(scope="module")
def make(tflite_writer) -> TableModels:
    return TableModels(tflite_writer)


@pytest.fixture(scope="module")
def models(make) -> dict[str, bytes]:
    return make.cases()


@pytest.fixture(scope="module")
def compiled(models, build_host):
    """Some: their C differs by its table alone."""
    some = {name: content for name, content in models.items() if not name.startswith("float_")}
    return build_host({name: generate(read_tflite(content), name) for name, content in some.items()})


def reference(planned) -> np.ndarray:
    rows = []
    for sample in SAMPLES:
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            read = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *read)
        rows.append(values[planned.graph.output].ravel())
    return np.stack(rows)


def test_each_function_is_one_table_with_the_oracles_bits(models, compiled):
    distinct = {}
    for name, content in models.items():
        expected = Oracle(content).invoke(SAMPLES)
        planned = plan(read_tflite(content))
        assert [layer.choice.kernel for layer in planned.layers] == ["lookup"], name
        assert planned.weight_bytes == 256
        assert np.array_equal(reference(tables.filled(planned)), expected), name
        assert name not in compiled.names or np.array_equal(compiled.run(name, SAMPLES), expected), name
        distinct[name] = len(np.unique(expected))
    constant = {"float_equal", "float_not_equal", "float_sign", "float_zeros_like", "float_relu_0_to_1"}
    assert not [name for name, count in distinct.items() if count < 5 and name not in constant]


def test_analyse_counts_a_tables_bytes_without_an_oracle(models, monkeypatch):
    monkeypatch.setattr(tables, "ask", lambda *_, **__: pytest.fail("TensorFlow was asked"))
    report = analyse(plan(read_tflite(models["softsign"])))
    assert [layer["operator"] for layer in report["layers"]] == ["ABS+ADD+DIV"]
    assert report["weight_bytes"] == 256


def test_operators_with_references_are_joined_without_an_oracle(make, monkeypatch):
    """x * sigmoid(x): both have kernels of their own, a table takes less."""
    tensors = [make.int8(), make.int8(1 / 256, -128), make.int8(0.04, -120)]
    before = [make.operator("LOGISTIC", [0], 1)]
    content = make.write(make.model("MUL", tensors, [0, 1], 2, 0, "MulOptions", before=before))
    planned = plan(read_tflite(content))
    assert [layer.name for layer in planned.layers] == ["LOGISTIC+MUL"]
    expected = Oracle(content).invoke(SAMPLES)
    monkeypatch.setattr(tables, "ask", lambda *_, **__: pytest.fail("TensorFlow was asked"))
    assert np.array_equal(reference(tables.filled(planned)), expected)


def test_what_another_layer_reads_is_a_table_of_its_own(make):
    """ABS goes to a mean and, through EXP, to the output's sum: two tables, the second from the first."""
    small = make.tensor((1, 5), "int8", 0.05, 3)
    tensors = [make.int8(), make.int8(0.05, -128), make.int8(0.1, -100), small, small, small]
    tensors.append(make.tensor((1,), "int32", data=[1]))
    before = [
        make.function("ABS", [0], 1),
        make.function("EXP", [1], 2),
        make.operator("MEAN", [1, 6], 3, "ReducerOptions"),
        make.operator("MEAN", [2, 6], 4, "ReducerOptions"),
    ]
    content = make.write(make.model("ADD", tensors, [3, 4], 5, 0, "AddOptions", before=before))
    planned = plan(read_tflite(content))
    assert [layer.name for layer in planned.layers] == ["ABS", "EXP", "MEAN", "MEAN", "ADD"]
    assert [layer.operators[0].name for layer in planned.layers[:2]] == [NAME, NAME]
    assert planned.layers[1].source.index == 1
    assert np.array_equal(reference(tables.filled(planned)), Oracle(content).invoke(SAMPLES))


def test_a_reshape_between_goes_into_the_table(make):
    flat = make.tensor((1, 15), "int8", 0.05, -128)
    tensors = [make.int8(), make.int8(0.05, -128), flat, make.tensor((1, 15), "int8", 0.1, -128)]
    tensors.append(make.tensor((2,), "int32", data=[1, 15]))
    before = [make.function("ABS", [0], 1), make.operator("RESHAPE", [1, 4], 2, "ReshapeOptions")]
    content = make.write(make.model("SQRT", tensors, [2], 3, 0, before=before))
    planned = plan(read_tflite(content))
    assert [layer.name for layer in planned.layers] == ["ABS+SQRT"]
    assert np.array_equal(reference(tables.filled(planned)), Oracle(content).invoke(SAMPLES))


@pytest.fixture(scope="module")
def by_channel(make) -> dict[str, bytes]:
    """DIV by a constant for each of 5 channels, two of them alike; 1.3 ** x behind a float one for each."""
    numbers = [50, 60, 70, 60, 90]
    tensors = [make.int8(), make.int8(0.02, -3, numbers), make.int8()]
    int8 = make.write(make.model("DIV", tensors, [0, 1], 2, 0, "DivOptions"))
    real = make.tensor((1, 3, 5), "float32")
    tensors = [make.int8(), real, make.tensor((5,), "float32", data=[0.5, -1, 2, 0.5, 3]), real]
    tensors += [make.number(1.3), real, make.int8(0.05, -100)]
    before = [
        make.operator("DEQUANTIZE", [0], 1),
        make.function("MUL", [1, 2], 3),
        make.function("POW", [4, 3], 5),
    ]
    return {"int8": int8, "real": make.write(make.model("QUANTIZE", tensors, [5], 6, 0, before=before))}


def test_constants_along_a_channel_make_a_table_for_each_that_differs(by_channel, build_host):
    compiled = build_host({name: generate(read_tflite(each), name) for name, each in by_channel.items()})
    for name, content in by_channel.items():
        planned = plan(read_tflite(content))
        (layer,) = planned.layers
        assert layer.choice.kernel == "lookup_channels"
        assert planned.weight_bytes == 4 * 256 + 2 * 5 + 2 + 16
        expected = Oracle(content).invoke(SAMPLES)
        assert len(np.unique(expected)) > 20
        assert np.array_equal(reference(tables.filled(planned)), expected), name
        assert np.array_equal(compiled.run(name, SAMPLES), expected), name


def test_tables_of_channels_take_the_cycles_and_bytes_that_are_stated(by_channel):
    planned = plan(read_tflite(by_channel["real"]))
    done = verify(by_channel["real"], SAMPLES)
    assert done.mismatches == 0
    assert done.constant_time
    assert done.cycles == pytest.approx(planned.cycles, rel=0.08)
    assert done.flash_bytes == pytest.approx(planned.flash_bytes, rel=0.1)


def test_a_table_of_two_tensors_is_refused_by_name(make):
    tensors = [make.int8(), make.tensor((1, 1, 5), "int8", 0.05, 3), make.int8()]
    tensors.append(make.tensor((1,), "int32", data=[1]))
    before = [make.operator("REDUCE_MAX", [0, 3], 1, "ReducerOptions", {"keepDims": True})]
    content = make.write(make.model("DIV", tensors, [0, 1], 2, 0, "DivOptions", before=before))
    with pytest.raises(
        ModelError, match=r"layer 1 DIV .*\(1, 3, 5\) \+ \(1, 1, 5\) .*one int8 tensor and constants"
    ):
        plan(read_tflite(content))


def test_an_input_that_tensorflow_refuses_is_named_before_anything_runs(make):
    content = make.write(make.model("RSQRT", [make.int8(0.5, -126), make.int8()], [0], 1, 0))
    with pytest.raises(ModelError, match=r"layer 0 RSQRT .*refuses its input -1 .*; keep such values away"):
        plan(read_tflite(content))


def test_an_input_that_is_refused_behind_other_operators_is_named_when_the_table_is_filled(make):
    tensors = [make.int8(0.5, -127), make.int8(0.5, -127), make.int8(), make.int8(0.5, -127, [-127])]
    before = [make.function("ADD", [0, 3], 1)]
    content = make.write(make.model("RSQRT", tensors, [1], 2, 0, before=before))
    planned = plan(read_tflite(content))
    with pytest.raises(ModelError, match=r"layer \d ADD\+RSQRT .*refuses its input -0.5 .*[Rr]sqrt"):
        tables.filled(planned)


@pytest.mark.parametrize("name", ["float_elu", "int8_elu", "softsign"])
def test_tflite_micro_fills_tables_too(models, name):
    pytest.importorskip("tflite_micro")
    planned = plan(read_tflite(models[name], "tflm"), BuildOptions(oracle="tflm"))
    expected = Oracle(models[name], "tflm").invoke(SAMPLES)
    assert np.array_equal(reference(tables.filled(planned)), expected)


def test_operators_that_tflite_micro_lacks_are_named(models):
    pytest.importorskip("tflite_micro")
    planned = plan(read_tflite(models["int8_exp"], "tflm"), BuildOptions(oracle="tflm"))
    with pytest.raises(ModelError, match=r"layer 0 EXP .*Micro cannot run .*; try --oracle tflite"):
        tables.filled(planned)


def test_a_kernel_whose_last_elements_round_otherwise_is_refused_or_gets_whole_vectors(make):
    """TensorFlow's ROUND takes halves to even four at a time, and what is left otherwise."""
    with pytest.raises(ModelError, match=r"layer 0 ROUND .*a multiple of 16 outputs"):
        tables.filled(plan(read_tflite(make.float_model("ROUND"))))
    content = make.float_model("ROUND", (1, 16))
    planned = tables.filled(plan(read_tflite(content)))
    (table,) = planned.layers[0].operators[0].options["tables"]
    expected = Oracle(content).invoke(np.arange(-128, 128, dtype=np.int8).reshape(16, 1, 16))
    assert np.array_equal(expected.ravel(), table)


def test_the_linked_program_gives_the_same(models):
    done = verify(models["float_elu"], SAMPLES)
    assert done.mismatches == 0
    assert done.constant_time
