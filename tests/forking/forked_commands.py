"""zerotap's command line in processes of its own that are forked: importing it once serves them all.

Each command has a working folder, standard streams, memory and an exit of its own, as at a shell.
"""

import json
import subprocess
import sys
from pathlib import Path

# One line of standard input is one command; its exit status is one line of standard output.
SERVER = """
import importlib, json, os, sys
{preamble}
from zerotap.cli import main
for name in {modules!r}:
    importlib.import_module(name)
answers = os.fdopen(os.dup(1), "w")
for line in os.fdopen(os.dup(0)):
    command = json.loads(line)
    process = os.fork()
    if process == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), file=answers, flush=True)
else:
    sys.exit()
os.chdir(command["folder"])
for number, (name, mode) in enumerate(((os.devnull, "r"), (command["out"], "w"), (command["err"], "w"))):
    with open(name, mode) as stream:
        os.dup2(stream.fileno(), number)
sys.argv = ["zerotap", *command["arguments"]]
main()
"""
# What every command reads first; none of it loads TensorFlow.
MODULES = (
    "zerotap.capture.commands",
    "zerotap.features.commands",
    "zerotap.models.commands",
    "zerotap.firmware.commands",
    "zerotap.demo",
    "zerotap.workflow",
    "zerotap.firmware.library.exporting",
    # And what many of them read next.
    "zerotap.capture.datasets.messages",
    "zerotap.capture.datasets.typed_corpus",
    "zerotap.capture.files.reading",
    "zerotap.capture.sources.virtual",
    "zerotap.models.families.registry",
    "zerotap.models.report.comparison_tables",
    "zerotap.models.training.train_models",
    "zerotap.workflow.comparing.compare_models",
)


class ForkedCommands:
    """Runs `zerotap ...`; ``preamble``: what the process does before it imports zerotap."""

    def __init__(self, folder: Path, preamble: str = "") -> None:
        self._files = {name: str(folder / name) for name in ("out", "err")}
        code = SERVER.format(preamble=preamble, modules=MODULES)
        pipe = subprocess.PIPE
        self._server = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)

    def run(self, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in ``folder``, without input."""
        command = {"folder": str(folder), "arguments": arguments, **self._files}
        self._server.stdin.write(json.dumps(command) + "\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        said = (Path(self._files[name]).read_text(encoding="utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(["zerotap", *arguments], status, *said)

    def close(self) -> None:
        """End the process that forks."""
        self._server.communicate()
        assert self._server.returncode == 0
