"""What every test may rely on: tools that are looked for by name, and the shared real data."""

import os
import shutil
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a `system("tool")` test by the tool's name; `make test-system` with CI=true fails instead."""
    for marker in item.iter_markers("system"):
        missing = [tool for tool in marker.args if shutil.which(tool) is None]
        if missing:
            reason = f"{', '.join(missing)} not found: run `make test-system` as root on Debian"
            if os.environ.get("CI") == "true" and item.config.option.markexpr.startswith("system"):
                pytest.fail(reason)
            pytest.skip(reason)


@pytest.fixture
def shared_data() -> Path:
    """Real data made by others; it is never part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data in ../shared/data is missing")
    return SHARED_DATA.resolve()
