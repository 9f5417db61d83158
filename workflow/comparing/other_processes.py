"""Other processes that train beside this one: each takes what nobody has begun, from the end of the list.

They leave what is finished in OUT.unfinished, where this process finds it as if an earlier run had left it.
One that fails is no loss: what it had begun is done here, and its fault told.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.isolation import safe_environment
from zerotap.writing import SCRATCH, reserve_file, scratch_folder

if TYPE_CHECKING:
    from .task import Asked

MODULE: Final = "zerotap.workflow.comparing.other_process"
_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Order:
    """What another process is told: the dataset and where claims and finished models lie."""

    dataset: Path
    asked: Asked
    unfinished: Path
    claims: Path
    parent: int


@dataclass(frozen=True, slots=True)
class Claims:
    """Who has begun what: the first that claims a key has it. Without a ``folder`` there is nobody else."""

    folder: Path | None
    processes: Sequence[subprocess.Popen[bytes]] = field(default=())

    def take(self, key: str) -> bool:
        """Claim a key; False where somebody else has."""
        return self.folder is None or reserve_file(self.folder / key, "", sync=False)

    def wait(self, finished: Path) -> None:
        """Wait until the folder ``finished`` is there, or nobody works on it any more."""
        while not finished.exists() and any(process.poll() is None for process in self.processes):
            time.sleep(_POLL_S)


@contextmanager
def other_processes(dataset: Path, asked: Asked, unfinished: Path, count: int) -> Iterator[Claims]:
    """Start ``count`` processes that work beside this one; they end with the block."""
    if not count:
        yield Claims(None)
        return
    with scratch_folder(SCRATCH, unfinished) as claims:
        order = pickle.dumps(Order(dataset, asked, unfinished, claims, os.getpid()))
        processes = [_started(order) for _ in range(count)]
        try:
            yield Claims(claims, processes)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def _started(order: bytes) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=safe_environment(),
    )
    with suppress(OSError):  # it ended at once: what it was to do is done here
        if process.stdin is not None:
            with process.stdin:
                process.stdin.write(order)
    return process
