"""Write ``extauthz/wire/proto`` anew from ``protos``, or with ``--check`` say whether it is up to date.

The messages keep Envoy's file and full names, so that reflection and tools such as grpcurl find them. Only the Python
modules move: they live under ``extauthz.wire.proto``, because a top-level ``envoy`` package belongs to others.

Needs ``grpcio-tools``. Its release decides which protobuf runtime the written code needs, so a new release of it means
running this and looking at the lower bound of ``protobuf`` in ``pyproject.toml``.
"""

import argparse
import difflib
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "protos"
TARGET = ROOT / "extauthz" / "wire" / "proto"
PACKAGE = "extauthz.wire.proto"
PACKAGE_DOCSTRING = '"""Written by tools/protos.py from protos/; do not edit."""\n'

MAX_DIFF_LINES = 40  # enough to see what changed; the whole of it is one run away

# The imports of our own modules, and the module name that a message class gives as its own.
_ENVOY_MODULE = re.compile(r"^(from |_builder\.BuildTopDescriptorsAndMessages\(DESCRIPTOR, ')envoy\.", re.MULTILINE)
_TOP_LEVEL_ENVOY = re.compile(r"^\s*(?:from envoy[. ]|import envoy\b)", re.MULTILINE)


def _include_directories() -> tuple[Path, ...]:
    """Return where protoc finds our files, google/protobuf/*.proto and google/rpc/*.proto, in this order."""
    grpc_tools = importlib.util.find_spec("grpc_tools")
    status = importlib.util.find_spec("google.rpc.status_pb2")
    if grpc_tools is None or grpc_tools.origin is None or status is None or status.origin is None:
        sys.exit(
            "tools/protos.py needs grpcio-tools and googleapis-common-protos: install the development requirements"
        )
    return (SOURCES, Path(grpc_tools.origin).parent / "_proto", Path(status.origin).parents[2])


def _protoc(into: Path) -> None:
    """Run the compiler over every file of ``protos``; its own messages go to stderr, and a failure ends the program."""
    files = sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.proto"))
    includes = [f"--proto_path={directory}" for directory in _include_directories()]
    outputs = [f"--python_out={into}", f"--pyi_out={into}"]
    done = subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *includes, *outputs, *files], check=False)
    if done.returncode != 0:
        sys.exit("tools/protos.py: protoc failed")


def generate() -> dict[str, str]:
    """Return the whole content of the package: relative path -> text."""
    written = {"__init__.py": PACKAGE_DOCSTRING}
    with tempfile.TemporaryDirectory() as directory:
        _protoc(Path(directory))
        for path in sorted(Path(directory).rglob("*.py*")):
            relative = path.relative_to(directory)
            text = _ENVOY_MODULE.sub(rf"\g<1>{PACKAGE}.envoy.", path.read_text(encoding="utf-8"))
            if _TOP_LEVEL_ENVOY.search(text):
                sys.exit(f"tools/protos.py: {relative} imports a top-level envoy package in a form not known here")
            written[relative.as_posix()] = text
            for parent in relative.parents[:-1]:
                written[f"{parent.as_posix()}/__init__.py"] = PACKAGE_DOCSTRING
    return written


def committed() -> dict[str, str]:
    """Return what the package holds now, in the shape of ``generate``."""
    files = (path for path in TARGET.rglob("*") if path.suffix in {".py", ".pyi"})
    return {path.relative_to(TARGET).as_posix(): path.read_text(encoding="utf-8") for path in files}


def differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return what an operator needs to see: one line for each file, and the changed lines below it."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            lines.append(f"{name}: not generated from anything in protos/")
        elif name not in old:
            lines.append(f"{name}: missing")
        elif old[name] != new[name]:
            lines.append(f"{name}: differs")
            changed = difflib.unified_diff(
                old[name].splitlines(), new[name].splitlines(), "committed", "generated", lineterm="", n=0
            )
            lines += [f"  {line}" for line in changed]
    return lines


def write(old: dict[str, str], new: dict[str, str]) -> None:
    """Make the package equal to ``new``: write every file, delete what is no longer generated."""
    for name in old.keys() - new.keys():
        (TARGET / name).unlink()
    for name, text in new.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Run the program; the exit status is 1 when ``--check`` found a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the package is out of date")
    check = parser.parse_args().check
    old, new = committed(), generate()
    changes = differences(old, new)
    if not check:
        write(old, new)
        return 0
    if changes:
        print(f"{TARGET.relative_to(ROOT)} is out of date; run: python tools/protos.py")
        print("\n".join(changes[:MAX_DIFF_LINES]))
        if len(changes) > MAX_DIFF_LINES:
            print(f"… and {len(changes) - MAX_DIFF_LINES} more lines")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
