"""What the attacks share: a service for each file, and a fresh look at it for each test."""

from collections.abc import Iterator

import pytest

from support.edge_pki import EdgePki
from support.service import RealService
from support.victim import Questions, Victim, abuse_site


@pytest.fixture(scope="session")
def questions(pki: EdgePki) -> Questions:
    return Questions(pki)


@pytest.fixture(scope="module")
def service(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    with RealService(abuse_site(tmp_path_factory.mktemp("abuse"), pki).path) as service:
        yield service


@pytest.fixture
def victim(service: RealService, questions: Questions) -> Iterator[Victim]:
    with Victim(service, questions) as victim:
        yield victim
