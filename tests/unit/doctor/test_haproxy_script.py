"""Where the script of HAProxy asks."""

from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.haproxy.script import Question, questions
from extauthz.doctor.haproxy.view import read_haproxy
from support.config_site import Site
from support.doctor import codes, findings, write
from support.doctor_haproxy import FINE, HTTP

SCRIPT: Final = """\
-- Not where it asks: "http://127.0.0.1:1/other".
--[[ Nor here:
"http://127.0.0.1:2/other" ]]
local CHECK = '%s'
local AGENT = "not \\"http://a\\""
core.register_action("extauthz", { "http-req" }, function(txn) end)
"""
CHECK: Final = "http://127.0.0.1:9192/check"
TLS: Final = "tls: {cert: pki/leaf.pem, key: pki/leaf.key%s}"


def listening(more: str = "") -> dict[str, str]:
    listen = "listen: {http: {dialect: haproxy, callers: {addresses: [127.0.0.1]}%s}}"
    return {**HTTP, "listen": listen % (f", {more}" if more else "")}


def haproxy(directory: Path, script: str | None, text: str = FINE) -> Given:
    if script is not None:
        write(directory / "extauthz.lua", script)
    return Given(haproxy=[write(directory / "haproxy.cfg", text)])


@pytest.mark.parametrize(
    ("url", "finds"),
    [
        (CHECK, []),
        ("http://127.0.0.1:9192/check/haproxy?a=b", []),
        ("http://127.0.0.1:9191/check", [Code.CONFIG_ASKED_ELSEWHERE]),
        ("http://extauthz.tools/check", [Code.CONFIG_ASKED_AT_OTHER_PORT]),
        ("http://127.0.0.1:9192/other", [Code.HAPROXY_OTHER_PREFIX]),
        ("http://127.0.0.1:9192", [Code.HAPROXY_OTHER_PREFIX]),
        ("https://127.0.0.1:9192/check", [Code.CONFIG_ASKED_WITH_TLS]),
    ],
)
def test_the_url_in_the_script_leads_to_the_listener(site: Site, tmp_path: Path, url: str, finds: list[Code]) -> None:
    assert codes(findings(site, haproxy(tmp_path, SCRIPT % url), HTTP)) == finds


@pytest.mark.parametrize(
    ("url", "ca", "finds"),
    [
        (CHECK, "", [Code.CONFIG_ASKED_WITHOUT_TLS]),
        ("https://127.0.0.1:9192/check", "", []),
        ("https://127.0.0.1:9192/check", ", client_ca: pki/root.pem", [Code.CONFIG_ASKED_WITHOUT_CERTIFICATE]),
    ],
)
def test_the_http_client_of_haproxy_has_no_certificate(
    site: Site, tmp_path: Path, url: str, ca: str, finds: list[Code]
) -> None:
    assert codes(findings(site, haproxy(tmp_path, SCRIPT % url), listening(TLS % ca))) == finds


def test_the_finding_has_the_line_in_the_script(site: Site, tmp_path: Path) -> None:
    (found,) = findings(site, haproxy(tmp_path, SCRIPT % "http://127.0.0.1:9192/a"), HTTP)
    assert (found.file, found.line) == (str(tmp_path / "extauthz.lua"), 4)
    assert found.detail == "/a, not /check"


def asked(directory: Path, script: str | None, text: str = FINE) -> list[Question]:
    return list(questions(read_haproxy(haproxy(directory, script, text).haproxy)))


def test_the_script_of_a_thread_is_read_too(tmp_path: Path) -> None:
    text = FINE.replace("lua-load ", "lua-load-per-thread ")
    (found,) = asked(tmp_path, SCRIPT % CHECK, text)
    assert found.url == CHECK


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (None, FINE),
        (SCRIPT % CHECK, FINE.replace("    lua-load extauthz.lua\n", "    lua-load\n")),
        (SCRIPT % CHECK, FINE.replace("lua.extauthz", "lua.other-auth")),
        (SCRIPT % CHECK + 'local OTHER = "http://127.0.0.1:1/"\n', FINE),
        (SCRIPT % CHECK, FINE.replace("lua.extauthz", "send-spoe-group ask-auth all")),
        (SCRIPT % "", FINE),
        ((SCRIPT % CHECK).replace(CHECK, "http:"), FINE),
    ],
    ids=["not there", "not named", "of another action", "of no action", "two URLs", "no URL", "half a URL"],
)
def test_nothing_is_said_where_it_is_not_plain(tmp_path: Path, script: str | None, text: str) -> None:
    assert asked(tmp_path, script, text) == []
