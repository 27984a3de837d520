"""docs/proxies.md and the examples name what the program has: the table, every dialect, every identity header."""

import re
from pathlib import Path

import pytest
from proxy_table import DATA, PAGES, capabilities, with_place, written

from extauthz.headers import DEFAULT_PREFIX, EMITTED
from extauthz.wire.http.dialect import Dialect
from support.proxies.example import EXAMPLES

PAGE = DATA.with_suffix(".md")
EVERY = {DEFAULT_PREFIX + suffix for suffix in EMITTED}


def test_the_page_has_a_place_for_the_table() -> None:
    assert PAGE in with_place()


@pytest.mark.parametrize("page", with_place(), ids=lambda page: str(page.name))
def test_the_table_is_that_of_the_file(page: Path) -> None:
    assert page in PAGES
    assert page.read_text(encoding="utf-8") == written(page)


def test_every_value_of_a_column_is_used() -> None:
    content = capabilities()
    for key, column in content["columns"].items():
        assert {proxy[key] for proxy in content["proxies"].values()} == set(column["values"]), key


def test_every_dialect_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert {one.value for one in Dialect} == set(re.findall(r"`dialect: (\w+)`", text))


def test_nginx_takes_over_every_identity_header_and_no_other() -> None:
    text = (EXAMPLES / "nginx" / "extauthz-identity.conf").read_text()
    answered = re.findall(
        r"^auth_request_set \$extauthz_(\w+) \$upstream_http_x_client_cert_(\w+);$", text, re.MULTILINE
    )
    assert all(variable == name for variable, name in answered)
    handed_on = re.findall(r"^proxy_set_header (X-Client-Cert-\S+) \$extauthz_(\w+);$", text, re.MULTILINE)
    assert [name.lower() for name, _ in handed_on] == [DEFAULT_PREFIX + suffix for suffix in EMITTED]
    assert [variable.replace("_", "-") for _, variable in handed_on] == list(EMITTED)
    assert [name.replace("_", "-") for name, _ in answered] == list(EMITTED)


def test_caddy_takes_over_every_identity_header_and_no_other() -> None:
    text = (EXAMPLES / "caddy" / "Caddyfile").read_text()
    found = re.search(r"copy_headers \{([^}]*)\}", text)
    assert found is not None
    assert {name.lower() for name in found[1].split()} == EVERY
