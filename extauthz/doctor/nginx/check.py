"""All rules about NGINX."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from extauthz.doctor.examined import Checked, Examined
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.nginx import asking, deciding, pages, path_sent_on, protected, told, upstreams
from extauthz.doctor.nginx.read import read_nginx
from extauthz.doctor.nginx.view import NginxView
from extauthz.doctor.wiring import NGINX

RULES: Final = (
    asking.auth_request,
    asking.files,
    protected.satisfy,
    pages.fails_open,
    pages.open_page,
    pages.decision_cached,
    upstreams.led_inside,
    upstreams.open_beside,
    protected.identity_headers,
    protected.certificate_cleared,
    protected.underscores,
    protected.client_certificate,
    deciding.there,
    deciding.answers_itself,
    deciding.internal,
    deciding.certificate,
    deciding.verified,
    told.request,
    told.host_sent_on,
    path_sent_on.path_sent_on,
    deciding.body,
    deciding.prefix,
    deciding.address,
)


def check_nginx(path: Path, wants: Expectations) -> Checked:
    """Return what is wrong in a configuration of nginx. Raises UnreadableError."""
    view = NginxView(read_nginx(path))
    counts = {
        "servers": len(view.servers),
        "locations": len(view.locations),
        "protected locations": len(view.protected),
    }
    return Checked(Examined(view.files, counts), _findings(view, wants))


def _findings(view: NginxView, wants: Expectations) -> Iterator[Finding]:
    yield from wants.answers_over_http(NGINX)
    wiring = wants.http(NGINX)
    for rule in RULES:
        yield from rule(view, wants, wiring)
