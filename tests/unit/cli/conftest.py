from collections.abc import Callable
from dataclasses import dataclass

import pytest

from extauthz.cli.program import main


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process, as the ``extauthz`` command does."""

    def run_main(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as caught:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        status = caught.value.code
        assert status is None or isinstance(status, int)
        return Outcome(status or 0, out, err)

    return run_main
