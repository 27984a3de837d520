"""The certificate and the verdict on it, as NGINX and ingress-nginx forward them in two headers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.header_line import header_line
from extauthz.sources.limits import HINT_CHARACTERS
from extauthz.sources.nginx_verdict import Verdict, failure, verdict_of
from extauthz.sources.pem import certificate_from_pem
from extauthz.sources.percent import percent_decode

DEFAULT_HEADER: Final = "x-ssl-client-cert"
DEFAULT_VERIFY_HEADER: Final = "x-ssl-client-verify"


class NginxVerify(StrEnum):
    """Who verifies the chain."""

    SUCCESS = "success"
    """NGINX: only what it calls SUCCESS is used."""
    HERE = "here"
    """This service: also what fails at NGINX for want of the issuer alone. Only safe where the chain is verified."""


@dataclass(frozen=True, slots=True)
class NginxSource:
    """Read ``$ssl_client_escaped_cert`` (percent-encoded PEM, the leaf alone) and ``$ssl_client_verify``.

    The two must fit: a certificate needs a verdict, and SUCCESS needs a certificate. NGINX sends no header for an empty
    variable, other proxies an empty one: both mean that there is none. It does not verify that NGINX wrote the
    headers: NGINX has to set both of them, so that nothing a client sends under these names gets through.
    """

    header: str = DEFAULT_HEADER
    verify_header: str = DEFAULT_VERIFY_HEADER
    verify: NginxVerify = NginxVerify.SUCCESS

    name: ClassVar[str] = "nginx"

    @property
    def headers(self) -> tuple[str, ...]:
        """Both of them."""
        return self.header, self.verify_header

    def hint(self, text: str) -> str:
        """Return the end of the certificate, where its signature is."""
        return text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the leaf, or None when there is no certificate and NGINX says so.

        Raises ``DecodeError``: SOURCE_AMBIGUOUS (two lines of a header), SOURCE_UNTRUSTED (not verified),
        SOURCE_INCONSISTENT (SUCCESS or FAILED without a certificate), SOURCE_TOO_LARGE, CERTIFICATE_TOO_LARGE, or
        SOURCE_MALFORMED (two certificates too).
        """
        text = header_line(request.headers, self.header)
        stated = header_line(request.headers, self.verify_header)
        verdict = verdict_of(stated or "")
        if not text:
            self._require_nothing_said(verdict)
            return None
        self._require_trusted(verdict, stated or "")
        return Presented(certificate_from_pem(percent_decode(text)), sources=(self.name,))

    def _require_nothing_said(self, verdict: Verdict) -> None:
        if verdict not in {Verdict.MISSING, Verdict.NONE}:
            raise DecodeError(
                Reason.SOURCE_INCONSISTENT,
                f"{self.verify_header} says {verdict} and {self.header} has no certificate: does the proxy set it to "
                "$ssl_client_escaped_cert?",
            )

    def _require_trusted(self, verdict: Verdict, stated: str) -> None:
        if verdict is Verdict.SUCCESS:
            return
        if verdict is Verdict.MISSING:
            detail = f"a certificate without {self.verify_header}: does the proxy set it to $ssl_client_verify?"
        elif verdict is Verdict.NONE:
            detail = f"a certificate, while {self.verify_header} says that the client has none"
        else:
            failed = failure(stated)
            if self.verify is NginxVerify.HERE and failed.may_be_verified_here:
                return
            detail = f"the proxy did not verify the certificate: {failed.kind}"
        raise DecodeError(Reason.SOURCE_UNTRUSTED, detail)
