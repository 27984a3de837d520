"""Files without a name, for what is on its way from one place to another."""

import os
import tempfile
from typing import BinaryIO


def scratch_file(name: str = "extauthz") -> BinaryIO:
    """Return an empty file that vanishes with its last descriptor: in memory, or in the temporary directory.

    In memory where the system can (Linux), since a container's file system may be read-only. OSError when there is no
    room for one.
    """
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")  # noqa: PTH123  (a descriptor, which the caller closes)
    return tempfile.TemporaryFile()
