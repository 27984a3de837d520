"""One Chromium and one service for all tests here."""

from collections.abc import Iterator

import pytest

from support.browser import Browser
from support.service import RealService
from support.status_site import showcase


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    with showcase(tmp_path_factory.mktemp("showcase")) as one:
        yield one


@pytest.fixture(scope="session")
def url(service: RealService) -> str:
    return f"http://{service.admin_address}/status"
