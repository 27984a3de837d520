"""Each example runs as its README says: the programs accept the files as they are, and answer what it promises."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import extauthz
from extauthz.demo.process import ManagedProcess
from support.https_client import Answer, Credentials, HttpsClient
from support.proxies import KINDS
from support.proxies.example import EXAMPLES, rewrite
from support.proxies.proxy import Proxy
from support.service import RealService

CURL = re.compile(r"^curl --cacert (\S+) --cert (\S+) --key (\S+) https://localhost:8443(\S+)$", re.MULTILINE)
UPSTREAM = "extauthz.demo.upstream"
LISTENERS = {"http": "127.0.0.1:9192", "grpc": "127.0.0.1:9191"}


def environment() -> dict[str, str]:
    """Return the variables with which this very package is found from any directory."""
    return {**os.environ, "PYTHONPATH": str(Path(extauthz.__file__).parents[1])}


def run(directory: Path, *command: str) -> str:
    """Run extauthz in the example's directory; it must succeed."""
    program = (sys.executable, "-P", "-m", "extauthz", *command)
    done = subprocess.run(program, cwd=directory, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Example:
    """An example that runs in a copy of its directory, with the ports of its files replaced by free ones."""

    def __init__(self, kind: type[Proxy], directory: Path, running: ExitStack) -> None:
        self.directory = directory / kind.name
        shutil.copytree(EXAMPLES / kind.name, self.directory, ignore=shutil.ignore_patterns("pki", "*_temp", "*.pid"))
        run(self.directory, "dev-pki", "pki")
        self.validated = run(self.directory, "validate", "extauthz.yaml")
        self.readme = (self.directory / "README.md").read_text()
        upstream = (sys.executable, "-P", "-m", UPSTREAM, "0")
        echo = ManagedProcess("upstream", upstream, directory / "upstream.log", environment=environment())
        port = running.enter_context(echo).wait_for(lambda: announced(echo), timeout=20, what="no port")
        config = self.directory / "extauthz.yaml"
        here = LISTENERS[kind.api]
        rewrite(config, {here: "127.0.0.1:0", "127.0.0.1:9190": "127.0.0.1:0"})
        service = running.enter_context(RealService(config))
        address = service.http_address if kind.api == "http" else service.grpc_address
        self.proxy = running.enter_context(kind(self.directory, extauthz=address, upstream=port))

    def curl(self, number: int) -> Answer:
        """Send the request of one of the README's lines."""
        ca, certificate, key, path = CURL.findall(self.readme)[number]
        credentials = Credentials(self.directory / certificate, self.directory / key)
        with HttpsClient(self.proxy.port, server_ca=self.directory / ca, credentials=credentials) as client:
            return client.request(path)


def announced(process: ManagedProcess) -> int | None:
    found = re.search(r"http://127\.0\.0\.1:([0-9]+)", process.log_path.read_text())
    return int(found[1]) if found else None


@pytest.fixture(scope="module")
def example(kind: type[Proxy], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    with ExitStack() as running:
        yield Example(kind, tmp_path_factory.mktemp(f"example-{kind.name}"), running)


def test_extauthz_accepts_its_file_as_it_is(example: Example) -> None:
    assert "0 warnings" in example.validated


def test_the_readme_names_the_commands(example: Example) -> None:
    program, *arguments = example.proxy.command()
    assert f"`{' '.join((Path(program).name, *arguments))}`" in example.readme
    assert f"`python -m {UPSTREAM} 8080`" in example.readme
    assert "`extauthz dev-pki pki`" in example.readme
    assert "`extauthz serve --config extauthz.yaml`" in example.readme


def test_the_readme_names_the_version_that_is_tested(kind: type[Proxy]) -> None:
    requirements = (EXAMPLES.parent / "requirements" / "proxies.txt").read_text()
    named = re.findall(r"`pip install (\S+==\S+)`", (EXAMPLES / kind.name / "README.md").read_text())
    assert all(f"{one} \\" in requirements for one in named)
    assert kind.packages == tuple(one.partition("==")[0] for one in named)


@pytest.mark.parametrize(
    ("number", "status"), [(0, 200), (1, 403), (2, 403)], ids=["good client", "revoked client", "not of Ops"]
)
def test_the_requests_of_the_readme_get_what_it_says(example: Example, number: int, status: int) -> None:
    answer = example.curl(number)
    assert answer.status == status
    if status == 200:
        names = {name.lower(): value for name, value in answer.upstream_headers}
        assert names["x-client-cert-subject"] == "CN=alice,OU=Engineering,O=Example"


def test_every_proxy_of_the_examples_is_tested() -> None:
    by_hand = {page.parent.name for page in EXAMPLES.glob("*/README.md") if "terminals" in page.read_text()}
    assert {one.name for one in KINDS} | {"envoy"} == by_hand
