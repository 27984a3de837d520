"""What is asked: CheckRequests as Envoy sends them, and the certificates in them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from extauthz.demo.authority import CLIENT_AUTH, Authority, Lifetime
from extauthz.trust.binding import cert_thumbprint_s256
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2
from extauthz.wire.proto.envoy.service.auth.v3.attribute_context_pb2 import AttributeContext

HEADERS: Final[Mapping[str, str]] = {
    ":authority": "pay.example.com",
    ":method": "GET",
    ":path": "/v1/payments?limit=10",
    ":scheme": "https",
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "user-agent": "bench/1.0 (a user agent of ordinary length; like Gecko)",
    "x-forwarded-for": "10.0.0.1",
    "x-forwarded-proto": "https",
    "x-request-id": "5f2b1c1e-7c2f-4a53-9d2e-0d6a3b9e8c11",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
JWT_FILTER: Final = "envoy.filters.http.jwt_authn"


def url_pem(der: bytes) -> str:
    """Percent-encode a certificate's PEM as Envoy does."""
    pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()
    for plain in "\n +/=":
        pem = pem.replace(plain, f"%{ord(plain):02X}")
    return pem


def question(der: bytes | None, *, xfcc: str = "", token_of: bytes | None = None) -> bytes:
    """Serialise a CheckRequest with all that Envoy tells of an ordinary request, of about 1.5 KB.

    ``der`` is the client's certificate as Envoy saw it, ``xfcc`` a header beside it. ``token_of`` adds the verified
    payload of a token that is bound to this certificate.
    """
    request = external_auth_pb2.CheckRequest()
    _tell_of_connection(request.attributes)
    http = request.attributes.request.http
    http.id, http.scheme, http.protocol = "4935110391420863871", "https", "HTTP/2"
    http.method, http.host, http.path = "GET", "pay.example.com", HEADERS[":path"]
    for name, value in HEADERS.items():
        http.headers[name] = value
    if der is not None:
        request.attributes.source.certificate = url_pem(der)
    if xfcc:
        http.headers["x-forwarded-client-cert"] = xfcc
    if token_of is not None:
        payload: dict[str, Any] = {
            "iss": "https://issuer.example",
            "sub": "alice",
            "aud": "payments",
            "iat": 1_790_000_000,
            "exp": 1_790_003_600,
            "scope": "payments:read payments:write",
            "cnf": {"x5t#S256": cert_thumbprint_s256(token_of)},
        }
        request.attributes.metadata_context.filter_metadata[JWT_FILTER].update({"verified_token": payload})
    return request.SerializeToString()


def _tell_of_connection(attributes: AttributeContext) -> None:
    source, destination = attributes.source.address.socket_address, attributes.destination.address.socket_address
    source.address, source.port_value = "10.20.30.40", 51_234
    destination.address, destination.port_value = "10.0.0.5", 8_443
    attributes.source.principal = "CN=alice,OU=Engineering,O=Example"
    attributes.destination.principal = "CN=pay.example.com,O=Example"
    attributes.request.time.seconds, attributes.request.time.nanos = 1_790_000_000, 123_456_000


def new_certificates(authority: Authority, lifetime: Lifetime, count: int) -> Sequence[bytes]:
    """Issue certificates that nobody has seen before, in DER.

    They share one key, which no client here has to prove; names, serial numbers and signatures differ.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    ca = authority.credential.certificate
    shared = (
        x509.CertificateBuilder()
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .not_valid_before(lifetime.start)
        .not_valid_after(lifetime.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_digital_signature(), critical=True)
        .add_extension(x509.ExtendedKeyUsage((CLIENT_AUTH,)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            ),
            critical=False,
        )
    )
    return [_issued(shared, authority, number) for number in range(count)]


def _issued(shared: x509.CertificateBuilder, authority: Authority, number: int) -> bytes:
    subject = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Ops"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"client{number}"),
    ]
    sans = [x509.DNSName(f"c{number}.clients.example"), x509.RFC822Name(f"c{number}@example.com")]
    builder = shared.subject_name(x509.Name(subject)).serial_number(x509.random_serial_number())
    builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    signed = builder.sign(authority.credential.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def _digital_signature() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
