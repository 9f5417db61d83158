"""M1 to M6 by both clocks, with hot loops in flash and in RAM: prints a Markdown table.

    python benchmarks/engine/board_clock.py

Cycles at zero wait states, on the board with what it waits for its flash (the slowest of 16 samples), and the
bound for any input; flash and RAM that a model adds. Needs arm-none-eabi-gcc, and the extra `dev` for M6.
"""

import models
from zerotap.firmware.artefacts import open_artefact
from zerotap.firmware.options import CODE, BuildOptions
from zerotap.firmware.simulation.second_pass import BoardTime
from zerotap.reporting import no_progress

HEADER = """| | code in | cycles at zero wait states | on the board | at most, any input | flash, B | RAM, B |
| --- | --- | ---: | ---: | ---: | ---: | ---: |"""
SAMPLES = 16


def row(name: str, content: bytes, code: str) -> str:
    """One model with its code in one of the memories."""
    artefact = open_artefact(content, BuildOptions(compiler="gcc", code=code))
    built = artefact.build(no_progress)
    ran = artefact.run(built.program, artefact.inputs(models.inputs(name, SAMPLES)), no_progress)
    time = BoardTime.of(ran.clocked, constant_time=built.constant_time)
    cycles = (max(run.cycles for run in ran.runs), time.cycles_max, time.cycles_bound)
    figures = (*cycles, built.sizes.flash_bytes, built.sizes.ram_bytes)
    return f"| {name} | {code} | {' | '.join(f'{figure:,}' for figure in figures)} |"


def main() -> None:
    """Print the table."""
    print(HEADER)
    for name, make in models.MODELS.items():
        content = make()
        for code in CODE[1:]:
            print(row(name, content, code), flush=True)


if __name__ == "__main__":
    main()
