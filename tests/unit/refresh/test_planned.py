"""What a plan has found: the issuers of CRLs that cannot be used, and the URLs of which nothing is known."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.plan import Plan
from extauthz.refresh.planned import unasked_urls, unusable_issuers
from extauthz.refresh.settings import DEFAULT_REFRESH, CrlSettings, PathSource, UrlSource
from support import pki
from support.http_server import HttpServer

CA = pki.make_ca("Issuing")
ISSUER = parse_certificate(CA.der)


def plan_of(folder: Path, files: Sequence[str] = (), urls: Sequence[str] = (), *, fetch: bool = False) -> Plan:
    settings = CrlSettings(
        directory=folder,
        paths=tuple(PathSource(name=name, required=True) for name in files),
        urls=tuple(UrlSource(url=url, label=url, where=url, refresh=DEFAULT_REFRESH, required=True) for url in urls),
        issuers=(ISSUER,),
    )
    keeper = CrlKeeper(InProcessIndexer())
    plan = keeper.prepare(settings, pki.NOW, fetch=fetch)
    keeper.close()
    return plan


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (CA.crl(), frozenset()),
        (CA.crl(spoilt_signature=True), frozenset({ISSUER.subject_key})),
        (b"no CRL", frozenset()),  # whose it was meant to be is not known
    ],
)
def test_issuers_are_those_that_unusable_crls_name(tmp_path: Path, content: bytes, expected: frozenset[str]) -> None:
    (tmp_path / "a.crl").write_bytes(content)
    assert unusable_issuers(plan_of(tmp_path, files=["a.crl"])) == expected
    with HttpServer() as server:
        server.serve("/a.crl", content)
        assert unusable_issuers(plan_of(tmp_path, urls=[server.url("/a.crl")], fetch=True)) == expected


def test_a_url_is_unasked_until_it_was_asked(tmp_path: Path) -> None:
    with HttpServer() as server:
        server.serve("/a.crl", b"no CRL")
        url = server.url("/a.crl")
        assert [one.source.url for one in unasked_urls(plan_of(tmp_path, urls=[url]))] == [url]
        assert unasked_urls(plan_of(tmp_path, urls=[url], fetch=True)) == ()
