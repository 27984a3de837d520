"""How much a source reads. Each bound is checked before the work that it bounds."""

from typing import Final

MAX_TEXT_LENGTH: Final = 128 * 1024
"""Characters of one encoded value (a whole XFCC header with all its lines, ``source.certificate``, a PEM text).

Envoy takes 60 KiB of request headers by default. A certificate of the largest size needs 90 KiB as percent-encoded
PEM, so this leaves room for it and its issuer, and no room to make the decoder work for long.
"""

MAX_CERTIFICATE_BYTES: Final = 64 * 1024
"""DER of one certificate. Certificates in use have 1 to 3 KB; smart cards hold at most about 2 KB."""

MAX_CHAIN_CERTIFICATES: Final = 16
"""Certificates in one PEM text, the leaf included. Real chains have two to five; path building tries each one."""

MAX_XFCC_ELEMENTS: Final = 16
"""Elements of an XFCC header: one for each proxy on the way."""

MAX_XFCC_PAIRS: Final = 2048
"""``key=value`` pairs in all elements together. A certificate of 1,000 names, the most that is read, has as many."""
HINT_CHARACTERS: Final = 160
"""Of a source's material, to find a kept judgement by: to hash all of a chain takes as long as all the rest."""
