"""CRLs, whole and in parts: what is accepted was signed, and nothing in a list is lost."""

from contextlib import suppress
from functools import lru_cache

from cryptography import x509
from fuzz.world import BrokenPromiseError, Target, world

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.names import NameKey
from extauthz.trust.crl.entries import RawEntry, read_entries
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex, build_index
from extauthz.trust.crl.load import CrlError, load_crl
from extauthz.trust.crl.revoked_entry import NO_REASON, pack
from extauthz.trust.crl.structure import read_structure
from support import pki


def load_whole(data: bytes) -> None:
    here = world()
    try:
        crl = load_crl(data, [parse_certificate(here.root.der), parse_certificate(here.ca.der)])
    except CrlError:
        return
    # What is signed must be what was signed; the wrapping of the signature (unused bits of a BIT STRING) may differ.
    if x509.load_der_x509_crl(data).tbs_certlist_bytes not in _signed_crl_contents():
        raise BrokenPromiseError(f"a changed CRL of {crl.issuer_dn} was accepted")


@lru_cache(maxsize=1)
def crls() -> tuple[bytes, ...]:
    here = world()
    return (
        here.ca.crl([]),
        here.ca.crl([here.leaves[0], (5, "keyCompromise"), (-7, "certificateHold")], number=7),
        here.root.crl([here.ca], next_update=None, number=None),
        here.ca.crl([(here.leaves[0], "removeFromCRL"), 6], number=9, base_number=7, freshest=["http://crl.example/d"]),
        here.ca.crl(
            [1, pki.listed(2, issuer=here.root.name), 3, pki.listed(4, "superseded", issuer=here.ca.name)],
            scope=pki.scope(full_names=["http://crl.example/1", here.root.name], indirect=True, only_user_certs=True),
        ),
        here.ca.crl(
            [pki.listed(number, date=pki.FAR if number % 7 == 0 else pki.NOW) for number in range(40)],
            scope=pki.scope(reasons=["keyCompromise", "aACompromise"]),
        ),
    )


@lru_cache(maxsize=1)
def _signed_crl_contents() -> frozenset[bytes]:
    return frozenset(x509.load_der_x509_crl(der).tbs_certlist_bytes for der in crls())


def read_content(data: bytes) -> None:
    """Without a signature, so that what is behind it meets hostile bytes too."""
    try:
        head = read_head(data)
        structure = read_structure(memoryview(data))
        raw = read_entries(
            memoryview(data),
            structure.entries_start,
            structure.entries_end,
            own=head.issuer_key,
            indirect=head.scope.indirect,
            delta=head.base_number is not None,
        )
        entries = list(raw)
    except ValueError:  # CrlError, and what a list is refused with
        return
    if read_head(head.skeleton).skeleton != head.skeleton:
        raise BrokenPromiseError("a skeleton is not its own")
    try:
        theirs = [entry.serial_number for entry in x509.load_der_x509_crl(data)]
    except ValueError:  # it looks into extensions that change nothing
        theirs = None
    if theirs is not None and theirs != [int.from_bytes(serial, signed=True) for serial, _, _ in entries]:
        raise BrokenPromiseError(f"the library reads other entries: {theirs}")
    index = CrlIndex(build_index(entries))
    for serial, _, issuer in entries:
        if index.find(int.from_bytes(serial, signed=True), issuer) is None:
            raise BrokenPromiseError(f"{serial.hex()} of {issuer} is lost")


def read_index(data: bytes) -> None:
    try:
        index = CrlIndex(data)
    except ValueError:
        return
    for serial in (0, 1, 5, -7, 1 << 64):
        for issuer in (None, NameKey("other")):
            with suppress(ValueError):  # damaged records
                index.find(serial, issuer)


@lru_cache(maxsize=1)
def indices() -> tuple[bytes, ...]:
    entries: list[RawEntry] = [(bytes((number,)), pack(NO_REASON, b"20260504030201"), None) for number in range(100)]
    foreign: list[RawEntry] = [
        (bytes((1, number)), pack(1, b"20260504030201"), NameKey("other")) for number in range(100)
    ]
    return build_index([]), build_index(entries), build_index(entries + foreign)


def targets() -> tuple[Target, ...]:
    """Return the targets of this theme."""
    return (
        Target("crl", crls(), load_whole),
        Target("crl_content", crls(), read_content),
        Target("crl_index", indices(), read_index),
    )
