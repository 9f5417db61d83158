"""The board's flash cache on programs made by hand: every wait is counted here, line by line."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.firmware.board import MKR_ZERO, Board, FlashCache
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.second_pass import SAMPLES_MAX, chosen, clocked
from zerotap.firmware.simulation.simulator import Run, Simulator
from zerotap.firmware.simulation.toolchain import find_compiler

RAM = 0x2000_0100
NOPS = "nop\n"
COUNT = "movs r3, #10\n"
AGAIN = "subs r3, #1\n bne 1b\n"
BACK = "bx lr\n"

# name -> (code from a multiple of 64 bytes on, waits). A line has four instructions of two bytes.
SNIPPETS = {
    "one_line": (BACK, 1),
    "two_lines": (NOPS * 4 + BACK, 2),
    "straight_line": (NOPS * 63 + BACK, 16),
    "loop_in_its_lines": (COUNT + "1: nop\n" + AGAIN + BACK, 1 + 1),
    # 32 instructions from a line's beginning on: all eight lines, once.
    "loop_of_64_bytes": (COUNT + NOPS * 3 + "1: " + NOPS * 30 + AGAIN + BACK, 1 + 8 + 1),
    # One more: the ninth line and the first have one place, and put each other out every time.
    "loop_of_72_bytes": (COUNT + NOPS * 3 + "1: " + NOPS * 34 + AGAIN + BACK, 1 + 9 + 9 * 2 + 1),
    # The same loop of 64 bytes, begun in the middle of a line: nine lines.
    "loop_across": (COUNT + NOPS * 5 + "1: " + NOPS * 30 + AGAIN + BACK, 1 + 9 + 9 * 2),
    "jump_over_a_line": ("b 1f\n" + NOPS * 7 + "1: " + BACK, 1 + 1),
    # A call and its return: the line of the call is held yet.
    "call": ("mov r3, lr\n bl 1f\n bx r3\n" + NOPS * 4 + "1: " + BACK, 1 + 1),
    "call_that_puts_out": ("mov r3, lr\n bl 1f\n bx r3\n" + NOPS * 28 + "1: " + BACK, 1 + 1 + 1),
    # A literal behind the code, on the third line; the fourth is not read.
    "literal": ("ldr r1, 1f\n" + NOPS * 4 + BACK + NOPS * 2 + ".align 3\n1: .word 1, 2, 3, 4\n", 2 + 1),
    # Its line has the place of the code's first: put out, which costs nothing as that is not run again.
    "literal_at_its_place": ("ldr r1, 1f\n" + BACK + NOPS * 30 + "1: .word 1\n", 1 + 1),
    # The same, and the instruction behind the load is of the word that the core has; the next word is not.
    "literal_before_code": ("ldr r1, 1f\n nop\n nop\n" + BACK + NOPS * 28 + "1: .word 1\n", 1 + 1 + 1),
    # LDM of four words from a line's beginning: two lines; five: three.
    "four_words": ("adr r0, 1f\n ldm r0, {r0, r1, r2, r3}\n" + BACK + ".align 4\n1: .word 1, 2, 3, 4", 1 + 2),
    # Bytes of one line, again and again, and a store to RAM.
    "bytes": ("adr r1, 1f\n ldrb r2, [r1]\n ldrb r2, [r1, #7]\n ldrb r2, [r1, #1]\n strb r2, [r0]\n"
              "ldrb r2, [r0]\n" + BACK + ".align 3\n1: .word 1, 2", 2 + 1),
    # A wide instruction across two lines.
    "across": (NOPS * 3 + "dsb\n" + BACK, 2),
}  # fmt: skip


def assembled(functions: dict[str, str], board: Board = MKR_ZERO) -> Program:
    body = "".join(f"\n.thumb_func\n.balign 64\n{name}: {code}\n" for name, code in functions.items())
    head = '.syntax unified\n.cpu cortex-m0plus\n.thumb\n.section .text.main, "ax", %progbits\n'
    text = f"{head}.global main\n.thumb_func\nmain: bx lr\n{body}"
    sources = {"startup.S": harness_file("startup.S"), "snippets.S": text}
    return link(sources, find_compiler("zig"), board=board)


@pytest.fixture(scope="module")
def program() -> Program:
    return assembled({name: code for name, (code, _) in SNIPPETS.items()})


@pytest.fixture(scope="module", params=["c", "python"])
def board(program: Program, request: pytest.FixtureRequest) -> Simulator:
    return Simulator(program, request.param, with_waits=True)


@pytest.mark.parametrize("name", SNIPPETS)
def test_waits_are_those_counted_by_hand(board: Simulator, name: str) -> None:
    for _ in range(2):  # each call begins with an empty cache
        run = board.call(name, RAM)
        assert run.waits == run.waits_most == SNIPPETS[name][1]
        assert run.board_cycles == run.cycles + run.waits


@pytest.mark.parametrize("counting", ["c", "python"])
def test_another_cache_and_more_wait_states(counting: str) -> None:
    """Four lines of 16 bytes hold 64 bytes too, in half as many misses, each of three cycles here."""
    other = replace(MKR_ZERO, flash_cache=FlashCache(lines=4, line_bytes=16, wait_states=3))
    board = Simulator(assembled({"straight": NOPS * 63 + BACK}, other), counting, with_waits=True)
    assert board.call("straight").waits == 8 * 3


@pytest.mark.parametrize("counting", ["c", "python"])
def test_a_flash_without_wait_states_is_not_waited_for(counting: str) -> None:
    slow = replace(MKR_ZERO, flash_cache=replace(MKR_ZERO.flash_cache, wait_states=0))
    run = Simulator(assembled({"straight": NOPS * 63 + BACK}, slow), counting, with_waits=True).call(
        "straight"
    )
    assert (run.cycles, run.waits, run.board_cycles) == (65, 0, 65)


def test_without_being_asked_nothing_is_counted(program: Program) -> None:
    board = Simulator(program)
    assert board.call("straight_line").waits == 0
    assert board.flash_reads() == {}


# r0 is the input: which of 32 words of a table.
TABLE = (
    "ldr r2, 2f\n lsls r1, r0, #2\n adr r3, 1f\n ldr r0, [r3, r1]\n"
    + BACK
    + ".balign 64\n1: .space 160\n2: .word 7"
)


def _looked_up(numbers: list[int], others: list[int], counting: str = "c") -> list[Run]:
    program = assembled({"look_up": TABLE})
    calls = [np.array([each], np.uint32) for each in (*numbers, *others)]
    return clocked(
        program,
        calls[: len(numbers)],
        calls[len(numbers) :],
        lambda board, sample: board.call("look_up", int(sample[0])),
    )


def test_a_read_that_depends_on_the_input_is_told_by_comparing() -> None:
    """Two lines of code, one of the literal, and one of the table, wherever it lies."""
    runs = _looked_up(list(range(32)), [])
    assert len(runs) == SAMPLES_MAX
    assert {run.cycles for run in runs} == {2 + 1 + 1 + 2 + 2}
    assert {run.waits for run in runs} == {4}
    # The bound: the steady three, its own line, and the line that it may put out.
    assert {run.waits_most for run in runs} == {3 + 2}


def test_one_sample_is_compared_with_others() -> None:
    assert [run.waits_most for run in _looked_up([3], [])] == [4]
    assert [run.waits_most for run in _looked_up([3], [17])] == [3 + 2]


def test_the_bound_holds_for_a_line_that_is_put_out() -> None:
    """A loop in one line reads a table whose lines have all places: at worst each read costs two lines."""
    code = (
        "adr r2, 2f\n movs r3, #16\n" + NOPS * 2
        + "1: ldr r1, [r2, r0]\n subs r3, #1\n bne 1b\n bx lr\n .balign 64\n2: .space 64"
    )  # fmt: skip
    program = assembled({"again": code})
    calls = [np.array([each], np.uint32) for each in range(0, 64, 4)]
    runs = clocked(program, calls, [], lambda board, sample: board.call("again", int(sample[0])))
    assert {run.waits_most for run in runs} == {2 + 2 * 16}
    assert max(run.waits for run in runs) == 2 + 2 * 16  # the loop's line and the table's, in turns
    assert min(run.waits for run in runs) == 3


def test_samples_are_drawn_from_the_fastest_to_the_slowest() -> None:
    cycles = [7, 5, 9, *range(100, 160), 1, 1000]
    rows = chosen(cycles)
    assert len(rows) == len(set(rows)) == SAMPLES_MAX
    assert [cycles[row] for row in rows] == sorted(cycles[row] for row in rows)
    assert {cycles[rows[0]], cycles[rows[-1]]} == {1, 1000}
    assert chosen([3, 1, 2]) == [1, 2, 0]
