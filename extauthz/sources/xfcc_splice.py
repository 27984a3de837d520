"""An XFCC element that came out of a certificate, and not from a proxy.

Envoy copies URI and DNS names into the header without quotes. A certificate with the URI name
``x,Hash=…;Cert="<another one's certificate>"`` so makes two elements of the one that Envoy writes, and the last is
the client's own text, with a certificate to which it need not have the key. Where the proxy also verifies the chain it
takes a CA that signs such a name; where it accepts unverified certificates, a self-signed one will do.

The text alone does not show it, and it can be arranged so that no piece of it stands in one name alone. But the
element that was cut in two begins with the certificate, in a form that nothing can break out of, and that certificate
has a name with a separator or a quote in it. Whoever has such a name may not stand before the chosen element.
"""

from collections.abc import Sequence

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_certificates import certificates_of
from extauthz.sources.xfcc_element import Element

_BREAKS_OUT = frozenset(',;"')
"""What a bare value cannot hold without being read as something else."""


def refuse_spliced(elements: Sequence[Element], chosen: int) -> None:
    """Raise ``DecodeError(SOURCE_UNTRUSTED)`` when an element before the chosen one may have brought others along.

    The certificates of these elements are parsed, and one that cannot be parsed raises what that raises: what cannot
    be read cannot be cleared. Nor can an element with names (URI or DNS, empty ones too) and without a certificate to
    compare them with. So an honest header whose front elements are like that is denied as well: the proxy that adds
    them should forward ``cert: true``, or ``uri: false`` and ``dns: false``. The choice ``Only`` never takes an element
    that was added, and looks at none in front.
    """
    for number, element in enumerate(elements[:chosen], 1):
        try:
            _require_clear(element)
        except DecodeError as error:
            raise DecodeError(error.reason, f"element {number}, before the chosen one: {error.detail}") from error


def _require_clear(element: Element) -> None:
    certificates = certificates_of(element)
    if certificates:
        identity = parse_certificate(certificates[0]).identity
        if any(not _BREAKS_OUT.isdisjoint(name) for name in (*identity.uris, *identity.dns_names)):
            raise DecodeError(
                Reason.SOURCE_UNTRUSTED,
                "a name in its certificate holds a separator, so what follows may be text of that client",
            )
    elif element.uris or element.dns_names:
        raise DecodeError(Reason.SOURCE_UNTRUSTED, "names that its client wrote, and no certificate to clear them")
