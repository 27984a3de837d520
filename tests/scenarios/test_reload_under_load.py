"""Ten seconds of reloads every half second, under load: every answer is wholly right, none is missing."""

from support.alternating import CONFIGURATIONS, EXPECTED, Callers, alternate
from support.service_site import Site, StartService

SECONDS = 10.0
PAUSE = 0.5


def test_no_answer_is_wrong_while_reloads_come_every_half_second(start: StartService, site: Site) -> None:
    clients = {"alice": site.pki.issue("alice"), "bob": site.pki.issue("bob")}
    service = start(**CONFIGURATIONS[0])
    with Callers(service, clients) as callers:
        written = alternate(service, site, seconds=SECONDS, pause=PAUSE)
    assert set(callers.seen) == EXPECTED, callers.seen
    assert service.metric("extauthz_config_reloads_total", result="failure") == 0.0
    reloads = service.metric("extauthz_config_reloads_total", result="success")
    assert reloads is not None
    assert reloads > written / 2  # a change that comes while one is read may share the next reload
