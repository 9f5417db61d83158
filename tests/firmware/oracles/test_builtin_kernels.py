"""Files that TFLite's reference kernels refuse: the builtin kernels judge, and every rounding is theirs."""

from dataclasses import replace

import numpy as np
import pytest
from all_makers import MAKERS, make
from references import references

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, generate, plan, read_tflite
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.operators.elementwise import FUNCTIONS
from zerotap.firmware.oracles.oracle import TFLiteInterpreter
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.tflite.arity import ARITIES
from zerotap.firmware.tflite.reference_kernels import LAST_VERSIONS, NEWEST_VERSIONS

CASES = 8
VERSION_MAX = 20
CHANNELS = 11
KNOWN = {*ARITIES, *LAST_VERSIONS, *OPERATORS, *FUNCTIONS}


def accepts(resolver, operator: str, version: int) -> bool:
    """Whether a set of kernels has an operator in a version; nothing is prepared or run."""
    import flatbuffers
    import tensorflow as tf
    from tensorflow.lite.python import schema_py_generated as schema

    model, code, graph = schema.ModelT(), schema.OperatorCodeT(), schema.SubGraphT()
    code.builtinCode = getattr(schema.BuiltinOperator, operator)
    code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
    graph.tensors = []
    for name in "ab":
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, [1], schema.TensorType.INT8, 0
        graph.tensors.append(tensor)
    record = schema.OperatorT()
    record.opcodeIndex, record.inputs, record.outputs = 0, [0], [1]
    graph.operators, graph.inputs, graph.outputs = [record], [0], [1]
    model.version, model.operatorCodes, model.buffers = 3, [code], [schema.BufferT()]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    try:
        tf.lite.Interpreter(model_content=bytes(builder.Output()), experimental_op_resolver_type=resolver)
    except (RuntimeError, ValueError) as error:
        return "Didn't find op" not in str(error)
    return True


@pytest.mark.parametrize("operator", sorted(KNOWN))
def test_the_tables_say_which_versions_there_are_and_which_the_reference_kernels_lack(operator):
    """If this fails, another TensorFlow is installed: the table is of 2.21."""
    import tensorflow as tf

    resolvers = tf.lite.experimental.OpResolverType
    kinds = (resolvers.BUILTIN_REF, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    last = [
        max((version for version in range(1, VERSION_MAX) if accepts(kind, operator, version)), default=0)
        for kind in kinds
    ]
    assert last[0] == (LAST_VERSIONS[operator] if operator in LAST_VERSIONS else last[1])
    assert (operator in LAST_VERSIONS) == (last[0] < last[1])
    assert NEWEST_VERSIONS[operator] == last[1] and not accepts(kinds[1], operator, 0)


@pytest.mark.parametrize("operator", sorted(MAKERS))
def test_the_numpy_reference_equals_the_builtin_kernels(tflite_writer, operator):
    for seed in range(CASES):
        content, graph, samples = make(tflite_writer, operator, seed)
        planned = filled(plan(replace(graph, has_reference_kernels=False)))
        expected = TFLiteInterpreter(content, builtin=True).invoke(samples[:16])
        assert np.array_equal(references(planned, samples[:16]), expected), (operator, seed)


@pytest.fixture
def beside_elu(tflite_writer) -> dict[str, bytes]:
    """ELU, which no reference kernel has, before operators that round halves by where an output lies.

    Scales are powers of two: halves are many. 8 of 11 channels and 32 of 44 elements are whole groups.
    """
    tensor, model, write = tflite_writer
    rng = np.random.default_rng(0)
    shape, windows = (1, 2, 2, CHANNELS), {"padding": 0, "strideH": 1, "strideW": 1, "depthMultiplier": 1}
    windows |= {"dilationHFactor": 1, "dilationWFactor": 1}
    tensors = [
        tensor(shape, "int8", 0.5, 3),
        tensor(shape, "int8", 0.5, -7),
        tensor((1, 2, 2, CHANNELS), "int8", 0.25, 0, rng.integers(-9, 10, shape), 3),
        tensor((CHANNELS,), "int32", 0.125, 0, rng.integers(-60, 60, CHANNELS)),
        tensor(shape, "int8", 2.0, 5),
        tensor(shape, "int8", 16.0, -3),
        tensor((1,), "int8", 0.5, 0, [3]),
        tensor(shape, "int8", 16.0, 0),
    ]
    elu = model.one("ELU", [0], 1)
    depthwise = model.one("DEPTHWISE_CONV_2D", [1, 2, 3], 4, "DepthwiseConv2DOptions", windows)
    quantise = model.one("QUANTIZE", [4], 5)
    last = {
        "depthwise": model("DEPTHWISE_CONV_2D", tensors, [1, 2, 3], 4, 0, "DepthwiseConv2DOptions", windows),
        "quantise": model("QUANTIZE", tensors, [4], 5, 0, before=[elu, depthwise]),
        "table": model("MUL", tensors, [5, 6], 7, 0, "MulOptions", before=[elu, depthwise, quantise]),
    }
    last["depthwise"].before = [elu]
    return {name: write(spec) for name, spec in last.items()}


def test_halves_are_rounded_by_where_an_output_lies(beside_elu, build_host, monkeypatch):
    names = {
        name: [layer.name for layer in plan(read_tflite(each)).layers] for name, each in beside_elu.items()
    }
    assert names["quantise"] == ["ELU", "DEPTHWISE_CONV_2D", "QUANTIZE"]
    assert names["table"] == ["ELU", "DEPTHWISE_CONV_2D", "MUL"]
    compiled = build_host({name: generate(read_tflite(each), name) for name, each in beside_elu.items()})
    samples = np.random.default_rng(1).integers(-128, 128, (300, 1, 2, 2, CHANNELS)).astype(np.int8)
    for name, content in beside_elu.items():
        oracle, graph = Oracle(content), read_tflite(content)
        assert oracle.name.endswith("BUILTIN_WITHOUT_DEFAULT_DELEGATES")
        expected = oracle.invoke(samples)
        assert np.array_equal(compiled.run(name, samples), expected), name
        away = references(filled(plan(graph)), samples[:40])
        assert np.array_equal(away, expected[:40]), name


def with_version(content: bytes, operator: str, version: int) -> bytes:
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    for code in model.operatorCodes:
        if code.builtinCode == getattr(schema.BuiltinOperator, operator):
            code.version = version
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def test_one_operator_of_a_late_version_changes_how_fully_connected_rounds(tflite_writer):
    """A PACK, a STRIDED_SLICE or a BATCH_MATMUL that only the builtin kernels have, before a dense layer."""
    tensor, model, write = tflite_writer
    rng = np.random.default_rng(4)
    tensors = [
        tensor((1, 40), "int8", 0.05, 3),
        *(tensor((2,), "int32", data=bounds) for bounds in ([0, 0], [1, 32], [1, 1])),
        tensor((1, 32), "int8", 0.05, 3),
        tensor((20, 32), "int8", 0.01, 0, rng.integers(-127, 128, (20, 32))),
        tensor((20,), "int32", 0.0005, 0, rng.integers(-900, 900, 20)),
        tensor((1, 20), "int8", 0.02, -7),
    ]
    before = [model.one("STRIDED_SLICE", [0, 1, 2, 3], 4, "StridedSliceOptions")]
    early = write(model("FULLY_CONNECTED", tensors, [4, 5, 6], 7, 0, "FullyConnectedOptions", before=before))
    late = with_version(early, "STRIDED_SLICE", LAST_VERSIONS["STRIDED_SLICE"] + 1)
    samples = rng.integers(-128, 128, (2000, 1, 40)).astype(np.int8)
    outputs = []
    for content, kernels in ((early, "BUILTIN_REF"), (late, "BUILTIN_WITHOUT_DEFAULT_DELEGATES")):
        oracle, planned = Oracle(content), plan(read_tflite(content))
        assert oracle.name.endswith(kernels)
        assert planned.graph.has_reference_kernels == (kernels == "BUILTIN_REF")
        expected = oracle.invoke(samples)
        got = references(planned, samples)
        assert np.array_equal(got, expected)
        outputs.append(expected)
    assert np.any(outputs[0] != outputs[1]), "no sample tells the two apart"


@pytest.mark.parametrize("version", [0, NEWEST_VERSIONS["STRIDED_SLICE"] + 1])
def test_a_version_that_tensorflow_does_not_have_is_refused_by_the_plan(tflite_writer, version):
    content = with_version(make(tflite_writer, "STRIDED_SLICE", 0)[0], "STRIDED_SLICE", version)
    with pytest.raises(ModelError, match="cannot run this model"):
        Oracle(content)
    words = f"layer 0 STRIDED_SLICE is of version {version}, .* with TensorFlow 2.21"
    with pytest.raises(ModelError, match=words):
        plan(read_tflite(content))
    assert plan(read_tflite(content, "tflm")).layers, "TensorFlow Lite Micro does not look at versions"
