"""A real Prometheus for tests: scrapes often, evaluates rules, answers queries, and is ended by its own id."""

import http.client
import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

from debian_tool import find_tool

from support.promtool import PACKAGE
from support.service import PATIENCE, eventually

SCRAPE: Final = "500ms"
"""Often, so that a rate over seconds has something to go by; yet a busy machine needs this long for one at times."""
_LISTENING: Final = re.compile(r'msg="Listening on" address=(\S+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is scraped."""

    job: str
    address: str
    path: str = "/metrics"
    labels: Mapping[str, str] = field(default_factory=dict)


class RealPrometheus:
    """One Prometheus as a context manager: entering waits until it is ready, leaving ends it."""

    def __init__(self, targets: Sequence[Target], *, rules: Path | None = None) -> None:
        self._targets = targets
        self._rules = rules
        self._folder = tempfile.TemporaryDirectory(prefix="extauthz-prometheus-")
        self._lines: list[str] = []

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        config = folder / "prometheus.json"
        config.write_text(json.dumps(self._config()))
        program = str(find_tool("prometheus", PACKAGE))
        options = (f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}")
        # A port that the kernel chooses; the log says which.
        command = [program, *options, "--web.listen-address=127.0.0.1:0"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._address = eventually(self._listening, "Prometheus listening", show=lambda: self._lines[-20:])
            eventually(lambda: self._get("/-/ready")[0] == HTTPStatus.OK or None, "Prometheus being ready")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it at once, and remove what it stored."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._folder.cleanup()

    def query(self, expression: str) -> list[Any]:
        """Return the samples of an expression now, each with its ``metric`` and ``value``."""
        return self._result("/api/v1/query", query=expression)

    def query_range(self, expression: str, *, start: float, end: float, step: float) -> list[Any]:
        """Return the series of an expression over a time, each with its ``metric`` and ``values``."""
        return self._result("/api/v1/query_range", query=expression, start=start, end=end, step=step)

    def rules(self) -> list[Any]:
        """Return all rules with their ``health``, ``lastError`` and when they were evaluated last."""
        return [rule for group in self._data("/api/v1/rules")["groups"] for rule in group["rules"]]

    def _result(self, path: str, **parameters: object) -> list[Any]:
        found: list[Any] = self._data(f"{path}?{urlencode(parameters)}")["result"]
        return found

    def _data(self, target: str) -> Any:  # noqa: ANN401  (a document)
        status, body = self._get(target)
        assert status == HTTPStatus.OK, body
        return json.loads(body)["data"]

    def _get(self, target: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _config(self) -> Mapping[str, object]:
        jobs = [
            {
                "job_name": f"{one.job}-{number}",
                "metrics_path": one.path,
                # Several pods are of one job, so the label is set here and not taken from the job's name.
                "static_configs": [{"targets": [one.address], "labels": {"job": one.job, **one.labels}}],
            }
            for number, one in enumerate(self._targets)
        ]
        return {
            "global": {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": "1s"},
            "rule_files": [] if self._rules is None else [str(self._rules)],
            "scrape_configs": jobs,
        }

    def _listening(self) -> str | None:
        assert self._process.poll() is None, "Prometheus ended:\n" + "\n".join(self._lines)
        return next((found[1] for line in tuple(self._lines) if (found := _LISTENING.search(line))), None)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line.rstrip("\n"))
