"""What processes have resident, as the kernel counts it."""

from pathlib import Path


def resident(pid: int | str = "self") -> float:
    """Return the resident memory of a process in MiB; pages that it shares count by their part (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell the resident memory")


def peak(pid: int) -> float:
    """Return the most that a process has had resident so far, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell the peak memory")


def resident_family(root: int) -> float:
    """Return what a process and all below it take, in MiB, files in memory included whether looked at or not.

    A page of such a file that is resident somewhere counts twice, so this is rather too much. A process that ends
    meanwhile counts nothing.
    """
    files: dict[str, int] = {}
    return _family(root, files) + sum(files.values()) / (1 << 20)


def _family(root: int, files: dict[str, int]) -> float:
    try:
        for line in Path(f"/proc/{root}/maps").read_text().splitlines():
            if "memfd:" in line:
                addresses, _, _, _, inode, *_ = line.split()
                first, _, last = addresses.partition("-")
                files[inode] = int(last, 16) - int(first, 16)
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
        return resident(root) + sum(_family(int(child), files) for child in children)
    except (OSError, RuntimeError):
        return 0.0
