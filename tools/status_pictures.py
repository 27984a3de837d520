"""Take the pictures of the status page that the docs show, of a running service, in both schemes.

``make pictures-status`` runs it. The pictures have a palette, which makes them a third as large.
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

from support.browser import Browser, Scheme
from support.status_site import showcase

DOCS: Final = Path(__file__).parent.parent / "docs"
WIDTH: Final = 1280
COLOURS: Final = 200
MOST_BYTES: Final = 200_000
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


def main() -> None:
    """Write both pictures."""
    with tempfile.TemporaryDirectory(prefix="extauthz-pictures-") as name:
        folder = Path(name)
        with showcase(folder) as service, Browser(folder) as browser:
            for scheme in SCHEMES:
                page = browser.open(f"http://{service.admin_address}/status", scheme=scheme, width=WIDTH)
                page.resize(WIDTH, page.evaluate("document.documentElement.scrollHeight"))
                picture = DOCS / f"status-{scheme}.png"
                picture.write_bytes(_with_palette(page.screenshot()))
                print(picture)
                if picture.stat().st_size >= MOST_BYTES:
                    sys.exit(f"{picture} has more than {MOST_BYTES:,} bytes")


def _with_palette(png: bytes) -> bytes:
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()


if __name__ == "__main__":
    main()
