"""One boot of the guest for every test of this folder."""

from collections.abc import Iterator

import pytest

from .kernel import prepare
from .machine import Guest, booted


@pytest.fixture(scope="session")
def guest(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """A booted guest with a USB keyboard; the kernel is kept in pytest's cache from run to run."""
    kernel = prepare(pytestconfig.cache.mkdir("usb_vm"))
    with booted(kernel, tmp_path_factory.mktemp("guest")) as guest:
        yield guest
