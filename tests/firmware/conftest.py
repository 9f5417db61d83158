"""Fixtures: a host program made of generated C, and .tflite files with one operator and chosen weights."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import flatbuffers
import numpy as np
import pytest
from makers_core import CONVERTERS_VERSIONS
from one_unit import in_one_unit

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

# Reads samples from stdin, writes outputs to stdout; int8 buffers lie at odd addresses.
MAIN = """
#include <stdio.h>
#include <stdlib.h>
{includes}
static const struct {{
    void (*invoke)(const void *, void *);
    size_t in, out, in_skew, out_skew;
}} models[] = {{
{table}
}};
int main(int argc, char **argv)
{{
    const int index = argc > 1 ? atoi(argv[1]) : 0;
    const size_t in_skew = models[index].in_skew, out_skew = models[index].out_skew;
    char *in = malloc(models[index].in + in_skew), *out = calloc(1, models[index].out + out_skew);
    while (fread(in + in_skew, models[index].in, 1, stdin) == 1) {{
        models[index].invoke(in + in_skew, out + out_skew);
        fwrite(out + out_skew, models[index].out, 1, stdout);
    }}
    free(in);
    free(out);
    return 0;
}}
"""


@dataclass
class HostProgram:
    """An executable that holds several models by name."""

    executable: Path
    names: list[str]
    dtypes: list[str]

    def run(self, name: str, samples: np.ndarray) -> np.ndarray:
        done = subprocess.run(
            [str(self.executable), str(self.names.index(name))], input=samples.tobytes(), capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return np.frombuffer(done.stdout, self.dtypes[self.names.index(name)]).reshape(len(samples), -1)


def host_compiler() -> tuple[list[str], str]:
    """A compiler with every sanitiser that it has: ziglang, always there, brings UBSan but no ASan."""
    for name in ("gcc", "clang"):
        if shutil.which(name):
            return [name, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"], "address,undefined"
    return [sys.executable, "-m", "ziglang", "cc", "-fsanitize=undefined"], "undefined"


@pytest.fixture(scope="session")
def sanitisers() -> str:
    return host_compiler()[1]


@pytest.fixture(scope="session")
def host_command() -> list[str]:
    """The host compiler with its sanitisers' flags."""
    return host_compiler()[0]


@pytest.fixture(scope="session")
def build_host(tmp_path_factory):
    """Build models (name -> generated files) into one :class:`HostProgram`."""

    def build(models: dict[str, dict[str, str]]) -> HostProgram:
        folder = tmp_path_factory.mktemp("host")
        unit = in_one_unit(models)
        for name, text in unit.items():
            (folder / name).write_text(text)
        includes = "\n".join(f'#include "{name}.h"' for name in models)
        adapters, rows, dtypes = [], [], []
        for name in models:
            source, target, plural = re.search(
                r"_invoke\(const (\w+) \*inputs?, (\w+) \*output(s?)\)", models[name][f"{name}.h"]
            ).groups()
            score = re.search(rf"typedef (\w+)_t {name}_SCORE;", models[name][f"{name}.h"])
            dtypes.append("int8" if plural else score[1])
            adapters.append(
                f"static void run_{name}(const void *in, void *out) {{ {name}_invoke(in, out); }}"
            )
            counts = ("1", "1") if plural else (f"{name}_INPUT_SIZE", f"{name}_OUTPUT_SIZE")
            sizes = f"{counts[0]} * sizeof({source}), {counts[1]} * sizeof({target})"
            skews = f"sizeof({source}) == 1, sizeof({target}) == 1"
            rows.append(f"    {{run_{name}, {sizes}, {skews}}},")
        includes += "\n" + "\n".join(adapters)
        (folder / "main.c").write_text(MAIN.format(includes=includes, table="\n".join(rows)))
        sources = [str(folder / name) for name in (*unit, "main.c") if name.endswith(".c")]
        flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-g1", "-I", str(folder)]
        command = [*host_compiler()[0], *flags, *sources, "-o", str(folder / "program")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return HostProgram(folder / "program", list(models), dtypes)

    return build


@dataclass
class TensorSpec:
    """One tensor of a file to be written; scales along ``axis`` where there are several."""

    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: Any = ()
    zero_point: Any = ()
    data: Any = None
    axis: int = 0
    variable: bool = False


@dataclass
class OperatorSpec:
    """One operator over tensors by number; ``output`` may be several."""

    operator: str
    inputs: list[int]
    output: int | list[int]
    options_type: str = "NONE"
    options: dict[str, Any] = field(default_factory=dict)
    intermediates: list[int] = field(default_factory=list)


@dataclass
class ModelSpec:
    """A file with one operator, and perhaps others ``before`` it that make its inputs of the model's one."""

    operator: str
    tensors: list[TensorSpec]
    inputs: list[int]
    output: int
    model_input: int
    options_type: str = "NONE"
    options: dict[str, Any] = field(default_factory=dict)
    before: list[OperatorSpec] = field(default_factory=list)
    one: ClassVar[type[OperatorSpec]] = OperatorSpec
    intermediates: list[int] = field(default_factory=list)
    variables: dict[str, TensorSpec] = field(default_factory=dict)
    """What a CALL_ONCE assigns, by the variables' names."""


def write_tflite(spec: ModelSpec) -> bytes:
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT()
    model.version = 3
    model.operatorCodes = []
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = [_tensor(schema, model, index, tensor) for index, tensor in enumerate(spec.tensors)]
    graph.operators = [_operator(schema, model, each) for each in (*spec.before, spec)]
    graph.inputs, graph.outputs = [spec.model_input], [spec.output]
    model.subgraphs = [graph]
    if spec.variables:
        call = OperatorSpec("CALL_ONCE", [], [], "CallOnceOptions", {"initSubgraphIndex": 1})
        graph.operators.insert(0, _operator(schema, model, call))
        model.subgraphs.append(_initialising(schema, model, spec.variables))
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _initialising(schema, model, variables: dict[str, TensorSpec]):
    graph = schema.SubGraphT()
    graph.inputs, graph.outputs, graph.tensors, graph.operators = [], [], [], []
    for name, value in variables.items():
        handle = len(graph.tensors)
        for spec in (TensorSpec((), "resource"), value):
            graph.tensors.append(_tensor(schema, model, len(graph.tensors), spec))
        for each in (named(handle, name), OperatorSpec("ASSIGN_VARIABLE", [handle, handle + 1], [])):
            graph.operators.append(_operator(schema, model, each))
    return graph


def named(handle: int, name: str) -> OperatorSpec:
    """The VAR_HANDLE of a variable."""
    return OperatorSpec("VAR_HANDLE", [], handle, "VarHandleOptions", {"sharedName": name})


def _operator(schema, model, spec: OperatorSpec | ModelSpec):
    code = schema.OperatorCodeT()
    builtin = getattr(schema.BuiltinOperator, spec.operator)
    code.builtinCode, code.deprecatedBuiltinCode = builtin, min(builtin, 127)
    code.version = CONVERTERS_VERSIONS.get(spec.operator, 1)
    model.operatorCodes.append(code)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = spec.inputs, np.atleast_1d(spec.output).astype(int).tolist()
    if spec.intermediates:
        operator.intermediates = spec.intermediates
    if spec.options_type != "NONE":
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, spec.options_type)
        operator.builtinOptions = getattr(schema, f"{spec.options_type}T")()
        for name, value in spec.options.items():
            assert hasattr(operator.builtinOptions, name), name
            setattr(operator.builtinOptions, name, value)
    return operator


def _tensor(schema, model, index: int, spec: TensorSpec):
    tensor = schema.TensorT()
    tensor.name, tensor.shape = f"tensor_{index}", list(spec.shape)
    tensor.type = getattr(schema.TensorType, spec.dtype.upper())
    tensor.buffer, tensor.isVariable = 0, spec.variable
    if spec.data is not None:
        buffer = schema.BufferT()
        buffer.data = np.asarray(spec.data, spec.dtype).ravel().view(np.uint8)
        model.buffers.append(buffer)
        tensor.buffer = len(model.buffers) - 1
    if np.size(spec.scale):
        quantisation = schema.QuantizationParametersT()
        quantisation.scale = np.atleast_1d(np.asarray(spec.scale, np.float32)).tolist()
        zero_point = np.broadcast_to(np.atleast_1d(spec.zero_point), len(quantisation.scale))
        quantisation.zeroPoint = [int(value) for value in zero_point]
        quantisation.quantizedDimension = spec.axis
        tensor.quantization = quantisation
    return tensor


@pytest.fixture(scope="session")
def tflite_writer():
    """(TensorSpec, ModelSpec, write_tflite): the parts of a single-operator .tflite."""
    return TensorSpec, ModelSpec, write_tflite


def _write_dense(units: list[int], samples: np.ndarray, path: Path) -> Path:
    import keras

    from zerotap.firmware.quantising.quantise import quantise

    keras.utils.set_random_seed(1)
    source = values = keras.Input(samples.shape[1:])
    for count in units[:-1]:
        values = keras.layers.Dense(count, activation="relu")(values)
    model = keras.Model(source, keras.layers.Dense(units[-1])(values))
    path.write_bytes(quantise(model, samples))
    return path


@pytest.fixture(scope="session")
def dense_samples() -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (80, 8)).astype(np.float32)


@pytest.fixture(scope="session")
def dense_file(tmp_path_factory: pytest.TempPathFactory, dense_samples: np.ndarray) -> Path:
    """An 8-16-8-2 network."""
    return _write_dense([16, 8, 2], dense_samples, tmp_path_factory.mktemp("dense") / "dense.tflite")


@pytest.fixture(scope="session")
def wide_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More weights than the board has flash."""
    samples = np.random.default_rng(1).uniform(-1, 1, (4, 512)).astype(np.float32)
    return _write_dense([600, 2], samples, tmp_path_factory.mktemp("wide") / "wide.tflite")
