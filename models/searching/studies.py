"""The study that a search goes on with: opened or begun in its storage, refused where it is another's."""

from __future__ import annotations

import json
import logging
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import MissingExtraError, ModelError, ZerotapError

from .limits import Objective, SearchLimits
from .sqlite_files import check_study_file

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import NSGAIISampler
    from optuna.storages import RDBStorage

IDENTITY: Final = "zerotap"
"""The study's attribute that says what it is of."""
POPULATION: Final = 12
_BEAT_S: Final = 5
_GRACE_S: Final = 120
"""Without a heartbeat: a machine may be busy."""
_VERSION: Final = 1
_TRIES: Final = 4
_WAIT_S: Final = 0.5
_SQLITE: Final = "sqlite:///"
_NAMED: Final = {
    "limits": "budget",
    "families": "list of families",
    "options": "board, or choice of kernels",
}
"""What a user calls what an identity has."""
_SECRET: Final = re.compile(r":(?!//).*@", re.DOTALL)
"""A URL's password, which may hold all but "@", and of one that is none whatever could be one."""
_SECRET_WORD: Final = re.compile(r"([?&][^=&]*pass[^=&]*=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """What a study is of: another dataset, budget or objective is another study."""

    dataset: str
    limits: SearchLimits
    objective: Objective
    families: tuple[str, ...]
    seed: int
    options: str

    def to_json(self) -> dict[str, Any]:
        """Give the fields."""
        return {
            "version": _VERSION,
            "dataset": self.dataset,
            "limits": self.limits.to_json(),
            "objective": self.objective,
            "families": list(self.families),
            "seed": self.seed,
            "options": self.options,
        }


def open_study(url: str, name: str, identity: StudyIdentity) -> Study:
    """Open the study of that name in the storage ``url``, or begin it.

    Raises ModelError where it is of something else, or the storage cannot be reached, MissingExtraError
    without Optuna or the database's driver.
    """
    told = identity.to_json()
    study = _study(url, name, told)
    known = study.user_attrs[IDENTITY]
    if known != told:
        differs = [
            _NAMED.get(key, key) for key in told if json.dumps(known.get(key)) != json.dumps(told[key])
        ]
        raise ModelError(
            f"the study {name!r} in {shown_url(url)} is of another {' and another '.join(differs)}: go on "
            "with it as it was begun, or give another --out, --storage or --study"
        )
    return study


def _study(url: str, name: str, told: dict[str, Any]) -> Study:
    optuna, storage = load_optuna(), _storage(url)
    try:
        study: Study = optuna.create_study(
            storage=storage, study_name=name, directions=("maximize", "minimize"), load_if_exists=True
        )
        if IDENTITY not in study.user_attrs:
            study.set_user_attr(IDENTITY, told)
    except optuna.exceptions.StorageInternalError as error:
        raise _unusable(url, error) from error
    return study


def study_began(study: Study) -> str | None:
    """When its first trial began, which no other study did; None where it has none."""
    first = study.get_trials(deepcopy=False)[:1]
    return first[0].datetime_start.isoformat() if first and first[0].datetime_start else None


def load_optuna() -> Any:  # noqa: ANN401
    """Optuna, told to be quiet; raises MissingExtraError where it is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError(
            "a search needs optuna, which is not installed: pip install 'zerotap[search]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    return optuna


def _storage(url: str) -> RDBStorage:
    """Open it; what two that make its tables at once fail by is tried again."""
    for rest in reversed(range(_TRIES)):
        try:
            return _opened(url)
        except ModelError:
            if not rest:
                raise
            time.sleep(_WAIT_S)
    raise AssertionError


def _opened(url: str) -> RDBStorage:
    optuna = load_optuna()
    _check_file(url)
    try:
        storage: RDBStorage = optuna.storages.RDBStorage(
            url, heartbeat_interval=_BEAT_S, grace_period=_GRACE_S, engine_kwargs=_engine(url)
        )
    except ImportError as error:
        raise MissingExtraError(
            f"{shown_url(url)} needs the database's driver, which is not installed: for postgresql:// "
            "pip install 'psycopg[binary]'"
        ) from error
    except ZerotapError:
        raise
    except Exception as error:  # SQLAlchemy's, alembic's and every driver's
        raise _unusable(url, error) from error
    return storage


def _check_file(url: str) -> None:
    """Raise ModelError where an SQLite URL is that of somebody else's database."""
    place = url.removeprefix(_SQLITE).partition("?")[0]
    if url.startswith(_SQLITE) and place:
        check_study_file(Path(place))


def _unusable(url: str, error: Exception) -> ModelError:
    return ModelError(
        f"the storage {shown_url(url)} cannot be used ({_reason(error)}): "
        "give a URL as sqlite:///FILE or postgresql://USER@HOST/DATABASE that may be written"
    )


@contextmanager
def storage_answers() -> Iterator[None]:
    """Make a ModelError of what a study raises whose storage is gone, or full, or takes nothing any more."""
    fault: type[Exception] = load_optuna().exceptions.StorageInternalError
    try:
        yield
    except Exception as error:
        # Optuna 4 stumbles over a name of its own where the storage is gone as a trial ends.
        cause = _first_of(fault, error)
        if cause is None:
            raise
        raise ModelError(
            f"the study's storage does not answer any more ({_reason(cause)}): go on when it is back, what "
            "was over is kept"
        ) from error


def _first_of(kind: type[Exception], error: BaseException | None) -> BaseException | None:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _reason(error: BaseException) -> str:
    """What the database's driver said, on one line; a URL that it could not read may be in it."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"\S*@", "***@", said)


def _engine(url: str) -> dict[str, Any]:
    """Of SQLite a writer waits for another one."""
    return {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}


def shown_url(url: str) -> str:
    """A storage's URL, or what was given for one, without its password."""
    return url if url.startswith(_SQLITE) else _SECRET_WORD.sub(r"\1***", _SECRET.sub(":***@", url))


def sampler_for(seed: int, trials: int) -> NSGAIISampler:
    """What draws the trial that comes after so many: by the seed and their number alone.

    So a search that goes on draws what it would have drawn, and two processes do not draw the same.
    """
    optuna = load_optuna()
    mixed = int(np.random.SeedSequence([seed, trials]).generate_state(1)[0])
    sampler: NSGAIISampler = optuna.samplers.NSGAIISampler(population_size=POPULATION, seed=mixed)
    return sampler
