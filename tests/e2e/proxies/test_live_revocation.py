"""Behind every proxy, revocation reaches connections that are already open."""

from pathlib import Path

import pytest

from support.proxies.cast import Cast
from support.proxies.proxy import Proxy
from support.proxies.site import Site


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
def test_a_crl_that_is_replaced(tmp_path: Path, cast: Cast, kind: type[Proxy], http2: bool) -> None:
    victim = cast.newcomer(f"victim-{kind.name}-{http2}")
    crls = tmp_path / "crls"
    cast.write_crls(crls)
    with (
        Site(kind, tmp_path, cast.pki, revocation={"crls": [{"path": str(crls)}]}) as site,
        site.connect(victim, http2=http2) as live,
        site.connect(cast.clients["alice"], http2=http2) as honest,
    ):
        before, kept = site.ask_on(live), site.ask_on(honest)
        assert (before.reasons, kept.reasons) == (("allowed",), ("allowed",))
        cast.write_crls(crls, victim, number=2)
        site.service.event("reloaded")
        after, again = site.ask_on(live), site.ask_on(honest)
    assert (after.status, after.reasons, after.arrived) == (403, ("revoked",), None)
    assert again.reasons == ("allowed",)
    assert before.answer is not None
    assert after.answer is not None
    assert before.answer.local_port == after.answer.local_port
