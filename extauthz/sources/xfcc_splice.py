"""An XFCC element that came out of a certificate, and not from a proxy.

Envoy copies URI and DNS names into the header without quotes. A certificate with the URI name
``x,Hash=…;Cert="<another one's certificate>"`` so makes two elements of the one that Envoy writes, and the last is
the client's own text, with a certificate to which it need not have the key. Where the proxy also verifies the chain it
takes a CA that signs such a name; where it accepts unverified certificates, a self-signed one will do.

The text alone does not show it, but the element that was cut in two has the certificate, and the certificate has the
name with the comma in it.
"""

from collections.abc import Sequence

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_certificates import certificates_of
from extauthz.sources.xfcc_element import Element


def refuse_spliced(elements: Sequence[Element], chosen: int) -> None:
    """Raise ``DecodeError(SOURCE_UNTRUSTED)`` when an element up to the chosen one came out of the certificate before.

    It decodes the certificates of the elements before the chosen one, and raises what that raises: an element that a
    proxy wrote always decodes. It does **not** see a splice where the proxy forwards no certificate of its own
    client, but then that proxy never forwards one at all. Setting ``uri: false`` and ``dns: false`` in the proxy
    closes that too, and the choice ``Only`` never takes an element that was added.
    """
    for index in range(chosen):
        try:
            certificates = certificates_of(elements[index])
        except DecodeError as error:
            raise DecodeError(error.reason, f"element {index + 1}, before the chosen one: {error.detail}") from error
        # Envoy's gRPC message has "!" for each byte of a header that is not UTF-8; the certificate has the byte.
        opening = elements[index + 1].opening.split("!")[0]
        if certificates and opening.encode() in certificates[0]:
            raise DecodeError(
                Reason.SOURCE_UNTRUSTED, f"element {index + 2} is a part of a name in the certificate of the one before"
            )
