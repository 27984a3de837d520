"""The PIV interim indicator, once called NACI indicator (FIPS 201-2 appendix B.2; FIPS 201-3 deprecates it).

The extension 2.16.840.1.101.3.6.9.1 is a BOOLEAN: TRUE says that the card was issued before the holder's background
investigation had been completed. It tells what was so on the day of issue.
"""

from typing import Final

from extauthz.identity import der

PIV_INTERIM_EXTENSION: Final = "2.16.840.1.101.3.6.9.1"

_BOOLEAN: Final = 0x01
_VALUES: Final = {b"\x00": False, b"\xff": True}
"""DER has one octet for each (X.690 §11.1)."""


def piv_interim(extension: bytes | None) -> tuple[bool | None, str | None]:
    """Return the indicator, or None without one; and a warning if it cannot be read."""
    if extension is None:
        return None, None
    try:
        return _VALUES[der.sole_element(extension, _BOOLEAN)], None
    except (ValueError, KeyError):
        return None, "piv_interim: not a BOOLEAN"
