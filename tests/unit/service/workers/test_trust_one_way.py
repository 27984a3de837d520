"""A worker reads what clients send, so nothing that comes from one may run code in the supervisor."""

import ast
from pathlib import Path

import pytest

import extauthz

PACKAGE = Path(extauthz.__file__).parent
OF_A_WORKER = {"service/workers/serving_worker.py": "ServingWorker", "service/workers/crl_sharing.py": "CrlReceiver"}
"""Where orders of the supervisor are read, which started the worker -> the class that does it."""
IN_A_WORKER = {"service/workers/worker.py", *OF_A_WORKER}
CODE_FROM_BYTES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
READERS = {"loads", "load", "Unpickler"}


def unpickling(source: str) -> list[int]:
    """Return the lines on which something is made of bytes that could run code."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [node.lineno] if node.value.id in CODE_FROM_BYTES and node.attr in READERS else []
        elif isinstance(node, ast.ImportFrom) and node.module in CODE_FROM_BYTES:
            found += [node.lineno for alias in node.names if alias.name in READERS]
    return found


def test_only_a_worker_unpickles_and_only_orders() -> None:
    sources = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {name for name, source in sources.items() if unpickling(source)} == OF_A_WORKER.keys()
    elsewhere = {name: source for name, source in sources.items() if name not in IN_A_WORKER}
    assert [name for name, source in elsewhere.items() for one in OF_A_WORKER.values() if one in source] == []


@pytest.mark.parametrize(
    "source", ["import pickle\npickle.loads(b'')", "from pickle import loads", "from pickle import Unpickler"]
)
def test_each_way_to_do_it_is_noticed(source: str) -> None:
    assert unpickling(source)


@pytest.mark.parametrize("source", ["import pickle\npickle.dumps(1)", "import json\njson.loads('1')"])
def test_what_runs_no_code_is_not(source: str) -> None:
    assert not unpickling(source)
