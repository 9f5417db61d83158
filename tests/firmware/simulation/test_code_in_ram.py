"""Programs whose hot loops run from RAM, by both linkers: bits, sizes, stack and waits beside flash."""

from dataclasses import replace

import numpy as np
import pytest
from all_makers import make
from references import references

from zerotap.firmware import find_compiler, plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning.clock.board_time import VENEER_BYTES, movable
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import MODEL_NAME, Program, build_model
from zerotap.firmware.simulation.running import clock_samples, run_samples
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.stack_bound import stack_bound
from zerotap.firmware.simulation.veneers import veneer_at

COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
OPERATORS = ["FULLY_CONNECTED", "CONV_2D", "MEAN", "UNIDIRECTIONAL_SEQUENCE_LSTM"]


def linked(planned: Plan, compiler: str) -> Program:
    source, target = (planned.graph.tensors[end] for end in (planned.graph.input, planned.graph.output))
    files = generate_plan(planned, MODEL_NAME)
    return build_model(files, source.dtype, source.size, target.size, find_compiler(compiler), target.dtype)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("operator", OPERATORS)
def test_the_same_bits_and_fewer_waits_from_ram(tflite_writer, operator: str, compiler: str) -> None:
    _, graph, samples = make(tflite_writer, operator, 1)
    flash, ram = (plan(graph, BuildOptions(code=code)) for code in ("flash", "ram"))
    assert not flash.code_in_ram and ram.code_in_ram
    programs = [linked(planned, compiler) for planned in (flash, ram)]
    target = graph.tensors[graph.output]
    outputs, runs, waits = [], [], []
    for program in programs:
        given, made = run_samples(program, samples[:4], target.size, output_dtype=target.dtype)
        outputs.append(given)
        runs.append(max(run.cycles for run in made))
        waits.append(max(run.waits for run in clock_samples(program, samples[:4], made, samples[:2])))
    assert np.array_equal(outputs[0], outputs[1])
    assert np.array_equal(outputs[1], references(ram, samples[:4]))
    assert waits[1] < 0.9 * waits[0], "an LSTM's tables stay in flash"
    assert runs[0] < runs[1], "veneers take cycles"
    in_flash, in_ram = programs
    assert in_ram.has_code_in_ram and not in_flash.has_code_in_ram
    assert in_ram.ram_bytes - in_flash.ram_bytes == pytest.approx(ram.code_in_ram_bytes, abs=16)
    more = in_ram.flash_bytes - in_flash.flash_bytes
    assert 0 < more <= VENEER_BYTES * len(ram.code_in_ram) + 8
    assert ram.flash_bytes - flash.flash_bytes == VENEER_BYTES * len(ram.code_in_ram)
    bound = stack_bound(in_ram, f"{MODEL_NAME}_invoke")
    assert stack_bound(in_flash, f"{MODEL_NAME}_invoke") <= bound <= ram.stack_bytes


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_stack_s_bound_follows_veneers(tflite_writer, compiler: str) -> None:
    _, graph, _ = make(tflite_writer, "FULLY_CONNECTED", 1)
    program = linked(plan(graph, BuildOptions(code="ram")), compiler)
    places = [place for name, place in program.symbols.items() if "eneer" in name or "Thunk" in name]
    assert places
    for place in places:
        veneer = veneer_at(program, place)
        assert veneer is not None and veneer.stack_bytes in (4, 8)
        assert program.function_at(veneer.target).startswith(("zerotap_", "model_layer_"))
        assert stack_bound(program, program.function_at(veneer.target)) > 0


@pytest.mark.parametrize("counting", ["c", "python"])
def test_both_hooks_count_code_in_ram(tflite_writer, counting: str) -> None:
    _, graph, samples = make(tflite_writer, "FULLY_CONNECTED", 1)
    program = linked(plan(graph, BuildOptions(code="ram")), "zig")
    boards = [Simulator(program, each, with_waits=True) for each in ("c", counting)]
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]
    for board in boards:
        board.write(source, samples[0].tobytes())
    assert len({board.call(f"{MODEL_NAME}_invoke", source, target) for board in boards}) == 1


def test_the_plan_moves_code_where_the_user_says_how_much_ram_there_is(tflite_writer) -> None:
    _, graph, _ = make(tflite_writer, "CONV_2D", 1)
    board = BuildOptions().board
    assert not plan(graph).code_in_ram, "all of the board's RAM may be the sketch's"
    stated = BuildOptions(budget=Budget(board.flash_bytes, 8192))
    chosen = plan(graph, stated)
    assert chosen.code_in_ram and chosen.ram_total_bytes <= 8192
    assert chosen.board_cycles < plan(graph, replace(stated, code="flash")).board_cycles
    assert not plan(graph, replace(stated, code="flash")).code_in_ram


def test_what_does_not_fit_stays_in_flash(tflite_writer) -> None:
    _, graph, _ = make(tflite_writer, "CONV_2D", 1)
    whole = plan(graph, BuildOptions(code="ram"))
    limit = whole.ram_total_bytes - 4
    some = plan(graph, BuildOptions(code="ram", budget=Budget(253_952, limit)))
    assert set(some.code_in_ram) < set(whole.code_in_ram)
    assert some.ram_total_bytes <= limit
    assert sum(some.code_in_ram.values()) == some.code_in_ram_bytes < whole.code_in_ram_bytes


def test_all_that_can_move_does(tflite_writer) -> None:
    _, graph, _ = make(tflite_writer, "CONV_2D", 1)
    whole = plan(graph, BuildOptions(code="ram"))
    can = {name: size for layer in whole.running for name, size in movable(layer).items()}
    assert whole.code_in_ram == can
