"""``make test`` tests the wheel, not the checkout."""

import os
from pathlib import Path

import extauthz

CHECKOUT = Path(__file__).parents[3]


def test_package_under_test_is_the_installed_one_when_that_is_asked_for() -> None:
    from_checkout = Path(extauthz.__file__).parent == (CHECKOUT / "extauthz")
    assert not (from_checkout and "EXTAUTHZ_TEST_INSTALLED" in os.environ)


def test_package_is_marked_as_typed_and_brings_its_templates() -> None:
    home = Path(extauthz.__file__).parent
    assert (home / "py.typed").is_file()
    assert (home / "demo" / "templates" / "envoy.yaml").is_file()
