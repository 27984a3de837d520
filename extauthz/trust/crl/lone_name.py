"""Reading a Name that stands alone in DER, with the library that only reads whole structures."""

from operator import attrgetter
from typing import Final

from cryptography import x509

from extauthz.identity.der import BIT_STRING, SEQUENCE, encoded
from extauthz.identity.names import NameReading, read_name
from extauthz.identity.quiet import quietly
from extauthz.trust.panic import is_panic

_ALGORITHM: Final = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256; any that the library knows would do
_BEFORE: Final = b"\x02\x01\x01" + _ALGORITHM
_AFTER: Final = b"\x17\x0d200101000000Z"
_SIGNATURE: Final = _ALGORITHM + encoded(BIT_STRING, b"\0")


def read_lone_name(der: bytes) -> NameReading | None:
    """Read one Name in DER, as the issuer of a CRL made around it. None when the library cannot decode it."""
    crl = encoded(SEQUENCE, encoded(SEQUENCE, _BEFORE + der + _AFTER) + _SIGNATURE)
    try:
        return read_name(quietly(attrgetter("issuer"), quietly(x509.load_der_x509_crl, crl)))
    except BaseException as error:
        # ValueError, TypeError, exceptions of the library's own that derive from Exception alone, and its panics.
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        return None
