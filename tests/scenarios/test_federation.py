"""The real process over a federation of PKIs, the whole chain checked: every member gets what card and CRLs say."""

from collections.abc import Iterator

import pytest

from support.edge_pki import EdgePki, now
from support.federation import Federation
from support.questions import question, reason
from support.service import RealService
from support.service_site import Site

FEDERATION = Federation(now())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, transport: str) -> Iterator[RealService]:
    folder = tmp_path_factory.mktemp("federation")
    sections = dict(FEDERATION.write(folder / "pki"))
    revocation = sections["revocation"]
    assert isinstance(revocation, dict)
    site = Site(folder, EdgePki(folder / "edge"), transport)
    site.write(**{**sections, "revocation": {**revocation, "check": "chain"}})
    with RealService(site.path) as running:
        yield running


@pytest.mark.parametrize("name", FEDERATION.members)
def test_every_member_gets_what_its_card_and_the_crls_say(service: RealService, name: str) -> None:
    leaf, expected = FEDERATION.members[name]
    assert reason(service.check(question(leaf))) == expected.reason


@pytest.mark.parametrize("name", FEDERATION.crls)
def test_every_crl_is_in_the_metrics(service: RealService, name: str) -> None:
    assert service.metric("extauthz_crl_entries", crl=f"pki/crls/{name}") is not None
