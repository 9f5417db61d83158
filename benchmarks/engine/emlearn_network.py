"""emlearn's C for a dense Keras network, linked for the board as ours is; it computes in software float."""

import tempfile
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.simulator import Run, Simulator
from zerotap.firmware.simulation.toolchain import Compiler

# Its functions write floats, which harness/main.c has no buffer for.
_MAIN = """
#include <stdint.h>

int32_t net_regress(const float *features, int32_t n_features, float *out, int32_t out_length);

float harness_input[INPUT_SIZE];
float harness_output[OUTPUT_SIZE];

int main(void)
{
    return net_regress(harness_input, INPUT_SIZE, harness_output, OUTPUT_SIZE);
}
"""
_EMPTY = """
#include <stdint.h>

int32_t net_regress(const float *features, int32_t n_features, float *out, int32_t out_length)
{
    (void)features, (void)n_features, (void)out, (void)out_length;
    return 0;
}
"""
# Its layer function holds every activation. Libraries stand before the sources on the command line, where the
# linker takes from them only what is named.
_MATHEMATICS = ("-Wl,-u,expf,-u,logf,-u,tanhf", "-lm")


@dataclass(frozen=True)
class Network:
    """A linked network; sizes are what it adds to an empty program."""

    program: Program
    flash_bytes: int
    ram_bytes: int
    inputs: int
    outputs: int


def build(model, compiler: Compiler) -> Network:
    """Convert a keras.Sequential of dense layers and link it; needs `cc`, a compiler for this machine."""
    import emlearn

    # Converting also compiles for this machine, in a folder tmp of the working directory.
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        code = emlearn.convert(model, method="loadable", return_type="regressor").save(name="net")
    inputs, outputs = model.input_shape[-1], model.output_shape[-1]
    options = (f"-DINPUT_SIZE={inputs}", f"-DOUTPUT_SIZE={outputs}", f"-I{Path(emlearn.__file__).parent}")
    harness = {"startup.S": harness_file("startup.S"), "main.c": _MAIN}
    program = link({**harness, "net.c": code}, compiler, (*options, *_MATHEMATICS))
    empty = link({**harness, "net.c": _EMPTY}, compiler, options)
    flash_bytes = program.flash_bytes - empty.flash_bytes
    return Network(program, flash_bytes, program.ram_bytes - empty.ram_bytes, inputs, outputs)


def run(network: Network, samples: np.ndarray) -> tuple[np.ndarray, list[Run]]:
    """Run float32 samples (n, inputs); returns float32 outputs (n, outputs) and what each took."""
    board, symbols = Simulator(network.program), network.program.symbols
    outputs, runs = np.empty((len(samples), network.outputs), np.float32), []
    arguments = (symbols["harness_input"], network.inputs, symbols["harness_output"], network.outputs)
    for row, sample in enumerate(samples.astype(np.float32)):
        board.write(arguments[0], sample.tobytes())
        runs.append(board.call("net_regress", *arguments))
        assert board.returned == 0, "emlearn reports an error"
        outputs[row] = np.frombuffer(board.read(arguments[2], 4 * network.outputs), np.float32)
    return outputs, runs
