"""A configuration of ``examples/`` as a test runs it: the file as it is, on free ports and one of the transports."""

import json
from pathlib import Path

from support.manifests import documents
from support.service_site import with_transport


def written(example: Path, folder: Path, *, transport: str) -> Path:
    """Write the example's configuration into a folder that has its ``pki``, and return where."""
    (sections,) = documents(example)
    assert set(sections["listen"]) == {"grpc"}, "this would overwrite what the example says of its listeners"
    listeners = {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}}
    path = folder / f"{example.parent.name}-{example.stem}.json"
    path.write_text(json.dumps(with_transport({**sections, "listen": listeners}, transport)))
    return path
