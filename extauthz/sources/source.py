"""What a source of client certificates is."""

from typing import Protocol

from extauthz.model.request import AuthRequest, Presented, Shown


class Source(Protocol):
    """One place in a request where a proxy says who the client is. Immutable, and safe to share."""

    @property
    def name(self) -> str:
        """How configuration, log and metrics call it."""
        ...

    @property
    def headers(self) -> tuple[str, ...]:
        """The lower-case names of the headers it reads, and all it reads; none when it reads ``source_certificate``.

        The first is the one with the client's own certificate.
        """
        ...

    def hint(self, text: str) -> str:
        """Return a small part of what it reads, enough to tell most certificates apart.

        ``text`` is the attribute, or the last line of the first header.
        """
        ...

    def read(self, request: AuthRequest) -> Shown | None:
        """Return what the proxy presented here, or None when it presented nothing.

        Raises ``DecodeError`` when something is there that cannot be used. It does not verify the certificate.
        """
        ...


class CertificateSource(Source, Protocol):
    """One that presents a certificate or nothing, as all do but XFCC where a bare name is asked for."""

    def read(self, request: AuthRequest) -> Presented | None:
        """Return the certificate that the proxy presented here; the rest as above."""
        ...
