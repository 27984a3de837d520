"""The image, built once, and a service of it that the tests of a module share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.containers import Containers, ContainerService, version_arguments
from support.edge_pki import EdgePki
from support.service_site import Site

USER = 65532
WITHOUT_SHELLS = tuple(f"--volume=/dev/null:/usr/bin/{shell}:ro" for shell in ("sh", "dash", "bash"))


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    with Containers() as containers:
        containers.build(version_arguments())
        yield containers


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


def site_in(folder: Path, pki: EdgePki) -> Site:
    """Return a site whose folder the container's user owns, with everything that the service reads in it."""
    site = Site(folder, pki, "native")
    anchors = {name: folder / f"{name}.pem" for name in ("root", "issuing")}
    for name, path in anchors.items():
        path.write_bytes((pki.directory / f"{name}.pem").read_bytes())
    site.write(
        listen={"grpc": {"address": f"unix:{folder}/g.sock"}, "admin": {"address": f"unix:{folder}/a.sock"}},
        trust={"anchors": [str(anchors["root"])], "intermediates": [str(anchors["issuing"])]},
        shutdown={"drain_delay": "1s", "grace": "5s"},
    )
    os.chown(folder, USER, USER)
    return site


@pytest.fixture
def site(tmp_path: Path, pki: EdgePki) -> Site:
    return site_in(tmp_path, pki)


@pytest.fixture(scope="module")
def service(
    containers: Containers, pki: EdgePki, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ContainerService]:
    """Return a service that runs, in a container whose shells cannot be executed."""
    site = site_in(tmp_path_factory.mktemp("site"), pki)
    with ContainerService(containers, site.path, *WITHOUT_SHELLS) as service:
        yield service
