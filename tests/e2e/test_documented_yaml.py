"""The YAML in README and docs is loaded by the very programs that it is for.

The first line of each block says which: ``# extauthz`` is a whole configuration beside a PKI of ``extauthz dev-pki``,
``# envoy: route``, ``# envoy: http filter`` and ``# envoy: cluster of extauthz`` are put into a bootstrap.
"""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from extauthz.config.build import load_engine
from extauthz.demo.dev_pki import make_dev_pki, write_dev_pki
from extauthz.demo.envoy import find_envoy
from support.edge_pki import EdgePki
from support.envoy import ACCESS_LOG
from support.envoy_bootstrap import HttpEdge, bootstrap

CLUSTER: Final = "# envoy: cluster of extauthz"
ROOT = Path(__file__).parents[2]
PAGE_NAMES = ("envoy", "identity", "meshes", "revocation", "sources")
PAGES = (ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in PAGE_NAMES))
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(match[1], id=f"{page.name}-{number}")
    for page in PAGES
    for number, match in enumerate(BLOCK.finditer(page.read_text()), 1)
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a development PKI named ``pki``."""
    made = tmp_path_factory.mktemp("documented")
    write_dev_pki(make_dev_pki(datetime.now(UTC)), made / "pki")
    return made


def test_the_pages_have_examples() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("text", BLOCKS)
def test_a_documented_block_is_accepted(text: str, directory: Path, authority: EdgePki) -> None:
    label = text.partition("\n")[0]
    if label == "# extauthz":
        path = directory / "extauthz.yaml"
        path.write_text(text)
        built = load_engine(path)
        assert built.engine.policy_names
        return
    value = YAML(typ="safe").load(text)
    edges: dict[str, Callable[[], HttpEdge]] = {
        "# envoy: route": lambda: HttpEdge(routes=[value]),
        "# envoy: http filter": lambda: HttpEdge(authorize=value),
        CLUSTER: HttpEdge,
    }
    made: Any = bootstrap({"https": edges[label]()}, pki=authority.directory, extauthz=["127.0.0.1:1"], upstream_port=1)
    if label == CLUSTER:
        (cluster,) = (one for one in made["static_resources"]["clusters"] if one["name"] == "extauthz")
        cluster.update(value)
    accept(made, directory)


def accept(made: Mapping[str, object], directory: Path) -> None:
    """Have Envoy check a bootstrap without running it."""
    path = directory / "envoy.json"
    path.write_text(json.dumps(made).replace(ACCESS_LOG, "/dev/null"))
    done = subprocess.run(
        [find_envoy(), "--mode", "validate", "--config-path", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
