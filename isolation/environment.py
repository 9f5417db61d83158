"""Environment variables that name folders: a relative one would make files in the working folder run."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

LISTS: Final = (
    *("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("COMPILER_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"),
)
"""Each names folders to look in; an empty entry is the working folder."""
FOLDERS: Final = (
    *("HOME", "TMPDIR", "TMP", "TEMP", "APPDATA", "LOCALAPPDATA", "PYTHONHOME", "PYTHONPYCACHEPREFIX"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"),
    *("KERAS_HOME", "MPLCONFIGDIR", "GCC_EXEC_PREFIX"),
    *("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR", "ZIG_LIB_DIR"),
)
"""Each names one folder."""


def drop_relative(environment: MutableMapping[str, str]) -> None:
    """Take every relative folder out of ``environment``, as the XDG specification says of its own.

    A PATH with nothing left names a place where nothing is: an empty one is the working folder.
    """
    for name in LISTS:
        if name in environment:
            folders = os.pathsep.join(filter(os.path.isabs, environment[name].split(os.pathsep)))
            _set(environment, name, folders or (os.devnull if name == "PATH" else ""))
    for name in FOLDERS:
        if name in environment and not Path(environment[name]).is_absolute():
            _set(environment, name, "")


def _set(environment: MutableMapping[str, str], name: str, value: str) -> None:
    if value:
        environment[name] = value
    else:
        del environment[name]


def safe_environment(**more: str) -> dict[str, str]:
    """This process's environment without the paths by which a file in the working folder is run."""
    environment = {**os.environ, "PYTHONSAFEPATH": "1", **more}
    drop_relative(environment)
    return environment


def folder_from(variable: str, standard: Path) -> Path:
    """The folder that an environment variable names; ``standard`` where it names none, or a relative one."""
    named = os.environ.get(variable, "")
    return Path(named) if Path(named).is_absolute() else standard


def home_folder() -> Path:
    """The user's home; a HOME that is relative is not believed."""
    home = Path.home()
    if home.is_absolute() or os.name != "posix":
        return home.absolute()
    import pwd

    return Path(pwd.getpwuid(os.getuid()).pw_dir)
