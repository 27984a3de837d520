"""The host that a policy is chosen by: one form for the many spellings of an authority.

Port, letter case and a trailing dot do not change which site is meant, so they are dropped. Anything that two
programs could read as two hosts is refused.
"""

import re

from extauthz.model.errors import DecodeError
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason

_NAME_AND_PORT = re.compile(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\.?(?::[0-9]{0,5})?")
_ADDRESS_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def normal_host(authority: str) -> str:
    """Return the host of an authority in lower case, without port and without one trailing dot.

    Raises DecodeError(HOST_AMBIGUOUS) for user information, percent-encoding, white space, control and non-ASCII
    characters, several colons, empty labels, or no host at all: what one program cuts here, another cuts there.
    """
    match = _NAME_AND_PORT.fullmatch(authority) or _ADDRESS_AND_PORT.fullmatch(authority)
    if match is None:
        # User information holds passwords, and details are logged.
        shown = quoted(authority.rpartition("@")[2])
        raise DecodeError(Reason.HOST_AMBIGUOUS, f"the host {shown} can be read in more than one way")
    return match.group(1).lower()
