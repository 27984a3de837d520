"""Names of distribution points in the form in which they are compared (RFC 5280 §7, §6.3.3 (b)(2)(i)).

A CRL covers a certificate when one name of its issuingDistributionPoint is one of the certificate's distribution
point. Every key starts with the kind of name, so that names of two kinds never meet. Where the RFC allows more
spellings of one name than are folded here (percent-encoding, default ports), this is the stricter reading: such a CRL
covers less.
"""

from collections.abc import Iterable

from cryptography import x509

from extauthz.identity.names import name_key


def general_name_key(name: x509.GeneralName) -> str:
    """Return the comparison form of one GeneralName that the library has decoded.

    Directory names by §7.1, scheme and host of URIs (§7.4) and DNS names (§7.2) without regard to case, everything
    else exactly.
    """
    match name:
        case x509.DirectoryName(value=value):
            return f"dirname:{name_key(value)}"
        case x509.UniformResourceIdentifier(value=value):
            return f"uri:{_folded(value)}"
        case x509.DNSName(value=value):
            return f"dns:{value.lower()}"
        case x509.OtherName(type_id=type_id, value=value):
            return f"othername:{type_id.dotted_string}:{value.hex()}"
        case x509.RegisteredID(value=value):
            return f"rid:{value.dotted_string}"
        case _:
            return f"{type(name).__name__}:{name.value}"


def relative_name_key(issuer: x509.Name, relative: x509.RelativeDistinguishedName) -> str:
    """Return the key of the directory name that a nameRelativeToCRLIssuer stands for (§4.2.1.13)."""
    return general_name_key(x509.DirectoryName(x509.Name([*issuer.rdns, relative])))


def point_keys(
    full: Iterable[x509.GeneralName] | None, relative: x509.RelativeDistinguishedName | None, issuer: x509.Name
) -> frozenset[str] | None:
    """Return the keys of a DistributionPointName, as the library shows it; None when there is none.

    ``issuer``: the CRL issuer to which a relative name belongs.
    """
    if relative is not None:
        return frozenset({relative_name_key(issuer, relative)})
    return None if full is None else frozenset(general_name_key(one) for one in full)


def _folded(uri: str) -> str:
    scheme, colon, rest = uri.partition(":")
    if not rest.startswith("//"):
        return f"{scheme.lower()}{colon}{rest}"
    ends = [at for at in (rest.find(mark, 2) for mark in "/?#") if at >= 0]
    end = min(ends, default=len(rest))
    user, at_sign, host = rest[2:end].rpartition("@")
    return f"{scheme.lower()}://{user}{at_sign}{host.lower()}{rest[end:]}"
