"""How many connections one listener takes."""

import resource

from extauthz.transport.limits import MAX_CONNECTIONS, SPARE_FILES


def room() -> int:
    """Return it: what is reasonable, or fewer where the process may open fewer files."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, files - SPARE_FILES))
