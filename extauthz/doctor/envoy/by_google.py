"""Envoys that ask by Google's gRPC library (``google_grpc``), which has an address in the place of a cluster."""

from collections.abc import Iterator
from typing import Final

from extauthz.doctor.asked import asked_at, reached_over_grpc
from extauthz.doctor.code import Code
from extauthz.doctor.envoy.view import EnvoyView
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.located import Located
from extauthz.doctor.tls_asked import Tls, tls_agrees_over_grpc

_DNS: Final = ("dns:///", "dns:")
_OTHER_WAYS: Final = ("ipv4:", "ipv6:", "unix:", "unix-abstract:", "vsock:", "xds:")
"""Forms of gRPC's names that are not read."""
_DEFAULT_PORT: Final = 443


def address(view: EnvoyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that extauthz listens where the library asks, with TLS or without it as there."""
    for authorizer in view.authorizers:
        google = authorizer.config.at("grpc_service", "google_grpc")
        target = google["target_uri"]
        if not target.text:
            continue
        place = target.found(Code.CONFIG_ASKED_AT_OTHER_PORT).place
        yield from tls_agrees_over_grpc(wants, _spoken(google), place)
        if not target.text.startswith(_OTHER_WAYS):
            prefix = next((one for one in _DNS if target.text.startswith(one)), "")
            authority = target.text.removeprefix(prefix)
            yield from reached_over_grpc(wants, asked_at(authority, place, default_port=_DEFAULT_PORT))


def _spoken(google: Located) -> Tls:
    credentials = google["channel_credentials"]
    ssl = credentials["ssl_credentials"]
    if ssl.given:
        return Tls.MUTUAL if ssl["private_key"].given else Tls.ANONYMOUS
    return Tls.UNKNOWN if credentials.given or google["credentials_factory_name"].text else Tls.NONE
