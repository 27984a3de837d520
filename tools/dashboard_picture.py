"""Draw docs/dashboard.png: the panels of the dashboard, with what a real Prometheus answers to their queries.

Two pods, an Envoy before them and mixed traffic run for SECONDS; a configuration that cannot be used comes and goes on
the way. The layout is the dashboard's, the colours are not Grafana's. The tests' support must be importable.
"""

import tempfile
import time
from pathlib import Path
from typing import Final

from dashboard_drawing import draw

from support.fleet import Fleet

_ROOT: Final = Path(__file__).parent.parent
SECONDS: Final = 60.0
PODS: Final = 2
BROKEN_SECONDS: Final = 8.0
"""How long the configuration that cannot be used is there."""
PICTURE: Final = _ROOT / "docs" / "dashboard.png"


def main() -> None:
    """Start everything, wait, draw, end everything."""
    with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder), pods=PODS) as fleet:
        start = time.time()
        time.sleep(SECONDS / 2)
        fleet.break_configuration()
        time.sleep(BROKEN_SECONDS)
        fleet.mend_configuration()
        time.sleep(SECONDS / 2 - BROKEN_SECONDS)
        draw(fleet.prometheus, start, time.time(), PICTURE)
    print(f"{PICTURE.relative_to(_ROOT)}: {PICTURE.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
