"""Models that carry a state on: NumPy, host C, board and both oracles over streams of samples."""

import contextlib
import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from damage import edited, judge
from edits import EDITS, pick
from references import references
from seeds import FIRST_SEED
from streams import Stream, drawn, wake_word

from zerotap.cli import cli
from zerotap.errors import DoesNotFitError, ModelError
from zerotap.features import PIPELINE_FILE, Pipeline
from zerotap.firmware import BuildOptions, Oracle, export, generate, plan, read_tflite, verify
from zerotap.firmware.options import Budget
from zerotap.firmware.oracles.board_oracle import BoardOracle
from zerotap.firmware.passes.ends import read_model
from zerotap.firmware.passes.weight_bits import narrow
from zerotap.firmware.planning.fitting import check_plan
from zerotap.firmware.planning.states import state_memory
from zerotap.firmware.simulation.hooks.hook_library import HookError
from zerotap.firmware.simulation.running import FEW_SAMPLES
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.tflite.writer import rewrite_tflite

STEPS = 20
DRAWN = 24
EDITED = 60
ZIG = BuildOptions(compiler="zig")
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]


def steps(graph, count: int = STEPS, seed: int = 0) -> np.ndarray:
    shape = graph.tensors[graph.input].shape
    samples = np.random.default_rng(seed).integers(-128, 128, (count, *shape))
    samples[0], samples[1] = -128, 127
    return samples.astype(np.int8)


@pytest.fixture(scope="module")
def wake(tflite_writer) -> bytes:
    return wake_word(tflite_writer)


@pytest.fixture(scope="module")
def models(tflite_writer, wake) -> dict[str, bytes]:
    return {"wake": wake} | {f"drawn_{seed}": drawn(tflite_writer, seed) for seed in range(DRAWN)}


@pytest.fixture(scope="module")
def expected(models) -> dict[str, np.ndarray]:
    """The oracle's outputs; those of the second half depend on the first."""
    return {name: BoardOracle(content).invoke(steps(read_model(content))) for name, content in models.items()}


def test_numpy_equals_the_oracle_over_a_stream(models, expected):
    for name, content in models.items():
        graph = read_model(content)
        assert np.array_equal(references(plan(graph), steps(graph)), expected[name]), name


def test_an_answer_depends_on_the_steps_before(models, expected):
    """Or else nothing here proves that a state is carried on."""
    differ = 0
    for name, content in models.items():
        samples = steps(read_model(content))
        alone = BoardOracle(content).invoke(samples[10:])
        differ += not np.array_equal(alone, expected[name][10:])
    assert differ > len(models) // 2
    assert len(set(expected["wake"].ravel().tolist())) > 4


def test_every_call_of_the_oracle_is_a_new_stream(wake, expected):
    oracle = BoardOracle(wake)
    samples = steps(read_model(wake))
    assert all(np.array_equal(oracle.invoke(samples), expected["wake"]) for _ in range(2))


def test_host_c_equals_the_oracle_over_a_stream(models, expected, build_host):
    made = {name: generate(read_model(content), name) for name, content in models.items()}
    compiled = build_host(made)
    for name, content in models.items():
        assert np.array_equal(compiled.run(name, steps(read_model(content))), expected[name]), name


def test_tflite_micro_gives_the_same_stream(models, expected):
    for name in ("wake", "drawn_0", "drawn_1", "drawn_2"):
        graph = read_model(models[name], "tflm")
        got = BoardOracle(models[name], "tflm").invoke(steps(graph))
        assert np.array_equal(references(plan(graph), steps(graph)), got)
        if name != "wake":  # its dense layer rounds twice there
            assert np.array_equal(got, expected[name])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_carries_the_state_on(wake, compiler):
    samples = steps(read_model(wake))[:, 0]
    options = BuildOptions(compiler=compiler)
    measured = verify(wake, samples, options)
    assert measured.mismatches == 0 and measured.constant_time and measured.report["stream"] is True
    planned = plan(read_model(wake), options)
    assert compiler == "zig" or abs(measured.cycles - planned.cycles) < 0.1 * measured.cycles
    assert compiler == "zig" or abs(measured.flash_bytes - planned.flash_bytes) < 0.05 * planned.flash_bytes
    assert measured.ram_bytes == planned.arena_bytes + planned.state_bytes
    assert measured.ram_total_bytes <= planned.ram_total_bytes
    assert planned.state_bytes == 8 * 2 + 12 * (4 + 9 + 3)


def test_the_stream_goes_on_where_cycles_are_no_longer_counted(wake, monkeypatch):
    real = Simulator.__init__

    def without_hook(self, program, counting="c", cycle_limit=None, *, with_waits=False):
        if counting == "c":
            raise HookError("no compiler")
        real(self, program, counting, cycle_limit, with_waits=with_waits)

    monkeypatch.setattr(Simulator, "__init__", without_hook)
    measured = verify(wake, steps(read_model(wake), 9)[:, 0], ZIG)
    assert (measured.mismatches, measured.counted) == (0, FEW_SAMPLES)


def test_a_state_that_is_not_carried_on_is_seen(wake, monkeypatch):
    real = Simulator.call

    def call(self, function, *arguments):
        if function == "model_invoke" and "model_reset" in self._program.symbols:
            real(self, "model_reset")
        return real(self, function, *arguments)

    monkeypatch.setattr(Simulator, "call", call)
    assert verify(wake, steps(read_model(wake))[:, 0], ZIG).mismatches > 3


def test_the_c_is_static_arrays_and_a_reset(wake):
    made = generate(read_model(wake), "wake")
    assert "void wake_reset(void);" in made["wake.h"] and "#define wake_STATE_BYTES 208" in made["wake.h"]
    assert "carries a state on: inferences are steps of one stream" in made["wake.h"]
    # No byte of it is copied: rows are taken and joined where they are.
    assert "read_variable" not in made["wake.c"] and "assign_variable" not in made["wake.c"]
    assert "reset" not in generate(read_tflite(rewritten_without_states(wake)), "wake")["wake.h"]


def rewritten_without_states(content: bytes) -> bytes:
    """What comes before the first variable: the file's writer drops its variables with what uses them."""
    graph = read_tflite(content)
    kept = tuple(each for each in graph.operators if each.name == "LOGISTIC")
    part = replace(graph, operators=kept, input=kept[0].inputs[0], output=kept[0].outputs[0])
    return rewrite_tflite(content, graph, part)


def test_states_of_many_values_are_copied_from_flash(tflite_writer, build_host):
    net = Stream(tflite_writer, 2, 5)
    net.rows(net.ring(0, 6, np.arange(-60, 60, 4).reshape(1, 6, 1, 5)), 0, 4)
    content = net.content()
    graph = read_tflite(content)
    made = generate(graph, "many")
    assert "initial_states[32]" in made["many.c"]
    got = build_host({"many": made}).run("many", steps(graph, 6))
    assert np.array_equal(got, Oracle(content).invoke(steps(graph, 6)))
    assert verify(content, steps(graph, 6)[:, 0], ZIG).mismatches == 0


def test_states_of_zeros_take_no_flash(tflite_writer):
    net = Stream(tflite_writer, 2, 5)
    net.rows(net.ring(0, 6, 0), 0, 4)
    graph = read_tflite(net.content())
    assert state_memory(graph).flash_bytes < 60
    assert "int8_t states[nil_STATE_BYTES];" in generate(graph, "nil")["nil.c"]


def test_narrow_weights_keep_the_variables(wake):
    graph = read_tflite(wake)
    content = rewrite_tflite(wake, graph, narrow(graph, 4))
    assert [each.initial.shape for each in read_tflite(content).states] == [
        each.initial.shape for each in graph.states
    ]
    samples = steps(read_model(wake), 8)
    got = BoardOracle(content).invoke(samples)
    assert np.array_equal(references(plan(read_model(content)), samples), got)


def run(*arguments: object):
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_commands_say_that_it_is_a_stream(wake, tmp_path):
    (tmp_path / "wake.tflite").write_bytes(wake)
    np.save(tmp_path / "x.npy", steps(read_model(wake), 6)[:, 0])
    report = json.loads(run("analyse", tmp_path / "wake.tflite", "--json").stdout)
    assert report["state_bytes"] == 208 and "state_bytes" in report["exact"]
    assert report["ram_bytes"] == report["arena_bytes"] + 208 + report["stack_bytes"]
    assert "stream_0/states" in [layer["in_state"] for layer in report["layers"]]
    shown = run("analyse", tmp_path / "wake.tflite").stdout
    assert "state 208 B, which each inference leaves for the next" in shown and " state " in shown
    result = run("verify", tmp_path / "wake.tflite", "--samples", tmp_path / "x.npy", "--compiler", "zig")
    assert result.exit_code == 0, result.output
    assert "one stream, begun by NAME_reset here and by a new interpreter there" in result.stdout


def test_the_library_tests_itself_as_a_stream(wake, tmp_path):
    library = export(wake, tmp_path / "lib", "wake", ZIG)
    sketch = (library.folder / "examples/SelfTest/SelfTest.ino").read_text()
    assert sketch.index("wake_reset();") < sketch.index("wake_invoke(inputs[i], output);")
    vectors = (library.folder / "examples/SelfTest/vectors.h").read_text()
    assert "They are one stream: wake_reset(), then one after the other." in vectors
    readme = (library.folder / "README.md").read_text()
    assert "its windows are one stream. `wake_reset()` begins a new one." in readme
    keywords = (library.folder / "keywords.txt").read_text()
    assert "wake_reset\tKEYWORD2" in keywords and "wake_STATE_BYTES\tLITERAL1" in keywords


def test_a_pipeline_is_refused(wake, tmp_path):
    (tmp_path / "model.tflite").write_bytes(wake)
    (tmp_path / PIPELINE_FILE).write_text(Pipeline.raw("raw", 8, 3).to_toml())
    with pytest.raises(ModelError, match=r"keeps a state from one to the next; export its \.tflite itself"):
        export(tmp_path, tmp_path / "lib", "wake", ZIG)


def test_ram_that_states_do_not_leave_is_refused(tflite_writer):
    net = Stream(tflite_writer, 2, 64)
    net.rows(net.ring(0, 40), 0, 1)
    graph = read_model(net.content())
    planned = plan(graph)
    assert planned.state_bytes == 64 * 40
    limit = planned.ram_total_bytes - 1
    with pytest.raises(DoesNotFitError, match="1 B more RAM"):
        check_plan(plan(graph, BuildOptions(budget=Budget(1 << 18, limit))))


def test_a_variable_that_nothing_sets_is_as_the_oracle_has_it(tflite_writer):
    """TensorFlow refuses to read it; TensorFlow Lite Micro reads the zero point of what is assigned."""
    net = Stream(tflite_writer, 2, 3)
    net.rows(net.ring(0, 4), 0, 3)
    net.variables = {}
    content = net.content()
    with pytest.raises(ModelError, match=r"reads the variable stream_0/states, which nothing has set"):
        read_tflite(content)
    graph = read_tflite(content, "tflm")
    assert set(graph.states[0].initial.ravel().tolist()) == {-3}
    got = Oracle(content, "tflm").invoke(steps(graph))
    assert np.array_equal(references(plan(graph), steps(graph)), got)


def test_a_sum_beside_variables_is_refused(tflite_writer):
    net = Stream(tflite_writer, 2, 3)
    both, axis = net.ring(0, 4), net.constant(np.array([1], np.int32))
    net.operator("SUM", [both, axis], (1, 1, 3), 0.2, 0, "ReducerOptions", keepDims=False)
    with pytest.raises(ModelError, match=r"SUM stands beside variables .*GlobalAveragePooling"):
        plan(read_tflite(net.content()))


def damaged(edit):
    """Edits of the wake word's file: (model, main subgraph, initialising subgraph)."""
    return lambda content: edited(content, lambda model, graph: edit(model, graph, model.subgraphs[1]))


def moved_behind(model, graph, _):
    graph.operators.append(graph.operators.pop(0))


def other_name(model, graph, _):
    handle = next(each for each in graph.operators if hasattr(each.builtinOptions, "sharedName"))
    handle.builtinOptions.sharedName = b"another"


def other_subgraph(model, graph, _):
    graph.operators[0].builtinOptions.initSubgraphIndex = 7


def other_shape(model, graph, initial):
    initial.tensors[1].shape = np.roll(initial.tensors[1].shape, 1)


def computed(model, graph, initial):
    initial.tensors[1].buffer = 0


def a_third(model, graph, initial):
    model.subgraphs.append(initial)


def with_ends(model, graph, initial):
    initial.outputs = [1]


def handle_as_output(model, graph, _):
    graph.outputs = [int(each.outputs[0]) for each in graph.operators if _named(each)][:1]


def handle_as_input(model, graph, _):
    graph.inputs = [int(each.outputs[0]) for each in graph.operators if _named(each)][:1]


def no_handle(model, graph, _):
    graph.operators = [each for each in graph.operators if not _named(each)]


def handle_twice(model, graph, _):
    graph.operators.insert(1, next(each for each in graph.operators if _named(each)))


def value_of_a_handle(model, graph, _):
    read = [each for each in graph.operators if each.inputs is not None and len(each.inputs) == 2]
    read[0].inputs = [read[0].inputs[0], next(int(e.outputs[0]) for e in graph.operators if _named(e))]


def other_operator(model, graph, initial):
    initial.operators.append(copy.copy(graph.operators[-1]))
    initial.operators[-1].inputs, initial.operators[-1].outputs = [1], [1]


def _named(operator) -> bool:
    return hasattr(operator.builtinOptions, "sharedName")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (moved_behind, "initialises variables behind their first use"),
        (other_name, "which nothing has set"),
        (other_subgraph, "holds 2 subgraphs"),
        (other_shape, "which elsewhere is int8"),
        (computed, "computes values"),
        (a_third, "holds 3 subgraphs"),
        (with_ends, "initialises variables and has ends"),
        (handle_as_output, "has a variable as an input or output"),
        (handle_as_input, "has a variable as an input or output"),
        (no_handle, "which no VAR_HANDLE before it names"),
        (handle_twice, "which already names a variable"),
        (value_of_a_handle, "takes a variable itself"),
        (other_operator, "has QUANTIZE"),
    ],
)
def test_damaged_variables_are_refused(wake, edit, words):
    with pytest.raises(ModelError, match=words):
        read_tflite(damaged(edit)(wake))


def test_no_byte_of_a_file_with_variables_ends_in_another_error(wake):
    """Bytes at random places: refused, or read."""
    rng = np.random.default_rng(3)
    for _ in range(150):
        content = bytearray(wake)
        for place in rng.integers(8, len(wake), size=3):
            content[place] = rng.integers(256)
        with contextlib.suppress(ModelError):
            generate(read_model(bytes(content)), "wake")


def hostile(writer, seed: int) -> bytes:
    """A drawn stream with an edit in the main subgraph, or in the one that initialises."""
    rng = np.random.default_rng([FIRST_SEED, seed])
    change, place = pick(rng, EDITS), int(rng.integers(2))
    return edited(drawn(writer, seed % DRAWN), lambda model, _: change(rng, model, model.subgraphs[place]))


@pytest.mark.drawn
def test_edited_tables_are_refused_or_harmless(tflite_writer):
    files = []
    for seed in range(EDITED):
        with contextlib.suppress(TypeError, ValueError, IndexError, AttributeError):
            files.append((f"{seed}", hostile(tflite_writer, seed)))
    result = judge(files)
    assert not result.faults, result.faults
    assert result.run > 5
