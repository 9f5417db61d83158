"""A PostgreSQL server of a test's own: in a folder, behind a socket, gone with the test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVANT = "nobody"
"""Who runs it where the tests are root's, whom PostgreSQL refuses."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the URL of a database; nobody else reaches it."""
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path is short
    try:
        if os.geteuid() == 0:
            os.chown(root, pwd.getpwnam(SERVANT).pw_uid, -1)
        _run("initdb", "--pgdata", str(root / "data"), "--username", "me", "--encoding", "UTF8",
         "--auth", "trust", "--no-sync")  # fmt: skip
        listens = f"-c listen_addresses='' -c unix_socket_directories={root} -c fsync=off"
        _run("pg_ctl", "--pgdata", str(root / "data"), "-w", "-l", str(root / "log"), "-o", listens, "start")
        try:
            yield f"postgresql://me@/postgres?host={root}"
        finally:
            _run("pg_ctl", "--pgdata", str(root / "data"), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _run(tool: str, *arguments: str) -> None:
    user = SERVANT if os.geteuid() == 0 else None
    found = shutil.which(tool)
    assert found is not None
    done = subprocess.run(
        [found, *arguments], user=user, stdin=subprocess.DEVNULL, capture_output=tool != "pg_ctl",
        cwd="/", check=False, text=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, f"{tool}: {done.stderr}"
