"""Every certificate of ``cryptography_vectors`` is read, or refused at a known stage: nothing raises anything else.

PKITS' certificates are among them. OCSP messages and certificate requests are other things and are left out; CRLs
belong to ``tests/unit/trust/test_crl_vectors.py``, and here stand for what is given where a certificate belongs.
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

BASE = Path(cryptography_vectors.__file__).parent / "x509"
OTHER_THINGS = (
    "ocsp/",
    "requests/",
    "PKITS_data/crls/",
    "PKITS_data/certpairs/",
    "PKITS_data/pkcs12/",
    "PKITS_data/smime/",
)
SUFFIXES = {".pem", ".der", ".crt"}
BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----")

REFUSED = {
    # 2. the outer structure, before anything in it is used.
    "structure": {
        "PKITS_data/certs/BadSignedCACert.crt",  # a signature that is not whole octets
        "PKITS_data/certs/DSAParametersInheritedCACert.crt",  # a DSA key without parameters
        "PKITS_data/certs/InvalidDSASignatureTest6EE.crt",  # a signature that is not whole octets
        "PKITS_data/certs/ValidDSAParameterInheritanceTest5EE.crt",  # a DSA key without parameters
        "badasn1time.pem",
        "cryptography-scts-tbs-precert.der",  # the signed part of a certificate alone
        "custom/crl_empty_no_sequence.der",
        "custom/crl_inner_outer_mismatch.der",
        "custom/crl_inval_date_fractional_seconds.der",
        "custom/crl_invalid_time.der",
        "custom/crl_issuer_invalid_printable_string.der",
        "custom/crl_unrecognized_extension.der",
        "custom/dsa_null_alg_params.pem",
        "custom/ecdsa_null_alg.pem",
        "custom/invalid_version.pem",
        "custom/mismatch_inner_outer_sig_algorithm.der",
        "custom/rsa_pss_cert_invalid_mgf.der",  # these three: inner and outer algorithm differ
        "custom/rsa_pss_cert_no_sig_params.der",
        "custom/rsa_pss_cert_unsupported_mgf_hash.der",
        "ed25519/ed25519-rfc8410.pem",  # critical FALSE written out
        "v1_cert.pem",  # inner and outer algorithm differ
    },
    "subject": {
        "custom/invalid_utf8_common_name.pem",
        "custom/long-form-name-attribute.pem",
        "custom/name_attribute_unsupported_tag.pem",
    },
    "extensions": {
        "badssl-sct-anonymous-sig.der",
        "badssl-sct-none-hash.der",
        "custom/cp_invalid.pem",
        "custom/cp_invalid2.der",
        "custom/empty-eku.pem",
        "custom/inhibit_any_policy_negative.pem",
        "custom/invalid-sct-length.der",
        "custom/invalid-sct-version.der",
        "custom/malformed-ian.pem",
        "custom/malformed-san.pem",
        "custom/nc_invalid_ip4_netmask.der",
        "custom/nc_invalid_ip_netmask.pem",
        "custom/nc_ip_invalid_length.pem",
        "custom/san_empty_hostname.pem",
        "custom/two_basic_constraints.pem",
        "san_edipartyname.der",
        "san_x400address.der",
        "utf8-dnsname.pem",
        "wosign-bc-invalid.pem",
    },
}
"""Files that are refused, by the stage that refuses them; every other one is read."""


def certificates() -> Iterator[tuple[str, bytes]]:
    """Yield name and DER of what each file holds: one DER, or the blocks of a PEM file that are certificates."""
    for path in sorted(BASE.rglob("*")):
        name = path.relative_to(BASE).as_posix()
        if path.suffix in SUFFIXES and not name.startswith(OTHER_THINGS):
            content = path.read_bytes()
            if b"-----BEGIN " not in content:
                yield name, content
            for label, body in BLOCK.findall(content):
                if b"CERTIFICATE" in label:
                    yield name, base64.b64decode(body)


VECTORS = list(certificates())


def outcome(der: bytes) -> tuple[str, str]:
    try:
        certificate = parse_certificate(der)
    except DecodeError as error:
        return error.reason, error.detail.partition(": ")[0]
    assert json.loads(json.dumps(to_json(certificate.identity)))["sha256"] == certificate.sha256.hex()
    return "", ""


def test_no_vector_is_lost() -> None:
    names = {name for name, _ in VECTORS}
    assert (len(VECTORS), len(names)) == (546, 544)
    assert sum(name.startswith("PKITS_data/") for name in names) == 405
    refused = [name for names in REFUSED.values() for name in names]
    assert set(refused) < names
    assert len(refused) == len(set(refused))


@pytest.mark.parametrize("stage", REFUSED)
def test_what_is_malformed_is_refused_at_its_stage(stage: str) -> None:
    wrong = {name: got for name, der in VECTORS if (got := outcome(der)) != ("", "") and got[1] == stage}
    assert wrong == dict.fromkeys(REFUSED[stage], (Reason.CERTIFICATE_MALFORMED, stage))


def test_every_other_certificate_is_read() -> None:
    refused = {name for names in REFUSED.values() for name in names}
    wrong = {name: got for name, der in VECTORS if name not in refused and (got := outcome(der)) != ("", "")}
    assert wrong == {}
