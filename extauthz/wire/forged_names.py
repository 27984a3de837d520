"""Header names of a request that an upstream may take for a header of ours."""

import re
from collections.abc import Collection

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

MAX_UNDERSCORED_HEADERS = 128
"""Names that may be an identity header in another spelling. Each of them costs work here and a removal at the proxy;
Envoy forwards at most 100 headers unless told otherwise, so only a strange caller ever gets here."""

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
"""RFC 9110 §5.6.2 ``token``, lower case."""
_ALIAS = re.compile(r"[!#$%&'*+.^_`|~]")
"""Signs of a field name (RFC 9110 §5.6.2) that a server may take for a ``-``."""


def forgery_candidates(names: Collection[str], prefix: str) -> tuple[str, ...]:
    """Return, lower case and in order, the names that may be a managed header in its own or in another spelling.

    Each may become an instruction to the proxy to remove it, so each must be a name, and there must not be too many.
    The other names go nowhere. Raises ``DecodeError``: ``request_malformed``, ``request_too_large``.
    """
    text = "\n".join(names)
    if not text.isascii():  # str.lower() makes an ASCII k of a Kelvin sign: no such name may pass for another
        raise DecodeError(Reason.REQUEST_MALFORMED, "a header name that is not ASCII")
    text = text.lower()
    if _ALIAS.search(text) is None and prefix not in text:  # the usual request: two searches in all, not for each name
        return ()
    lowered = {name.lower() for name in names}
    candidates = sorted(name for name in lowered if _ALIAS.search(name) or name.startswith(prefix))
    if len(candidates) > MAX_UNDERSCORED_HEADERS:
        detail = f"{len(candidates)} header names with _ or the managed prefix; at most {MAX_UNDERSCORED_HEADERS}"
        raise DecodeError(Reason.REQUEST_TOO_LARGE, detail)
    for name in candidates:
        if not _FIELD_NAME.fullmatch(name):
            raise DecodeError(Reason.REQUEST_MALFORMED, f"not a header name: {name[:64]!r}")
    return tuple(candidates)
