"""Lists in NOTICE what is installed with zerotap, and its licences: python docs/making/licences.py

It reads the metadata of the packages installed beside it. With --constraints it writes constraints.txt
instead: the installed version of everything that zerotap and its extras bring.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
MARK = "Installed with zerotap, each under its own licence"
# What metadata says too shortly or not at all.
SAID = {
    "namex": "Apache-2.0",
    "unicorn": "GPL-2.0 (the core that simulates the board; zerotap's commands use it, nothing of it is in\n"
    "  what they export; whoever gives both away as one program has its terms to keep)",
    "libusb-package": "Apache-2.0; it holds libusb, LGPL-2.1-or-later",
    "ziglang": "MIT; it holds the LLVM project's compiler, Apache-2.0 WITH LLVM-exception",
}
EXTRAS = frozenset({"test", "dev", "docs", "plots", "report", "search", "tflm"})
# The installer's own, which a virtual environment brings.
NOT_PINNED = {"setuptools"}
CONSTRAINED = "# What CI installs, on Python 3.11 to 3.13: python docs/making/licences.py --constraints"
Item = tuple[str, frozenset[str]]


def closure(extras: frozenset[str] = frozenset()) -> list[str]:
    """What zerotap with these extras brings, sorted; packages that are not installed here are passed over."""
    found: set[Item] = set()
    waiting = wanted(own_requirements(extras))
    while waiting:
        name, its_extras = waiting.pop()
        if (name, its_extras) not in found and installed(name):
            found.add((name, its_extras))
            waiting += wanted(distribution(name).requires or [], its_extras)
    return sorted({name for name, _ in found} - {"zerotap"})


def own_requirements(extras: frozenset[str]) -> list[str]:
    """As pyproject.toml has them now; what is installed may be older."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = (project["optional-dependencies"][extra] for extra in sorted(extras))
    return [*project["dependencies"], *chain.from_iterable(more)]


def installed(name: str) -> bool:
    """Tell whether a package is installed beside this one."""
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


def wanted(requirements: list[str], extras: frozenset[str] = frozenset()) -> list[Item]:
    """Take the requirements that hold on this Python and machine, with these extras."""
    return [
        (canonicalize_name(each.name), frozenset(each.extras))
        for each in map(Requirement, requirements)
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""})
    ]


def licence_of(name: str) -> str:
    """As the package's own metadata has it: an expression, classifiers, or the first line of its text."""
    if name in SAID:
        return SAID[name]
    metadata = distribution(name).metadata
    classified = [
        line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or () if "License ::" in line
    ]
    words = (
        metadata.get("License-Expression") or ", ".join(classified) or metadata.get("License") or "not said"
    )
    return re.sub(r"\s+", " ", words.strip().splitlines()[0])


def notice() -> str:
    """Return NOTICE with the list as it is now."""
    before = (ROOT / "NOTICE").read_text(encoding="utf-8").split(f"\n{MARK}")[0]
    lines = [f"{name}: {licence_of(name)}." for name in closure()]
    return f"{before}\n{MARK} (this list: python docs/making/licences.py):\n\n" + "\n".join(lines) + "\n"


def constraints() -> str:
    """Return constraints.txt as it is installed here."""
    names = [name for name in closure(EXTRAS) if name not in NOT_PINNED]
    pins = "\n".join(f"{name}=={distribution(name).version}" for name in names)
    return f"{CONSTRAINED}\n{pins}\n"


def main(arguments: list[str]) -> None:
    """Write one of the two files."""
    if arguments == ["--constraints"]:
        (ROOT / "constraints.txt").write_text(constraints(), encoding="utf-8")
    else:
        (ROOT / "NOTICE").write_text(notice(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
