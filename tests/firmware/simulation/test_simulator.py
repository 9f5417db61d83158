"""The simulated core: cycles by the Cortex-M0+ TRM (table 3-1), stack, faults; both block hooks alike."""

import pytest

from zerotap.firmware.simulation.cortex_m0plus import IllegalInstructionError, decode_block
from zerotap.firmware.simulation.hooks import block_hook
from zerotap.firmware.simulation.hooks.hook_library import HookError
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.simulator import SimulationError, Simulator
from zerotap.firmware.simulation.toolchain import find_compiler

RAM = 0x2000_0100
BX = 2  # every snippet returns by `bx lr` unless it pops PC

# name -> (instructions, cycles by the TRM, stack bytes)
SNIPPETS = {
    "alu": ("adds r0, r0, r1\n mov r2, r0\n sxtb r1, r1\n uxth r2, r2\n rev r2, r2\n nop", 6, 0),
    "multiply": ("muls r0, r1, r0\n muls r1, r0, r1", 2, 0),
    "load_store": ("ldr r1, [r0]\n strb r1, [r0]\n ldrh r1, [r0]\n movs r2, #0\n ldrsb r1, [r0, r2]", 9, 0),
    "load_many": ("ldm r0!, {r1, r2, r3}", 4, 0),
    "load_many_base_in_list": ("ldm r0, {r0, r1, r2}", 4, 0),
    "store_many": ("stm r0!, {r1, r2}", 3, 0),
    "not_taken": ("cmp r0, r0\n bne 1f\n nop\n1: nop", 1 + 1 + 1 + 1, 0),
    "taken": ("cmp r0, r0\n beq 1f\n nop\n1: nop", 1 + 2 + 1, 0),
    "jump": ("b 1f\n nop\n1: nop", 2 + 1, 0),
    "loop_of_ten": ("movs r1, #10\n1: subs r1, #1\n bne 1b", 1 + 10 * 1 + 9 * 2 + 1, 0),
    "call": ("mov r3, lr\n bl 1f\n mov lr, r3\n b 2f\n1: bx lr\n2: nop", 1 + 3 + 2 + 1 + 2 + 1, 0),
    "call_by_register": ("mov r3, lr\n adr r1, 1f\n adds r1, #1\n blx r1\n mov lr, r3\n b 2f\n"
                         ".align 2\n1: bx lr\n2: nop",
                         1 + 1 + 1 + 2 + 2 + 1 + 2 + 1, 0),
    "push_pop": ("push {r4, r5, lr}\n pop {r1, r2, r3}", 4 + 4, 12),
    "move_to_pc": ("adr r1, 1f\n mov pc, r1\n .align 2\n1: nop", 1 + 2 + 1, 0),
    "barrier": ("dsb\n isb\n dmb", 9, 0),
    "status": ("mrs r1, primask\n msr primask, r1", 6, 0),
    "frame": ("sub sp, #40\n push {r4}\n pop {r4}\n add sp, #40", 1 + 2 + 2 + 1, 44),
    "frame_by_register": ("ldr r1, =-1024\n add sp, r1\n b 1f\n1: push {r4}\n"
                          "pop {r4}\n rsbs r1, r1, #0\n add sp, r1\n b 2f\n .ltorg\n2: nop",
                          2 + 1 + 2 + 2 + 2 + 1 + 1 + 2 + 1, 1028),
}  # fmt: skip
POPS = {"pop_pc": ("push {r4, r5, lr}\n pop {r4, r5, pc}", 4 + 6, 12)}
ILLEGAL = {
    "sdiv": "sdiv r0, r0, r1",
    "udiv": "udiv r0, r0, r1",
    "movw": "movw r0, #4660",
    "cbz": "cbz r0, 1f\n nop\n1: nop",
    "it": "it eq\n moveq r0, r1",
    "wide_add": "add.w r0, r0, r1",
    "long_multiply": "umull r0, r1, r2, r3",
}


def _assemble(functions: dict[str, str], cpu: str = "cortex-m0plus") -> Program:
    body = "".join(f"\n.thumb_func\n.align 2\n{name}: {code}\n" for name, code in functions.items())
    head = f'.syntax unified\n.cpu {cpu}\n.thumb\n.section .text.main, "ax", %progbits\n'
    text = f"{head}.global main\n.thumb_func\nmain: bx lr\n{body}"
    return link({"startup.S": harness_file("startup.S"), "snippets.S": text}, find_compiler("zig"))


@pytest.fixture(scope="module")
def snippets() -> Program:
    code = {name: f"{text}\n bx lr\n .ltorg" for name, (text, _, _) in SNIPPETS.items()}
    return _assemble(code | {name: text for name, (text, _, _) in POPS.items()})


@pytest.fixture(scope="module", params=["c", "python"])
def board(snippets: Program, request: pytest.FixtureRequest) -> Simulator:
    return Simulator(snippets, counting=request.param)


@pytest.mark.parametrize("name", [*SNIPPETS, *POPS])
def test_cycles_and_stack_are_those_of_the_manual(board: Simulator, name: str) -> None:
    _, cycles, stack = (SNIPPETS | POPS)[name]
    for _ in range(2):  # the second time from the table
        run = board.call(name, RAM)
        assert run.cycles == cycles + (BX if name in SNIPPETS else 0)
        assert run.stack_bytes == stack


def test_without_counting_the_same_program_runs(snippets: Program) -> None:
    assert Simulator(snippets, counting="none").call("loop_of_ten").cycles == 0


@pytest.mark.parametrize("counting", ["c", "python", "none"])
def test_words_beyond_the_fourth_lie_on_the_stack(counting: str) -> None:
    code = "push {r4, lr}\n ldr r0, [sp, #8]\n ldr r4, [sp, #12]\n subs r0, r0, r4\n pop {r4, pc}"
    board = Simulator(_assemble({"difference": code}), counting=counting)
    run = board.call("difference", 0, 0, 0, 0, 50, 8)
    assert board.returned == 42
    assert counting == "none" or run.stack_bytes == 8 + 8


@pytest.mark.parametrize("register", ["r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "sp"])
def test_a_function_gives_registers_back_as_they_were(register: str) -> None:
    change = "sub sp, #8" if register == "sp" else f"mov {register}, r0"
    with pytest.raises(SimulationError, match=r"spoils\(\) returned with another"):
        Simulator(_assemble({"spoils": f"{change}\n bx lr"})).call("spoils", 1)


@pytest.fixture(scope="module")
def faulty() -> Program:
    functions = {
        "load_word": "ldr r0, [r0]\n bx lr",
        "load_half": "ldrh r0, [r0]\n bx lr",
        "store_many": "stm r0!, {r1, r2}\n bx lr",
        "store": "str r0, [r0]\n bx lr",
        "breakpoint": "bkpt #0",
        "forever": "b forever",
        "wander": "bx r0",
    }
    return _assemble(functions)


@pytest.mark.parametrize("counting", ["c", "python", "none"])
@pytest.mark.parametrize(
    ("function", "address", "what"),
    [
        ("load_word", RAM + 2, "unaligned"),
        ("load_half", RAM + 1, "unaligned"),
        ("store_many", RAM + 1, "unaligned"),
        ("load_word", 0x4000_0000, "no such memory"),
        ("load_word", 0x2000_8000, "no such memory"),
        ("load_word", 0, "no such memory"),
        ("store", 0x2000, "no such memory"),  # flash is read-only
        ("breakpoint", 0, "BKPT"),
        ("wander", RAM | 1, "no such memory"),  # no code in RAM
    ],
)
def test_what_stops_a_board_stops_the_simulation(
    faulty: Program, function: str, address: int, what: str, counting: str
) -> None:
    with pytest.raises(SimulationError, match=what) as caught:
        Simulator(faulty, counting=counting).call(function, address)
    assert function in str(caught.value)


@pytest.mark.parametrize("counting", ["c", "python"])
def test_an_endless_loop_is_ended(faulty: Program, counting: str) -> None:
    with pytest.raises(SimulationError, match="does not return"):
        Simulator(faulty, counting=counting, cycle_limit=10_000).call("forever")


def test_a_board_goes_on_after_a_fault(faulty: Program) -> None:
    simulator = Simulator(faulty)
    with pytest.raises(SimulationError):
        simulator.call("load_word", RAM + 2)
    assert simulator.call("load_word", RAM).cycles == 2 + 2


@pytest.mark.parametrize("name", ILLEGAL)
@pytest.mark.parametrize("counting", ["c", "python"])
def test_instructions_of_larger_cores_are_rejected(name: str, counting: str) -> None:
    program = _assemble({"snippet": f"{ILLEGAL[name]}\n bx lr"}, cpu="cortex-m7")
    with pytest.raises(SimulationError, match="not an ARMv6-M instruction"):
        Simulator(program, counting=counting).call("snippet", RAM)


def test_bytes_that_are_no_instruction_are_rejected() -> None:
    with pytest.raises(IllegalInstructionError):
        decode_block(b"\xff\xff\xff\xff", 0x2000)


def test_a_fault_is_told_at_its_place_whatever_was_decoded_before() -> None:
    nop, cbz = b"\x00\xbf", b"\x00\xb1"
    assert decode_block(nop * 3, 0x2000).cycles == 3
    for code, place in ((nop + cbz, "0x2002"), (nop * 2 + cbz, "0x3004")):
        with pytest.raises(IllegalInstructionError, match=f"cbz.* at {place} "):
            decode_block(code, int(place, 16) + len(cbz) - len(code))
    with pytest.raises(IllegalInstructionError, match="bytes ffff at 0x2002"):
        decode_block(nop + b"\xff\xff", 0x2000)


def test_instructions_of_two_and_of_four_bytes_follow_each_other() -> None:
    nop, bl, dmb, load = b"\x00\xbf", b"\xff\xf7\xfe\xff", b"\xbf\xf3\x5f\x8f", b"\x01\x68"
    for _ in range(2):
        assert decode_block(nop + bl + load + dmb + bl + nop, 0x2000).cycles == 1 + 3 + 2 + 3 + 3 + 1
        assert decode_block(load, 0x2000).cycles == 2


def _stepped_cycles(program: Program) -> int:
    """main() instruction by instruction: nothing of Unicorn's blocks is trusted."""
    import unicorn

    board = Simulator(program, counting="none")
    trace: list[tuple[int, int]] = []
    board._core.hook_add(unicorn.UC_HOOK_CODE, lambda _, address, size, __: trace.append((address, size)))
    board._core.ctl_flush_tb()
    board.call("main")
    following = [address for address, _ in trace[1:]] + [program.symbols["halt"]]
    costs = [decode_block(board.read(address, size), address) for address, size in trace]
    taken = sum(
        cost.conditional and following[i] != trace[i][0] + trace[i][1] for i, cost in enumerate(costs)
    )
    return sum(cost.cycles for cost in costs) + taken


def test_both_hooks_count_what_single_steps_cost_on_compiled_code() -> None:
    source = (
        "#include <stdint.h>\nint8_t out[64];"
        "static int depth(int n) { volatile int x[5]; x[0] = n; return n > 1 ? depth(n - 1) + x[0] : 1; }"
        "void work(int n) { for (int i = 0; i < 64; i++) out[i] = (int8_t)(i * n / (i + 3) + depth(i % 7)); }"
        "int main(void) { work(3); return 0; }"
    )
    program = link({"startup.S": harness_file("startup.S"), "work.c": source}, find_compiler("zig"))
    runs = {Simulator(program, counting=hook).call("main") for hook in ("c", "python")}
    assert len(runs) == 1
    cycles = runs.pop().cycles
    assert cycles > 64 * 20
    assert cycles == _stepped_cycles(program)


def test_a_hook_that_cannot_be_compiled_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path, snippets: Program
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache").write_text("a file where a folder should be")
    block_hook._compiled_hook.cache_clear()
    with pytest.raises(HookError):
        Simulator(snippets, counting="c")
    block_hook._compiled_hook.cache_clear()
