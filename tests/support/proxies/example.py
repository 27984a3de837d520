"""One of the directories of examples/, copied to where a test can run it: with its own PKI and on free ports.

The files are the ones that are shipped. Only ports are replaced, and each must stand there exactly once.
"""

import random
import shutil
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from support.edge_pki import EdgePki

EXAMPLES: Final = Path(__file__).parents[3] / "examples"
EDGE: Final = "8443"
"""The port on which the proxies of the examples meet their clients."""
_PORTS: Final = (10_000, 32_000)
_OF_PKI: Final = {
    "root-ca.pem": "root.pem",
    "issuing-ca.pem": "issuing.pem",
    "server.pem": "server.pem",
    "server.key": "server.key",
}
"""What `extauthz dev-pki` calls the files of an ``EdgePki``."""


def copy(name: str, directory: Path, pki: EdgePki) -> Path:
    """Copy an example into ``directory``, with ``pki`` where its first step makes one; return where it is."""
    here = directory / name
    shutil.copytree(EXAMPLES / name, here, ignore=shutil.ignore_patterns("pki", "*_temp", "*.pid"))
    folder = here / "pki"
    folder.mkdir()
    for theirs, ours in _OF_PKI.items():
        (folder / theirs).symlink_to(pki.directory / ours)
    return here


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Replace each of these texts; fail unless each stands there once."""
    for old in changes:
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in the file"
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def rewrite(path: Path, changes: Mapping[str, str]) -> None:
    """Replace texts in a file."""
    path.write_text(replaced(path.read_text(), changes))


def service_config(name: str) -> dict[str, Any]:
    """Return what stands in the extauthz.yaml of an example."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(EXAMPLES / name / "extauthz.yaml")
    return content


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on, from below the range that the kernel takes for outgoing connections.

    A port of that range could be taken by any connection that begins before the proxy listens.
    """
    with ExitStack() as held:
        return [_hold_one(held) for _ in range(number)]


def _hold_one(held: ExitStack) -> int:
    while True:
        one = held.enter_context(socket.socket())
        with suppress(OSError):
            one.bind(("127.0.0.1", random.randrange(*_PORTS)))
            return int(one.getsockname()[1])
