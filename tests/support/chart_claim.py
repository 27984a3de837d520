"""A volume claim on this machine, and what the kubelet does to it for ``fsGroup`` before each start of its pod.

https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ has both policies. Our own group stands for
that of the pod.
"""

import os
import stat
from pathlib import Path
from typing import Final

ON_ROOT_MISMATCH: Final = "OnRootMismatch"
ALWAYS: Final = "Always"
FILE: Final = 0o660
DIRECTORY: Final = 0o770 | stat.S_ISGID


def attach(claim: Path, policy: str) -> None:
    """Make the volume if it is a new one, and let the group write what is in it, as the policy says."""
    if not claim.exists():
        claim.mkdir(parents=True)
        claim.chmod(0o755)  # as a new file system has it
        (claim / "lost+found").mkdir(mode=0o700)
    if policy == ON_ROOT_MISMATCH and _as_it_should_be(claim):
        return
    for directory, _, files in os.walk(claim, topdown=False):  # the root is the last one
        for name in files:
            _add(Path(directory, name), FILE)
        _add(Path(directory), DIRECTORY)


def _as_it_should_be(claim: Path) -> bool:
    status = claim.stat()
    return status.st_gid == os.getgid() and status.st_mode & DIRECTORY == DIRECTORY


def _add(path: Path, mode: int) -> None:
    os.chown(path, -1, os.getgid(), follow_symlinks=False)
    if not path.is_symlink():
        path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)
