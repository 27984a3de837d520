from pathlib import Path

import pytest

from support.config_site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return what an operator has on disk."""
    return Site(tmp_path)
