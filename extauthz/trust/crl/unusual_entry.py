"""Reading one entry of any form, or refusing it (RFC 5280 §5.1.2.6, §5.3)."""

from typing import Final, NamedTuple

from extauthz.identity.der import OCTET_STRING, OID, SEQUENCE, element
from extauthz.identity.names import NameKey
from extauthz.trust.crl.lone_name import read_lone_name
from extauthz.trust.crl.revoked_entry import NO_REASON, REASON_NAMES, date_of, pack
from extauthz.trust.crl.structure import INTEGER, expect

_BOOLEAN, _ENUMERATED, _UTC_TIME, _GENERALIZED_TIME, _DIRECTORY_NAME = 0x01, 0x0A, 0x17, 0x18, 0xA4
_SIGN_BIT: Final = 0x80
_REASON_CODE: Final = bytes.fromhex("551d15")  # 2.5.29.21
_INVALIDITY_DATE: Final = bytes.fromhex("551d18")  # 2.5.29.24: when the key was lost; changes nothing here
_CERTIFICATE_ISSUER: Final = bytes.fromhex("551d1d")  # 2.5.29.29
_PROCESSED: Final = frozenset({_REASON_CODE, _INVALIDITY_DATE, _CERTIFICATE_ISSUER})
_REASON_HEADER: Final = bytes((_ENUMERATED, 1))
_REMOVE_FROM_CRL: Final = 8
_FORMS: Final = {_UTC_TIME: len("YYMMDDHHMMSSZ"), _GENERALIZED_TIME: len("YYYYMMDDHHMMSSZ")}
_PIVOT_YEAR: Final = b"50"
"""RFC 5280 §4.1.2.5.1: a two-digit year from here on is in the 1900s."""
_MAX_SERIAL_OCTETS: Final = 127
"""RFC 5280 §4.1.2.2 allows 20. Longer ones occur; up to here the length has one octet."""
_REMEMBERED: Final = 10_000
"""Different extension blocks that are kept while one CRL is read: most recur, so each is read once."""

_Entry = tuple[bytes, bytes, NameKey | None]


class _Said(NamedTuple):
    """What the extensions of an entry say."""

    reason: int = NO_REASON
    unknown_critical: bool = False
    issuer: NameKey | None = None
    """certificateIssuer, None without one."""


class UnusualEntries:
    """Reads the entries of one CRL."""

    def __init__(self, own: NameKey, *, indirect: bool, delta: bool) -> None:
        self._own = own
        self._indirect = indirect
        self._delta = delta
        self._remembered: dict[bytes, _Said] = {b"": _Said()}

    def read(self, data: memoryview, at: int, end: int, issuer: NameKey | None) -> tuple[int, NameKey | None, _Entry]:
        """Read the entry at ``at``: where the next one is, the certificate issuer of that, and the entry.

        ``issuer``: the certificate issuer of the entry before, None for the CRL's own. ValueError says what is wrong.
        """
        start, stop = expect(SEQUENCE, data, at, end)
        serial_at, date_at = expect(INTEGER, data, start, stop)
        serial = bytes(data[serial_at:date_at])
        if not 1 <= len(serial) <= _MAX_SERIAL_OCTETS:
            raise ValueError("an entry has no usable serial number")
        if len(serial) > 1 and serial[0] == (0xFF if serial[1] & _SIGN_BIT else 0):
            raise ValueError("a serial number is not in its shortest form")
        tag, digits_at, block_at = element(data, date_at, stop)
        if block_at - digits_at != _FORMS.get(tag):
            raise ValueError("an entry has no usable revocation date")
        digits = _digits(bytes(data[digits_at:block_at]))
        said = self._said(bytes(data[block_at:stop]))
        if said.issuer is not None:
            # Named or not, the CRL's own issuer is the same one.
            issuer = None if said.issuer == self._own else said.issuer
        return stop, issuer, (serial, pack(said.reason, digits, unknown_critical=said.unknown_critical), issuer)

    def _said(self, block: bytes) -> _Said:
        said = self._remembered.get(block)
        if said is None:
            said = self._read_extensions(block)
            if len(self._remembered) < _REMEMBERED:
                self._remembered[block] = said
        return said

    def _read_extensions(self, block: bytes) -> _Said:
        """Read crlEntryExtensions, the whole element."""
        at, end = expect(SEQUENCE, block, 0, len(block))
        if end != len(block) or at == end:
            raise ValueError("an entry has something other than extensions after its date")
        values: dict[bytes, bytes] = {}
        unknown_critical = False
        while at < end:
            start, at = expect(SEQUENCE, block, at, end)
            oid, critical, value = _read_extension(block, start, at)
            if oid in values:
                raise ValueError("an entry has the same extension twice")
            values[oid] = value
            unknown_critical |= critical and oid not in _PROCESSED
        reason, issuer = values.get(_REASON_CODE), values.get(_CERTIFICATE_ISSUER)
        return _Said(
            NO_REASON if reason is None else self._reason_code(reason),
            unknown_critical,
            None if issuer is None else self._certificate_issuer(issuer),
        )

    def _reason_code(self, value: bytes) -> int:
        if len(value) != len(_REASON_HEADER) + 1 or not value.startswith(_REASON_HEADER):
            raise ValueError("an entry has a malformed reason code")
        code = value[-1]
        if code not in REASON_NAMES:
            raise ValueError(f"an entry has the reason code {code}, which RFC 5280 does not know")
        if code == _REMOVE_FROM_CRL and not self._delta:
            raise ValueError("an entry has the reason removeFromCRL, which only a delta CRL may hold")
        return code

    def _certificate_issuer(self, value: bytes) -> NameKey:
        """RFC 5280 §5.3.3: "MUST include in this extension the distinguished name (DN) from the issuer field"."""
        if not self._indirect:
            raise ValueError("an entry names another certificate issuer, which only an indirect CRL may do")
        at, end = expect(SEQUENCE, value, 0, len(value))
        if end != len(value):
            raise ValueError("an entry has a malformed certificate issuer")
        names = []
        while at < end:
            tag, start, at = element(value, at, end)
            if tag == _DIRECTORY_NAME:
                names.append(value[start:at])
        reading = read_lone_name(names[0]) if len(names) == 1 else None
        if reading is None:
            raise ValueError("an entry does not name its certificate issuer by one distinguished name")
        return reading.key


def _digits(text: bytes) -> bytes:
    """Return YYYYMMDDHHMMSS of a Time that has the right length."""
    digits = text[:-1]
    if not digits.isdigit() or text[-1:] != b"Z":
        raise ValueError("a revocation date is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ")
    if len(digits) == len("YYMMDDHHMMSS"):
        digits = (b"19" if digits[:2] >= _PIVOT_YEAR else b"20") + digits
    try:
        date_of(digits.decode())
    except ValueError as error:
        raise ValueError(f"a revocation date is not in the calendar: {error}") from error
    return digits


def _read_extension(block: bytes, start: int, stop: int) -> tuple[bytes, bool, bytes]:
    """Return OID, whether it is critical, and value."""
    oid_start, oid_stop = expect(OID, block, start, stop)
    tag, value_start, value_stop = element(block, oid_stop, stop)
    critical = tag == _BOOLEAN
    if critical:
        if block[value_start:value_stop] != b"\xff":
            raise ValueError("an entry extension is critical or not in another form than DER")
        tag, value_start, value_stop = element(block, value_stop, stop)
    if tag != OCTET_STRING or value_stop != stop:
        raise ValueError("an entry extension has no value")
    return block[oid_start:oid_stop], critical, block[value_start:value_stop]
