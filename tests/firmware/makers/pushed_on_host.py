"""NAME_push of generated C on this machine, sanitised: recordings in, the results of each item out."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "{name}_push.h"
int main(void)
{{
    int32_t counts[2];
    {source}_t *in = malloc({size} * sizeof *in);
    {name}_SCORE output[{outputs}];
    while (fread(counts, 4, 2, stdin) == 2) {{
        {name}_reset();
        for (int32_t i = 0; i <= counts[0]; i++) {{
            int32_t given, results = 0;
            if (i < counts[0]) {{
                if (fread(in, sizeof *in, {size}, stdin) != {size}) return 1;
                given = {name}_push(in, output);
            }} else {{
                given = {flush};
            }}
            while (given) {{
                if (given == 1) {{
                    results++;
                    fwrite(output, sizeof output, 1, stdout);
                }}
                given = i < counts[0] ? {name}_more(output) : {flush};
            }}
            fwrite(&results, 4, 1, stderr);
        }}
    }}
    free(in);
    return 0;
}}
"""
STEPS = "(counts[1] ? {name}_flush_step(output) : {name}_flush(output))"


@dataclass
class HostPush:
    """A program; ``run`` gives the results (n, outputs) of recordings, and how many each item gave."""

    executable: Path
    outputs: int

    def run(self, recordings: list[np.ndarray], *, steps: bool) -> tuple[np.ndarray, list[int]]:
        given = b"".join(
            np.array([len(items), steps], np.int32).tobytes() + items.tobytes() for items in recordings
        )
        done = subprocess.run([str(self.executable)], input=given, capture_output=True)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        results = np.frombuffer(done.stdout, np.int8).reshape(-1, self.outputs)
        return results, np.frombuffer(done.stderr, np.int32).tolist()


def build_push(host_command: list[str], folder: Path, chain, name: str = "model") -> HostPush:
    """Compile a chain's files with a main program that pushes."""
    for file, text in chain.files.items():
        (folder / file).write_text(text)
    flush = STEPS.format(name=name) if chain.in_steps else f"{name}_flush(output)"
    main = MAIN.format(
        name=name,
        source=chain.source.dtype,
        size=chain.source.size,
        outputs=chain.target.size,
        flush=flush,
    )
    # Few units: a compiler takes longer to start than for these. A streamed model is not called whole.
    units = [file for file in chain.files if file.endswith(".c")]
    runtime = [file for file in units if file.startswith("zerotap_")]
    own = [f"{name}_{part}.c" for part in ("stages", "stream", "push") if f"{name}_{part}.c" in units]
    (folder / "runtime.c").write_text("".join(f'#include "{file}"\n' for file in runtime))
    (folder / "main.c").write_text("".join(f'#include "{file}"\n' for file in own) + main)
    model = f"{name}_tail.c" if chain.in_steps else f"{name}.c"
    sources = [str(folder / file) for file in ("runtime.c", "main.c", model)]
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-g1", "-I", str(folder)]
    done = subprocess.run(
        [*host_command, *flags, *sources, "-o", str(folder / "program")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return HostPush(folder / "program", chain.target.size)
