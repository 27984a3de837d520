"""``make fuzz``: mutate valid input for a while; stop at the first promise that breaks and show how to repeat it.

tests/fuzz/run.py --seconds 600 [--target xfcc] [--seed 7]
tests/fuzz/run.py --target xfcc --input crash.bin
"""

import argparse
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.targets import targets
from fuzz.world import Target

SLOWEST = 2.0
"""Seconds that one input may take. Far above any honest case; a stall is a finding too."""


def attempt(target: Target, data: bytes) -> str | None:
    """Run one input. Return what went wrong, or None."""
    started = time.perf_counter()
    try:
        target.run(data)
    except BaseException:  # noqa: BLE001  (whatever comes out is what we are looking for)
        return traceback.format_exc()
    taken = time.perf_counter() - started
    return f"took {taken:.1f} s" if taken > SLOWEST else None


def fuzz(chosen: tuple[Target, ...], seconds: float, seed: int) -> int:
    """Fuzz the targets in turn until the time is over. Return the number of findings (0 or 1)."""
    rng = random.Random(seed)
    deadline = time.monotonic() + seconds
    counts = dict.fromkeys((target.name for target in chosen), 0)
    while time.monotonic() < deadline:
        for target in chosen:
            data = target.mutate(rng, target.corpus)
            counts[target.name] += 1
            problem = attempt(target, data)
            if problem is not None:
                file = Path(f"fuzz-{target.name}.log")
                file.write_bytes(data)
                sys.stderr.write(f"{problem}\nfound after {counts[target.name]} inputs with seed {seed}\n")
                sys.stderr.write(f"again: tests/fuzz/run.py --target {target.name} --input {file}\n")
                return 1
    sys.stdout.write(f"nothing found; seed {seed}; inputs: {counts}\n")
    return 0


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--target")
    parser.add_argument("--input", type=Path)
    arguments = parser.parse_args()
    chosen = tuple(target for target in targets() if arguments.target in {None, target.name})
    if not chosen:
        parser.error(f"no target {arguments.target!r}")
    if arguments.input is not None:
        problem = attempt(chosen[0], arguments.input.read_bytes())
        sys.stderr.write(f"{problem or 'nothing found'}\n")
        return problem is not None
    return fuzz(chosen, arguments.seconds, arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
