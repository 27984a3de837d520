"""How a CRL is refused: one exception, one sentence for the operator, and whose CRL it was when that can be read."""

from extauthz.identity.names import NameKey


class CrlError(ValueError):
    """A CRL that cannot be used, and why, in one sentence for the operator.

    ``issuer_dn`` and ``issuer_key`` are what the bytes say, not verified: enough to tell whose clients now lack a CRL,
    never a reason to believe or disbelieve another CRL. None when that much cannot be read.
    """

    def __init__(self, message: str, *, issuer_dn: str | None = None, issuer_key: NameKey | None = None) -> None:
        super().__init__(message)
        self.issuer_dn = issuer_dn
        self.issuer_key = issuer_key
