"""``x-forwarded-client-cert``, the header in which Envoy and the meshes built on it forward the client certificate."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented, Shown
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.xfcc_certificates import certificates_of, require_hash_of
from extauthz.sources.xfcc_choice import ElementChoice, FromRight, Last, Only
from extauthz.sources.xfcc_element import Element
from extauthz.sources.xfcc_grammar import parse_xfcc
from extauthz.sources.xfcc_identity import forwarded_identity
from extauthz.sources.xfcc_json import parse_xfcc_json
from extauthz.sources.xfcc_splice import refuse_spliced

__all__ = ["HEADER", "ElementChoice", "FromRight", "Last", "Only", "XfccFormat", "XfccSource"]

HEADER: Final = "x-forwarded-client-cert"
_HASH: Final = "Hash="
_JSON_HASH: Final = '"hash":"'
_JSON_STARTS: Final = ("[", "{")


class XfccFormat(StrEnum):
    """Which of the two forms the header may have."""

    TEXT = "text"
    JSON = "json"
    EITHER = "either"
    """JSON when the header starts with a bracket, else text: for proxies that append to what they were given."""


@dataclass(frozen=True, slots=True)
class XfccSource:
    """Read the client certificate from one element of the XFCC header.

    Every element must be sound, for one that is not may hide where the others begin; only the certificate of the
    chosen one (and of those before it, see ``xfcc_splice``) is decoded. Its Hash, Cert and Chain must agree. Its
    Subject, URI and DNS go on as claims, to be compared with the certificate by those who can parse it.

    It does not verify that a proxy of one's own wrote the header: only the proxy can see to that, by its mode
    (SANITIZE_SET or APPEND_FORWARD, never ALWAYS_FORWARD_ONLY).
    """

    element: ElementChoice = field(default_factory=Only)
    by: tuple[str, ...] = ()
    """Names (URI SANs) of the proxies in between, letter for letter. With any, the chosen element must have a By and
    each By it has must be one of these; and each element to its right, which says who handed the header on, must have
    a URI and each URI of it must be one of these. The last element is our own proxy's word; so the one before it was
    written by a proxy of the list, and so on. By alone proves nothing: it is text of whoever wrote the element."""
    format: XfccFormat = XfccFormat.TEXT
    identity_only: tuple[str, ...] = ()
    """Trust domains, in lower case. With any, an element with neither Cert nor Chain is read as the bare name of a
    workload of theirs, on the word of a proxy in ``by``. Not for ``FromRight`` past the last element: what stands to
    the right may have been brought by the very name that is to be believed."""

    name: ClassVar[str] = "xfcc"
    headers: ClassVar[tuple[str, ...]] = (HEADER,)

    def __post_init__(self) -> None:
        if not all(self.by):
            raise ValueError("by must not hold an empty value")
        if self.identity_only and not self.by:
            raise ValueError("identity_only needs by: somebody must vouch for the identity")
        if self.identity_only and isinstance(self.element, FromRight) and self.element.count > 1:
            raise ValueError("identity_only needs the last element: what follows one may be its client's text")

    def hint(self, text: str) -> str:
        """Return the last hash in the header, which Envoy puts into each element; without one, the header's end."""
        at = text.rfind(_HASH if self.format is XfccFormat.TEXT or not text.startswith(_JSON_STARTS) else _JSON_HASH)
        return text[at : at + HINT_CHARACTERS] if at >= 0 else text[-HINT_CHARACTERS:]

    def read(self, request: AuthRequest) -> Shown | None:
        """Return the certificate, its chain and the proxy's claims; None when the request has no such header.

        With ``identity_only``, return the bare identity where there is no certificate.

        Raises ``DecodeError``: SOURCE_TOO_LARGE, SOURCE_MALFORMED (an empty header too), SOURCE_AMBIGUOUS (not the
        number of elements that the choice asks for), SOURCE_UNTRUSTED (By, or a spliced element),
        CERTIFICATE_NOT_FORWARDED (neither Cert nor Chain), CERTIFICATE_TOO_LARGE, SOURCE_INCONSISTENT; and what
        ``forwarded_identity`` raises. A certificate that cannot be read is never passed over for the name beside it.
        """
        lines = request.headers.get(HEADER, ())
        if not lines:
            return None
        if sum(map(len, lines)) + len(lines) - 1 > MAX_TEXT_LENGTH:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_TEXT_LENGTH} characters")
        elements = self._elements(lines)
        chosen = self.element.index(elements)
        element = elements[chosen]
        if self.by:
            self._require_by(element)
            self._require_vouched(elements[chosen + 1 :])
        refuse_spliced(elements, chosen)
        certificates = certificates_of(element)
        if not certificates and self.identity_only:
            return forwarded_identity(element, self.identity_only, self.name)
        if not certificates:
            raise DecodeError(
                Reason.CERTIFICATE_NOT_FORWARDED,
                "the element has neither Cert nor Chain: set 'cert: true' (and 'chain: true') in "
                "set_current_client_cert_details of the proxy's HTTP connection manager",
            )
        leaf, *chain = certificates
        require_hash_of(leaf, element.hash)
        return Presented(leaf, tuple(chain), (self.name,), element.claims)

    def _elements(self, lines: tuple[str, ...]) -> tuple[Element, ...]:
        # RFC 9110 §5.3: several lines are one list, in their order.
        text = ",".join(lines)
        if self.format is XfccFormat.TEXT:
            return parse_xfcc(text)
        if self.format is XfccFormat.EITHER and not text.startswith(_JSON_STARTS):
            return parse_xfcc(text)
        if len(lines) > 1:
            raise DecodeError(Reason.SOURCE_AMBIGUOUS, f"{len(lines)} lines of JSON, which is no list of header values")
        return parse_xfcc_json(text)

    def _require_by(self, element: Element) -> None:
        if not element.by:
            raise DecodeError(
                Reason.SOURCE_UNTRUSTED,
                "no By in the element: Envoy writes it only when its own certificate has a URI name",
            )
        if not set(element.by).issubset(self.by):
            raise DecodeError(Reason.SOURCE_UNTRUSTED, "a By in the element is not one of those configured")

    def _require_vouched(self, later: tuple[Element, ...]) -> None:
        for element in later:
            uris = [uri for uri in element.uris if uri]
            if not uris or not set(uris).issubset(self.by):
                raise DecodeError(
                    Reason.SOURCE_UNTRUSTED,
                    "the element was handed on by a client that is not one of the proxies configured in `by`",
                )
