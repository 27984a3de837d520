"""Hostile files end with a clear error, soon, and whatever bytes a proxy takes are read."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from extauthz.doctor.bounded import DEEPEST, bounded
from extauthz.doctor.budget import Budget
from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.read_files import read_documents, read_included
from support import doctor_caddy, doctor_haproxy, doctor_nginx, doctor_traefik
from support.config_site import Site
from support.doctor import Json, codes, findings, write

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("matcher: &a {inner: *a}\n", "contains itself by an alias"),
        ("items: &a [*a]\n", "contains itself by an alias"),
        (BOMB, "has more than 500000 values; what its aliases stand for counts too"),
        ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, DEEPEST + 1)), "nested more than"),
    ],
)
def test_aliases_that_never_end_or_not_soon_are_refused(tmp_path: Path, text: str, why: str) -> None:
    path = write(tmp_path / "a.yaml", text)
    with pytest.raises(UnreadableError, match=why) as caught:
        read_documents(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(("name", "form"), [("a.json", '{"x": %s}'), ("a.toml", "x = %s")])
def test_levels_are_counted_in_every_form(tmp_path: Path, name: str, form: str) -> None:
    deep = DEEPEST - 1
    assert read_documents(write(tmp_path / name, form % ("[" * deep + "1" + "]" * deep)))[0]["x"].given
    with pytest.raises(UnreadableError, match="nested more than"):
        read_documents(write(tmp_path / name, form % ("[" * DEEPEST + "1" + "]" * DEEPEST)))


def test_what_stands_there_twice_is_fine() -> None:
    shared: list[Json] = [1]
    assert bounded({"a": shared, "b": [shared, {}]}, "x", most=8) == {"a": [1], "b": [[1], {}]}


def test_a_budget_ends() -> None:
    budget = Budget(2, "a.json")
    budget.spend(2)
    with pytest.raises(UnreadableError, match=r"a\.json takes more than 2 steps"):
        budget.spend()


def test_what_is_included_is_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="is not a regular file"):
        read_included(tmp_path / "pipe", 10)
    with pytest.raises(UnreadableError, match="No such file"):
        read_included(tmp_path / "none", 10)


def test_nginx_includes_no_pipe(site: Site, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = write(tmp_path / "nginx.conf", f"include pipe;\n{doctor_nginx.FINE}")
    with pytest.raises(UnreadableError, match="is not a regular file"):
        findings(site, Given(nginx=path), doctor_nginx.HTTP)


@pytest.mark.parametrize("text", ["http { location { } }", "http { upstream { } }", "error_page;"])
def test_nginx_directives_without_words_are_refused_with_their_line(site: Site, tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "nginx.conf", f"\n{text}")
    with pytest.raises(UnreadableError, match=r"nginx\.conf:2: .*has nothing behind it"):
        findings(site, Given(nginx=path), doctor_nginx.HTTP)


@pytest.mark.parametrize("comment", [b"# f\xfcr\n", b"# \xef\xbb\xbf\n", "# für\n".encode()])
def test_comments_in_any_bytes_are_skipped(site: Site, tmp_path: Path, comment: bytes) -> None:
    nginx, haproxy = tmp_path / "nginx.conf", tmp_path / "haproxy.cfg"
    nginx.write_bytes(comment + doctor_nginx.FINE.encode())
    assert findings(site, Given(nginx=nginx), doctor_nginx.HTTP) == []
    haproxy.write_bytes(comment + doctor_haproxy.FINE.encode())
    assert findings(site, Given(haproxy=[haproxy]), doctor_haproxy.HTTP) == []


def test_an_expression_in_any_bytes_removes_nothing(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_bytes(doctor_haproxy.FINE.encode().replace(b"del-header ^x", b"del-header ^\xfcx"))
    assert codes(findings(site, Given(haproxy=[path]), doctor_haproxy.HTTP)) == [Code.HAPROXY_IDENTITY_FORGEABLE]


def test_thousands_of_rules_are_looked_at_once(site: Site, tmp_path: Path) -> None:
    """With each rule held against each other one this takes minutes."""
    rule = "    http-request deny if { src 10.0.0.1 }\n"
    text = doctor_haproxy.FINE.replace("    default_backend", rule * 20_000 + "    default_backend")
    path = write(tmp_path / "haproxy.cfg", text)
    assert findings(site, Given(haproxy=[path]), doctor_haproxy.HTTP) == []


def _traefik(site: Site, tmp_path: Path, it: Json) -> Sequence[Code]:
    return codes(findings(site, Given(traefik=[write(tmp_path / "a.json", json.dumps(it))]), doctor_traefik.HTTP))


def test_a_chain_that_names_itself_often_is_refused(site: Site, tmp_path: Path) -> None:
    it = doctor_traefik.fine()
    it["http"]["middlewares"]["again"] = {"chain": {"middlewares": ["again"] * 10}}
    it["http"]["routers"]["app"]["middlewares"].append("again")
    with pytest.raises(UnreadableError, match="the configuration of Traefik takes more than"):
        _traefik(site, tmp_path, it)


def test_a_service_that_names_itself_often_is_looked_at_once(site: Site, tmp_path: Path) -> None:
    it = doctor_traefik.fine()
    it["http"]["services"] = {"app": {"weighted": {"services": [{"name": "app"}] * 10}}}
    assert _traefik(site, tmp_path, it) == []


def test_a_named_route_that_invokes_itself_often_is_refused(site: Site, tmp_path: Path) -> None:
    it = doctor_caddy.fine()
    invoke = {"handler": "invoke", "name": "again"}
    doctor_caddy.server(it)["named_routes"] = {"again": {"handle": [invoke] * 3}}
    doctor_caddy.server(it)["routes"].append({"handle": [invoke]})
    path = write(tmp_path / "caddy.json", json.dumps(it))
    with pytest.raises(UnreadableError, match=r"caddy\.json takes more than"):
        findings(site, Given(caddy=path), doctor_caddy.HTTP)
