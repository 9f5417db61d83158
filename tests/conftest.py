"""What every test may rely on: tools that are looked for by name, and the shared real data."""

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from forked_commands import ForkedCommands
from hypothesis import settings

from zerotap.errors import ModelError
from zerotap.features.integer_models import INTEGER_MODELS

# What is too slow is said by tests of its own: how long one example takes depends on what else runs.
# The same examples in each run teach little after the first; `make test-random` draws a hundred new ones.
settings.register_profile("constant", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile("random" if "ZEROTAP_SEED" in os.environ else "constant")

# There is a test process a core already: TensorFlow's own threads would only wait for each other.
for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(variable, "1")

# What runs the tests in the background (`nohup`, `&`) ignores these, and whatever a test starts would too.
for _number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)

# Begun late, one of these would keep a worker busy when the others have nothing left to do.
LONGEST = (
    "tests/e2e/test_main_job.py",
    "tests/models/families/test_registry.py",
    "tests/workflow/",
    "tests/e2e/test_artefact_conformance.py",
    "tests/firmware/simulation/test_constant_time.py",
)

SHARED_DATA = Path(__file__).parents[1] / ".." / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--genuine DIR`: images of the Arduino core that a user has built, for the tests marked so."""
    parser.addoption("--genuine", metavar="DIR", help="a folder of images (.elf, .bin) of the Arduino core")


def pytest_report_header() -> str | None:
    """How a failure under a drawn seed is repeated."""
    seed = os.environ.get("ZEROTAP_SEED")
    return f"drawn: make test-random SEED={seed}" if seed else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """What is there by now stays: the garbage collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="session")
def zerotap_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCommands]:
    """`zerotap ...` in a process of its own for each command, without a Python's start for each."""
    commands = ForkedCommands(tmp_path_factory.mktemp("commands"))
    yield commands
    commands.close()


def draw_items(source, count: int, seed: int) -> np.ndarray:
    """Items of a Signal (n, *shape): its whole range, its extremes, small values, or few changes."""
    rng = np.random.default_rng(seed)
    limits, shape = np.iinfo(source.dtype), (count, *source.shape)
    kind = seed % 5
    if kind == 0:
        return rng.integers(limits.min, limits.max, shape, source.dtype, endpoint=True)
    if kind == 1:
        return rng.choice(np.array([limits.min, limits.max, 0], source.dtype), shape)
    if kind == 2:
        return np.full(shape, rng.choice([limits.min, limits.max, 0, 1]), source.dtype)
    changed = rng.integers(0, 60, (count, source.size)) * (rng.random((count, source.size)) < 0.5)
    if kind == 3:
        return changed.astype(source.dtype).reshape(shape)
    # As a keyboard's reports: each differs from the one before in one place, or in none.
    items, places = np.zeros((count, source.size), source.dtype), rng.integers(0, source.size, count)
    for row in range(count):
        items[row] = items[row - 1] if row else 0
        items[row, places[row]] = changed[row, places[row]]
    return items.reshape(shape)


@pytest.fixture(scope="session")
def items_of():
    """draw_items(signal, count, seed): what the checks over every transform feed them."""
    return draw_items


def reports_of(strokes) -> np.ndarray:
    """Boot reports (n, 8) of (modifiers, usage, rolls over?): a key that does stays down with the next.

    Usage 1 is a report of a rollover error, which changes no key.
    """
    down: list[int] = []
    rows = []
    for modifiers, usage, rolls_over in strokes:
        if usage == 1:
            rows.append([modifiers, 0, *[1] * 6])
            continue
        down = [*down[-5:], usage]
        rows.append([modifiers, 0, *down, *[0] * (6 - len(down))])
        if not rolls_over:
            rows.append([0] * 8)
            down = []
    return np.array(rows, np.uint8).reshape(-1, 8)


@pytest.fixture(scope="session")
def typing():
    """reports_of(strokes): what a keyboard sends."""
    return reports_of


class TinyTable:
    """The smallest integer model: a score is the sum of the rows of a bag's ids; row 0 weighs nothing."""

    file_name = "tiny.npz"
    meaning = "margins"
    scale = 0.5

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights

    @property
    def classes(self) -> int:
        return self.weights.shape[1]

    def scores(self, x: np.ndarray) -> np.ndarray:
        return self.weights.astype(np.int32)[x].sum(axis=1, dtype=np.int32)

    def to_arrays(self) -> dict[str, np.ndarray]:
        return {"weights": self.weights}

    @classmethod
    def from_arrays(cls, arrays):
        if list(arrays) != ["weights"] or arrays["weights"].ndim != 2:
            raise ModelError("a tiny table has weights (rows, classes) alone")
        return cls(arrays["weights"])


@pytest.fixture
def tiny_model(monkeypatch: pytest.MonkeyPatch) -> type[TinyTable]:
    """A registered kind of integer model, for what holds for every one."""
    monkeypatch.setitem(INTEGER_MODELS, TinyTable.file_name, TinyTable)
    return TinyTable
