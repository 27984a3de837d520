"""A memory that outlives the pod: what the chart renders starts the real service; the next pod knows what it saw."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol

import pytest

from support.chart_claim import ALWAYS, DIRECTORY
from support.chart_pod import Pod
from support.chart_values import merged
from support.edge_pki import EdgePki
from support.helm import CHART, HELM4, Values, render
from support.pki import Leaf
from support.questions import allowed, question, reason
from support.service import RealService

VALUES: Final = CHART / "ci" / "persistent-values.yaml"
NOT_KEPT: Final[Values] = {
    "state": {"persistence": {"enabled": False}},
    "updateStrategy": {"rollingUpdate": {"partition": None}},
}
AT_ONCE: Final[Values] = {"config": {"shutdown": {"drain_delay": "0s"}}}
"""No proxy has to notice that the pod goes."""
NEWER, OLDER = 8, 7


class StartPod(Protocol):
    """Starts the service in a new pod, which is shown a CRL. The pod before it is gone, with all but its claim."""

    def __call__(
        self,
        crl: bytes,
        claims: Path | None = None,
        values: Values | None = None,
        *,
        policy: str = "",
        wait: bool = True,
    ) -> tuple[Pod, RealService]: ...


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def mallory(authority: EdgePki) -> Leaf:
    """Return a client that the newer CRL has and the older one has not."""
    return authority.issue("mallory")


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki) -> Iterator[StartPod]:
    with ExitStack() as running:

        def begin(
            crl: bytes,
            claims: Path | None = None,
            values: Values | None = None,
            *,
            policy: str = "",
            wait: bool = True,
        ) -> tuple[Pod, RealService]:
            rendered = render(HELM4, [VALUES], merged(AT_ONCE, values or {}))
            spec = dict(rendered.pod)
            if policy:
                spec["securityContext"] = {**spec["securityContext"], "fsGroupChangePolicy": policy}
            objects = {
                "client-roots": {"ca.crt": (authority.directory / "root.pem").read_bytes()},
                "client-intermediates": {"issuing.pem": (authority.directory / "issuing.pem").read_bytes()},
                "client-crls": {"issuing.crl": crl},
            }
            pod = Pod(tmp_path_factory.mktemp("pod"), rendered, spec, objects, claims)
            return pod, running.enter_context(RealService(Path(pod.command[-1]), wait=wait))

        yield begin


def test_the_next_pod_refuses_a_crl_that_is_older_than_what_its_claim_remembers(
    start: StartPod, authority: EdgePki, mallory: Leaf, tmp_path: Path
) -> None:
    pod, service = start(authority.crl(mallory, number=NEWER), tmp_path)
    state = pod.path("/var/lib/extauthz/state")
    assert reason(service.check(question(mallory))) == "revoked"
    assert service.stop() == 0
    _, service = start(authority.crl(number=OLDER), tmp_path, wait=False)
    service.wait_for_crls()
    (problem,) = service.get("/readyz").json()["crl_problems"]
    assert f"is older than the one that was in force before (number {NEWER} of " in problem["problem"]
    assert reason(service.check(question(mallory))) == "crl_invalid"
    assert state.stat().st_mode & 0o777 == 0o700, "the kubelet has left it alone"
    assert (tmp_path / "state").stat().st_mode & DIRECTORY == DIRECTORY, "its parent is the group's"


@pytest.mark.parametrize("values", [{}, NOT_KEPT], ids=["a new claim", "no claim"])
def test_a_pod_that_remembers_nothing_believes_the_same_crl(
    start: StartPod, authority: EdgePki, mallory: Leaf, values: Values
) -> None:
    _, service = start(authority.crl(mallory, number=NEWER), values=values)
    assert reason(service.check(question(mallory))) == "revoked"
    assert service.stop() == 0
    _, service = start(authority.crl(number=OLDER), values=values)
    assert allowed(service.check(question(mallory)))


def test_a_claim_that_is_opened_to_the_group_at_each_start_ends_the_next_pod(
    start: StartPod, authority: EdgePki, tmp_path: Path
) -> None:
    """It is what the kubelet does unless told otherwise, so the chart tells it."""
    _, service = start(authority.crl(), tmp_path, policy=ALWAYS)
    assert service.stop() == 0
    _, service = start(authority.crl(), tmp_path, policy=ALWAYS, wait=False)
    assert service.wait() == 2
    assert "may be written by others; take that away with `chmod go-w`" in "\n".join(service.stderr())
