"""The TLS of a listener suits how it was bound, whatever order loads are put into use in."""

from itertools import permutations

import pytest

from extauthz.config.schema.listen import Listen
from extauthz.observe.check_metrics import Api
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.service.readiness import Readiness
from extauthz.service.serving import Serving
from extauthz.service.tls import TlsMaterial
from support import pki

CA = pki.make_ca()
FIRST, SECOND = (CA.issue(name, dns=[name], eku=[pki.SERVER_AUTH]) for name in ("first", "second"))
OWN = TlsMaterial(FIRST.pem, FIRST.key_pem)
MUTUAL = TlsMaterial(SECOND.pem, SECOND.key_pem, CA.pem)


def serving(**tls: str) -> Serving:
    metrics = Metrics(version="1")
    one = Serving(metrics, Readiness(), DecisionLog(metrics.decision_log_lost))
    section = {"tls": tls} if tls else {}
    one.bind_to(Listen.model_validate({"grpc": section}), grpc=True)
    return one


@pytest.mark.parametrize("order", list(permutations((OWN, MUTUAL, None))))
def test_a_listener_that_asks_for_no_certificate_never_begins_to(order: tuple[TlsMaterial | None, ...]) -> None:
    one = serving(cert="a", key="b")
    for material in order:
        one._take_tls(Api.GRPC, material, waiting=material is MUTUAL)
    in_use = one._tls_in_use(Api.GRPC)
    assert in_use is not None
    last = [material for material in order if material is not None][-1]
    assert (in_use.material.certificates, in_use.material.client_ca) == (last.certificates, None)


def test_a_listener_that_asks_for_one_waits_for_who_says_whose() -> None:
    one = serving(cert="a", key="b", client_ca="c")
    one._take_tls(Api.GRPC, OWN, waiting=True)
    with pytest.raises(KeyError):
        one._tls_in_use(Api.GRPC)
    one._take_tls(Api.GRPC, MUTUAL, waiting=False)
    one._take_tls(Api.GRPC, OWN, waiting=True)
    in_use = one._tls_in_use(Api.GRPC)
    assert in_use is not None
    assert (in_use.material.certificates, in_use.material.client_ca) == (FIRST.pem, CA.pem)


def test_a_listener_without_tls_gets_none() -> None:
    one = serving()
    one._take_tls(Api.GRPC, OWN, waiting=False)
    assert one._tls_in_use(Api.GRPC) is None
