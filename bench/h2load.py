"""Load by nghttp2's ``h2load``: another generator, so that the figures do not hang on ours alone."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from load import LoadError

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
from debian_tool import find_tool

PACKAGE: Final = "nghttp2-client"
_CHECK: Final = "/envoy.service.auth.v3.Authorization/Check"
_COUNTS: Final = re.compile(
    r"requests: (?P<total>\d+) total, .* (?P<done>\d+) done, (?P<good>\d+) succeeded, (?P<failed>\d+) failed"
)
_FINISHED: Final = re.compile(r"finished in [\d.]+m?s, ([\d.]+) req/s")
_MARGIN: Final = 30.0
"""Seconds that a run may take longer than it should."""


@dataclass(frozen=True, slots=True)
class H2LoadResult:
    """What h2load says."""

    answers: int
    per_second: float


def run_h2load(
    address: str,
    body: bytes,
    *,
    connections: int,
    streams: int,
    seconds: float,
    on_window: Callable[[bool], None],
) -> H2LoadResult:
    """Post one body again and again. ``on_window`` is called just before and after the run.

    It counts HTTP answers and does not look at ``grpc-status``: whether the answers are right, our own generator says
    of the same server. Raises LoadError when an answer fails by its measure.
    """
    tool = find_tool("h2load", PACKAGE)
    with tempfile.NamedTemporaryFile(prefix="extauthz-bench-") as file:
        file.write(body)
        file.flush()
        arguments = [
            *(str(tool), "-D", f"{max(1, round(seconds))}"),
            *("-c", str(connections), "-m", str(streams), "-d", file.name),
            *("-H", "te: trailers", "-H", "content-type: application/grpc"),
            f"http://{address}{_CHECK}",
        ]
        on_window(True)  # noqa: FBT003  (a callback's form)
        begun = time.perf_counter()
        ended = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=seconds + _MARGIN)
        elapsed = time.perf_counter() - begun
        on_window(False)  # noqa: FBT003  (the same)
    counts, finished = _COUNTS.search(ended.stdout), _FINISHED.search(ended.stdout)
    if ended.returncode or counts is None or finished is None:
        raise LoadError(f"h2load: {ended.stdout}{ended.stderr}")
    if int(counts["failed"]) or elapsed <= 0:
        raise LoadError(f"h2load: {counts['failed']} requests failed")
    return H2LoadResult(int(counts["done"]), float(finished[1]))
