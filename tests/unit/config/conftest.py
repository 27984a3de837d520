from pathlib import Path

import pytest

from support.config_site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a directory with a PKI and room for a configuration file, new for each test."""
    return Site(tmp_path)
