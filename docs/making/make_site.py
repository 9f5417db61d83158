"""Build the documentation's site: `make docs`.

The pages of docs/ are copied to build/docs/source, the pages that come from the code are written beside them,
and Sphinx reads that copy alone: nothing else of the repository is scanned, so that it takes seconds. A
warning, such as a broken link, fails the build.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from command_pages import write_command_pages
from door_pages import write_door_pages
from sphinx.cmd.build import main as sphinx_build

ROOT = Path(__file__).resolve().parents[2]


def make_site(built: Path) -> int:
    """Build the site into ``built``/html; return Sphinx's exit code, 0 where there was no warning."""
    shutil.rmtree(built, ignore_errors=True)
    source, html = built / "source", built / "html"
    shutil.copytree(ROOT / "docs", source, ignore=shutil.ignore_patterns("making", "__pycache__"))
    write_command_pages(source / "commands")
    write_door_pages(ROOT, source / "python")
    code = sphinx_build(["-q", "-W", "--keep-going", str(source), str(html)])
    if code == 0:
        print(html / "index.html")
    return code


if __name__ == "__main__":
    sys.exit(make_site(ROOT / "build" / "docs"))
