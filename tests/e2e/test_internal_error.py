"""A defect inside the service denies, even where Envoy fails open: a deny is an answer, an RPC error is none.

The defects are planted in the real process (``support/sabotage``), and Envoy is told to let everything through that it
gets no answer for.
"""

import os
from pathlib import Path

import pytest

import extauthz
import support
from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge
from support.service import eventually

FAIL_OPEN = {"https": HttpEdge(failure_mode_allow=True)}
SABOTAGE = Path(support.__file__).parent / "sabotage"


def sabotaged(start_edge: StartEdge, target: str) -> Edge:
    """Start an edge whose service has one broken function."""
    path = os.pathsep.join((str(SABOTAGE), str(Path(extauthz.__file__).parents[1])))
    return start_edge(edges=FAIL_OPEN, environment={"PYTHONPATH": path, "EXTAUTHZ_SABOTAGE": target})


@pytest.mark.parametrize(
    "target",
    [
        "extauthz.engine:Engine.decide",
        "extauthz.wire.request:CheckRequestReader.read",
        "extauthz.trust.assess:CertificateTrust.assess",
    ],
)
def test_a_defect_while_deciding_denies(start_edge: StartEdge, alice: Client, target: str) -> None:
    edge = sabotaged(start_edge, target)
    answer = edge.ask(alice)
    assert answer.status == 403
    assert set(answer.json()) == {"type", "title", "status", "decision_id"}
    assert not edge.reached(answer)
    said = edge.logged(answer)["extauthz"]
    assert (said["decision"], said["reason"]) == ("deny", "internal_error")
    assert edge.decided(answer)["reason"] == "internal_error"
    assert edge.service.metric(
        "extauthz_checks_total", decision="deny", reason="internal_error", policy="", api="grpc"
    ) == pytest.approx(1)
    eventually(lambda: any("planted by a test" in line for line in edge.service.stderr()) or None, "the stack")


@pytest.mark.parametrize(
    "target",
    [
        "extauthz.wire.answer_writer:write_check_response",
        "extauthz.service.decision_id:new_decision_id",
        "extauthz.service.checker:Checker._check",
    ],
)
def test_a_defect_while_answering_denies(start_edge: StartEdge, alice: Client, target: str) -> None:
    edge = sabotaged(start_edge, target)
    answer = edge.ask(alice)
    assert answer.status == 403
    assert not edge.reached(answer)


@pytest.mark.parametrize(
    "target", ["extauthz.observe.decision_log:DecisionLog.record", "extauthz.observe.check_metrics:ApiChecks.decided"]
)
def test_a_defect_in_the_accounts_changes_no_decision(start_edge: StartEdge, alice: Client, target: str) -> None:
    edge = sabotaged(start_edge, target)
    assert edge.ask(alice).identity_headers()["x-client-cert-cn"] == "alice"
    assert edge.reason(edge.ask(alice)) == "allowed"
    eventually(lambda: any("planted by a test" in line for line in edge.service.stderr()) or None, "the stack")
