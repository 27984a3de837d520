from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.nginx import read
from extauthz.doctor.nginx.parse import parse
from extauthz.doctor.nginx.read import read_nginx
from support.config_site import Site
from support.doctor import POLICY, Case, check, codes, findings, replaced, uncovered, write
from support.doctor_nginx import FINE, HTTP, LOCATION, SERVER, TO_UPSTREAM, case
from support.doctor_nginx_answers import ANSWERED
from support.doctor_nginx_ways import WAYS

NAMES_ONLY: Final = {"trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
OTHER_SOURCE: Final = {
    "listen": (
        "listen: {http: {dialect: nginx, callers: {addresses: [127.0.0.1]}, "
        "sources: [{type: base64_der, header: x-ssl-client-cert}]}}"
    )
}


def listening(address: str, callers: str = "127.0.0.0/8") -> dict[str, str]:
    """Return the sections of an extauthz that listens there and lets these ask."""
    http = f"{{address: '{address}', dialect: nginx, callers: {{addresses: ['{callers}']}}}}"
    return {"listen": f"listen: {{http: {http}}}"}


GROUP: Final = "http { upstream extauthz { zone a 64k; server 127.0.0.1:%d max_fails=1; server unix:/run/a.sock; }"
SENT_HOST: Final = "      proxy_set_header Host $http_host;\n"
ASK: Final = "      auth_request /_auth;\n"
SUBJECT: Final = "      proxy_set_header X-Client-Cert-Subject $subject;\n"
CLEARED: Final = '      proxy_set_header X-SSL-Client-Cert "";\n'
CERTIFICATE: Final = "proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;"
VERIFY: Final = "proxy_set_header X-SSL-Client-Verify $ssl_client_verify;"
HOST: Final = "proxy_set_header X-Original-Host $host;"
METHOD: Final = "proxy_set_header X-Original-Method $request_method;"
CHECK: Final = "http://127.0.0.1:9192/check"
URI: Final = "proxy_set_header X-Original-URI $request_uri;"

CASES: Final[dict[str, Case]] = {
    "asks nowhere": case(ASK, "", Code.NGINX_AUTH_REQUEST_MISSING, text="none in the file"),
    "does not ask everywhere": case(
        LOCATION,
        f"    location /open/ {{ proxy_pass http://127.0.0.1:8080; }}\n{LOCATION}",
        Code.NGINX_AUTH_REQUEST_MISSING,
        text="http > server > location /open/",
    ),
    "turns it off": case(
        LOCATION,
        f"    location /open/ {{ auth_request off; proxy_pass http://127.0.0.1:8080; }}\n{LOCATION}",
        Code.NGINX_AUTH_REQUEST_MISSING,
    ),
    "passes nothing on without asking": case(LOCATION, f"    location /open/ {{ return 204; }}\n{LOCATION}"),
    "asks for the whole server": Case(
        lambda text: replaced(replaced(text, ASK, ""), SERVER, f"{SERVER}    auth_request /_auth;\n"), (), HTTP
    ),
    "satisfied by any": case(ASK, f"      satisfy any;\n{ASK}", Code.NGINX_SATISFY_ANY),
    "satisfied by all": case(ASK, f"      satisfy all;\n{ASK}"),
    "certificate not set": case(CERTIFICATE, "", Code.NGINX_CERTIFICATE_FORGEABLE, text="x-ssl-client-cert is not set"),
    "certificate of the client": case(
        CERTIFICATE,
        "proxy_set_header X-SSL-Client-Cert $http_x_ssl_client_cert;",
        Code.NGINX_CERTIFICATE_FORGEABLE,
    ),
    "certificate not set and headers not passed": case(
        CERTIFICATE, "proxy_pass_request_headers off;", Code.NGINX_CERTIFICATE_NOT_PASSED
    ),
    "certificate in another form": case(
        CERTIFICATE, "proxy_set_header X-SSL-Client-Cert $ssl_client_cert;", Code.NGINX_CERTIFICATE_NOT_PASSED
    ),
    "certificate in another letter case": case(
        CERTIFICATE, "proxy_set_header x-ssl-client-cert $ssl_client_escaped_cert;"
    ),
    "verification not set": case(VERIFY, "", Code.NGINX_VERIFY_FORGEABLE),
    "verification made up": case(
        VERIFY, "proxy_set_header X-SSL-Client-Verify SUCCESS;", Code.NGINX_VERIFY_FORGEABLE, text="'SUCCESS'"
    ),
    "verification not set and headers not passed": case(
        VERIFY, "proxy_pass_request_headers off;", Code.NGINX_VERIFY_NOT_PASSED, text="x-ssl-client-verify is not set"
    ),
    "verification under another name": case(
        VERIFY,
        "proxy_pass_request_headers off; proxy_set_header X-Client-Verify $ssl_client_verify;",
        Code.NGINX_VERIFY_NOT_PASSED,
    ),
    "verification emptied": case(
        VERIFY, 'proxy_set_header X-SSL-Client-Verify "";', Code.NGINX_VERIFY_NOT_PASSED, text="is empty"
    ),
    "verification set and headers not passed": case(VERIFY, f"proxy_pass_request_headers off; {VERIFY}"),
    "verification in quotes": case(VERIFY, 'proxy_set_header "X-SSL-Client-Verify" "$ssl_client_verify";'),
    "request not set": case(URI, "", Code.NGINX_REQUEST_FORGEABLE, text="(x-original-uri is not set)"),
    "request of the client": case(
        URI, "proxy_set_header X-Original-URI $http_x_original_uri;", Code.NGINX_REQUEST_FORGEABLE
    ),
    "request's path of the question": case(
        URI, "proxy_set_header X-Original-URI $uri$is_args$args;", Code.NGINX_REQUEST_FORGEABLE
    ),
    "request's path in a variable of one's own": case(URI, "proxy_set_header X-Original-URI $original;"),
    "request's path in braces": case(URI, "proxy_set_header X-Original-URI ${request_uri};"),
    "request's path always the same": case(
        URI, "proxy_set_header X-Original-URI /;", Code.NGINX_REQUEST_FORGEABLE, text="x-original-uri is /"
    ),
    "request's method always the same": case(
        METHOD, "proxy_set_header X-Original-Method GET;", Code.NGINX_REQUEST_FORGEABLE
    ),
    "request's host of the header": case(
        HOST,
        "proxy_set_header X-Original-Host $http_host;",
        Code.NGINX_REQUEST_FORGEABLE,
        text="(x-original-host is $http_host)",
    ),
    "request's host of the header, and the same sent on": Case(
        lambda text: replaced(
            replaced(text, HOST, HOST.replace("$host", "$http_host")), TO_UPSTREAM, f"{SENT_HOST}{TO_UPSTREAM}"
        ),
        [Code.NGINX_OTHER_HOST, Code.NGINX_REQUEST_FORGEABLE],
        HTTP,
    ),
    "request's host of the handshake": case(
        HOST, "proxy_set_header X-Original-Host $ssl_server_name;", Code.NGINX_REQUEST_FORGEABLE
    ),
    "request's host of the server": case(HOST, "proxy_set_header X-Original-Host $server_name;"),
    "another host sent on": case(
        TO_UPSTREAM, f"{SENT_HOST}{TO_UPSTREAM}", Code.NGINX_OTHER_HOST, text="Host is $http_host"
    ),
    "the same host sent on": case(TO_UPSTREAM, f"      proxy_set_header Host $host;\n{TO_UPSTREAM}"),
    "one host sent on": case(TO_UPSTREAM, f"      proxy_set_header Host application.internal;\n{TO_UPSTREAM}"),
    "another path sent on": case(
        TO_UPSTREAM,
        "      proxy_pass http://127.0.0.1:8080/x/;\n",
        Code.NGINX_PATH_CHANGED,
        text="(proxy_pass http://127.0.0.1:8080/x/)",
    ),
    "another path sent on to a socket": case(
        TO_UPSTREAM, "      proxy_pass http://unix:/run/app.sock:/x/;\n", Code.NGINX_PATH_CHANGED
    ),
    "a socket": case(TO_UPSTREAM, "      proxy_pass http://unix:/run/app.sock;\n"),
    "the location's path sent on": case(TO_UPSTREAM, "      proxy_pass http://127.0.0.1:8080/;\n"),
    "the client's path sent on": case(TO_UPSTREAM, "      proxy_pass http://127.0.0.1:8080$request_uri;\n"),
    "rewritten": case(
        TO_UPSTREAM, f"      rewrite ^/a/(.*) /$1 break;\n{TO_UPSTREAM}", Code.NGINX_PATH_CHANGED, text="rewrite ^/a/"
    ),
    "rewritten in a condition": case(
        TO_UPSTREAM, f"      if ($arg_a) {{ rewrite ^ /x break; }}\n{TO_UPSTREAM}", Code.NGINX_PATH_CHANGED
    ),
    "rewritten in the server": case(SERVER, f"{SERVER}    rewrite ^/a/(.*) /$1;\n", Code.NGINX_PATH_CHANGED),
    "rewritten on the way from an open location": case(
        LOCATION, f"    location /open/ {{ auth_request off; rewrite ^ /x last; }}\n{LOCATION}", Code.NGINX_PATH_CHANGED
    ),
    "redirected": case(
        TO_UPSTREAM, f"      rewrite ^/a /b permanent; rewrite ^/c https://other.example/c;\n{TO_UPSTREAM}"
    ),
    "rewritten in another server": case(
        "  server {\n", "  server { location / { rewrite ^ /x break; return 204; } }\n  server {\n"
    ),
    "rewritten in the location that asks": case("      internal;\n", "      internal; rewrite ^ /check/x break;\n"),
    "identity header not set": case(SUBJECT, "", Code.NGINX_IDENTITY_FORGEABLE, text="(x-client-cert-subject)"),
    "identity header of another answer": case(
        SUBJECT,
        "      proxy_set_header X-Client-Cert-Subject $cn;\n",
        Code.NGINX_IDENTITY_FORGEABLE,
    ),
    "identity header of the client": case(
        SUBJECT,
        "      proxy_set_header X-Client-Cert-Subject $http_x_client_cert_subject;\n",
        Code.NGINX_IDENTITY_FORGEABLE,
    ),
    "identity header removed": case(SUBJECT, '      proxy_set_header X-Client-Cert-Subject "";\n'),
    "identity headers lost to an inner block": case(
        "      proxy_pass http://127.0.0.1:8080;\n",
        "      location /in/ { proxy_set_header X-A b; proxy_pass http://127.0.0.1:8080; }\n",
        Code.NGINX_CERTIFICATE_REACHES_UPSTREAM,
        Code.NGINX_IDENTITY_FORGEABLE,
        text="location / > location /in/",
    ),
    "identity headers inherited by an inner block": case(
        "      proxy_pass http://127.0.0.1:8080;\n",
        "      location /in/ { proxy_pass http://127.0.0.1:8080; }\n",
    ),
    "identity headers of FastCGI": case(
        "      proxy_pass http://127.0.0.1:8080;\n",
        "      fastcgi_pass 127.0.0.1:8080;\n",
        Code.NGINX_CERTIFICATE_REACHES_UPSTREAM,
        Code.NGINX_IDENTITY_FORGEABLE,
    ),
    "identity headers set for FastCGI": case(
        "      proxy_pass http://127.0.0.1:8080;\n",
        "      fastcgi_param HTTP_X_CLIENT_CERT_SUBJECT $subject; fastcgi_param HTTP_X_CLIENT_CERT_CN $cn;\n"
        '      fastcgi_param HTTP_X_SSL_CLIENT_CERT ""; fastcgi_pass 127.0.0.1:8080;\n',
    ),
    "certificate reaches the upstream": case(CLEARED, "", Code.NGINX_CERTIFICATE_REACHES_UPSTREAM),
    "certificate for the upstream": case(CLEARED, f"      {CERTIFICATE}\n"),
    "underscores": case(
        SERVER,
        f"{SERVER}    underscores_in_headers on;\n",
        Code.NGINX_UNDERSCORES,
        text="underscores_in_headers on",
    ),
    "invalid headers": case(SERVER, f"{SERVER}    ignore_invalid_headers off;\n", Code.NGINX_UNDERSCORES),
    "no underscores": case(SERVER, f"{SERVER}    underscores_in_headers off;\n"),
    "certificate not requested": case(
        "ssl_verify_client optional_no_ca;", "ssl_verify_client off;", Code.NGINX_CERTIFICATE_NOT_REQUESTED
    ),
    "certificate never mentioned": case("ssl_verify_client optional_no_ca;", "", Code.NGINX_CERTIFICATE_NOT_REQUESTED),
    "certificate verified": case("ssl_verify_client optional_no_ca;", "ssl_verify_client on;"),
    "untrusted accepted": case(
        "# extauthz verifies",
        "",
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        Code.NGINX_UNTRUSTED_ACCEPTED,
        sections={**OTHER_SOURCE, **NAMES_ONLY},
    ),
    "untrusted passed on and refused for what nginx says": case(
        "# extauthz verifies", "", Code.CONFIG_CHAIN_NOT_VERIFIED, sections=NAMES_ONLY
    ),
    "location missing": case(
        "auth_request /_auth;", "auth_request /_other;", Code.NGINX_AUTH_LOCATION_MISSING, text="/_other"
    ),
    "location by prefix": case("location = /_auth {", "location /_auth {"),
    "location that asks nobody": Case(
        lambda text: f"{text.partition('    location = /_auth')[0]}    location = /_auth {{ internal; }}\n  }}\n}}\n",
        [
            Code.NGINX_AUTH_LOCATION_MISSING,
            Code.NGINX_BODY_FORWARDED,
            Code.NGINX_CERTIFICATE_FORGEABLE,
            Code.NGINX_REQUEST_FORGEABLE,
            Code.NGINX_VERIFY_FORGEABLE,
        ],
        HTTP,
    ),
    "not internal": case("      internal;\n", "", Code.NGINX_AUTH_NOT_INTERNAL),
    "body forwarded": case("proxy_pass_request_body off;", "", Code.NGINX_BODY_FORWARDED),
    "body announced": case(
        '      proxy_set_header Content-Length "";\n', "", Code.NGINX_BODY_FORWARDED, text="Content-Length"
    ),
    "another prefix": case(
        "http://127.0.0.1:9192/check", "http://127.0.0.1:9192", Code.NGINX_OTHER_PREFIX, text="/_auth, not /check"
    ),
    "below the prefix": case("http://127.0.0.1:9192/check", "http://127.0.0.1:9192/check/nginx"),
    "beside the prefix": case("http://127.0.0.1:9192/check", "http://127.0.0.1:9192/checks", Code.NGINX_OTHER_PREFIX),
    "another port": case(
        CHECK,
        "http://127.0.0.1:9191/check",
        Code.CONFIG_ASKED_ELSEWHERE,
        text="nginx.conf:17 asks 127.0.0.1:9191, and this is 127.0.0.1:9192",
    ),
    "no port": case(CHECK, "http://localhost/check", Code.CONFIG_ASKED_ELSEWHERE, text="asks localhost:80"),
    "no port for TLS": case(
        CHECK, "https://[::1]/check", Code.CONFIG_ASKED_WITH_TLS, Code.CONFIG_ASKED_ELSEWHERE, text="asks ::1:443"
    ),
    "another address of this machine": case(CHECK, "http://[::1]:9192/check", Code.CONFIG_ASKED_ELSEWHERE),
    "a name of this machine": case(CHECK, "http://localhost:9192/check"),
    "another machine": case(CHECK, "http://10.0.0.7:9192/check"),
    "another port of another machine": case(
        CHECK,
        "http://10.0.0.7:9190/check",
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        text="asks 10.0.0.7:9190, and this is 127.0.0.1:9192; 9190 is the port of listen.admin)",
    ),
    "a service's name": case(CHECK, "http://extauthz.tools.svc:9192/check"),
    "another port of a service": case(
        CHECK,
        "http://extauthz.tools.svc/check",
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        text="asks extauthz.tools.svc:80, and this is 127.0.0.1:9192)",
    ),
    "a port where there is only a socket": case(
        CHECK,
        CHECK,
        Code.CONFIG_ASKED_AT_OTHER_PORT,
        sections={"listen": "listen: {http: {address: unix:/a, dialect: nginx, callers: {unix_users: [1]}}}"},
        text="and this is unix:/a)",
    ),
    "a port that is none": case(CHECK, "http://127.0.0.1:many/check"),
    "a socket that is asked": case(CHECK, "http://unix:/run/extauthz.sock:/check"),
    "a group with another port": Case(
        lambda text: replaced(text, CHECK, "http://extauthz/check").replace("http {", GROUP % 9191, 1),
        [Code.CONFIG_ASKED_ELSEWHERE],
        HTTP,
        "nginx.conf:2 asks 127.0.0.1:9191",
    ),
    "a group": Case(
        lambda text: replaced(text, CHECK, "http://extauthz/check").replace("http {", GROUP % 9192, 1), (), HTTP
    ),
    "listens everywhere at another port": case(
        CHECK, "http://127.0.0.1:9191/check", Code.CONFIG_ASKED_IF_MAPPED, sections=listening("0.0.0.0:9192")
    ),
    "listens everywhere": case(CHECK, CHECK, sections=listening("0.0.0.0:9192")),
    "listens everywhere and takes no question from loopback": case(
        CHECK,
        CHECK,
        Code.CONFIG_ASKED_IF_MAPPED,
        sections=listening("0.0.0.0:9192", "10.0.0.0/8"),
        text="from loopback, which may not ask",
    ),
    "listens at one address, and another port of it is asked": case(
        CHECK, "http://10.0.0.7:9191/check", Code.CONFIG_ASKED_ELSEWHERE, sections=listening("10.0.0.7:9192")
    ),
    "listens at one address, and loopback is asked": case(
        CHECK, CHECK, Code.CONFIG_ASKED_IF_MAPPED, sections=listening("10.0.0.7:9192")
    ),
    "listens at a name": case(CHECK, CHECK, sections=listening("extauthz:9192")),
    "listens at another port of a name": case(
        CHECK, CHECK, Code.CONFIG_ASKED_AT_OTHER_PORT, sections=listening("extauthz:9191")
    ),
    "listens at any port": case(CHECK, "http://127.0.0.1:9191/check", sections=listening("127.0.0.1:0")),
    "only this machine can ask and may not": case(
        CHECK, CHECK, Code.CONFIG_HTTP_PROXY_REFUSED, sections=listening("127.0.0.1:9192", "10.0.0.0/8")
    ),
    "no listener": case(
        "events {}",
        "events {}",
        Code.CONFIG_HTTP_NOT_LISTENING,
        sections={"listen": "", "sources": "sources: [{type: xfcc}]"},
    ),
}

ALL: Final = {**CASES, **WAYS, **ANSWERED}


def test_every_code_is_found_by_some_case() -> None:
    assert uncovered(ALL.values(), "nginx_") == set()


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "nginx.conf", FINE)
    assert findings(site, Given(nginx=path), HTTP) == []


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, one: Case) -> None:
    text = str(one.change(FINE))
    check(site, one, Given(nginx=write(tmp_path / "nginx.conf", text)))


def test_a_finding_has_its_line_in_the_file_that_is_included(site: Site, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    head, _, rest = FINE.partition("  server {\n")
    site_text = replaced("  server {\n" + rest.removesuffix("}\n"), "      internal;\n", "")
    included = write(tmp_path / "sites" / "a.conf", site_text)
    path = write(tmp_path / "nginx.conf", f"{head}  include sites/*.conf;\n}}\n")
    (found,) = findings(site, Given(nginx=path), HTTP)
    assert (found.code, found.file, found.line) == (Code.NGINX_AUTH_NOT_INTERNAL, str(included), 13)


def test_the_output_of_nginx_is_read_as_the_files_it_shows(site: Site, tmp_path: Path) -> None:
    head, _, rest = FINE.partition("  server {\n")
    dump = (
        f"# configuration file /etc/nginx/nginx.conf:\n{head}  include conf.d/*.conf;\n}}\n\n"
        f"# configuration file /etc/nginx/conf.d/a.conf:\n  server {{\n{rest.removesuffix('}' + chr(10))}"
    )
    path = write(tmp_path / "dump", dump.replace("internal;", ""))
    (found,) = findings(site, Given(nginx=path), HTTP)
    assert (found.code, found.file) == (Code.NGINX_AUTH_NOT_INTERNAL, "/etc/nginx/conf.d/a.conf")


def test_ingress_nginx_has_headers_of_its_own(site: Site, tmp_path: Path) -> None:
    sections = {**HTTP, "listen": HTTP["listen"].replace("nginx", "ingress_nginx")}
    path = write(tmp_path / "nginx.conf", FINE)
    found = findings(site, Given(nginx=path), sections)
    assert codes(found) == [
        Code.NGINX_CERTIFICATE_FORGEABLE,
        Code.NGINX_CERTIFICATE_REACHES_UPSTREAM,
        Code.NGINX_REQUEST_FORGEABLE,
        Code.NGINX_VERIFY_FORGEABLE,
    ]
    assert {one.detail for one in found} == {
        "ssl-client-cert is not set",
        "ssl-client-verify is not set",
        "ssl-client-cert",
        "x-original-url is not set",
    }


INGRESS: Final = FINE.replace("X-SSL-Client-", "SSL-Client-").replace(
    "proxy_set_header X-Original-URI $request_uri;",
    "proxy_set_header X-Original-URL $scheme://$http_host$request_uri;",
)


SET: Final = "set $target %s; proxy_pass $target;"


@pytest.mark.parametrize(
    ("target", "finds"),
    [
        (SET % CHECK, []),
        (SET % "http://extauthz.tools.svc:9191/check", [Code.CONFIG_ASKED_AT_OTHER_PORT]),
        (SET % "https://extauthz.tools.svc:9192/check", [Code.CONFIG_ASKED_WITH_TLS]),
        (SET % "http://extauthz.tools.svc:9192/auth", [Code.NGINX_OTHER_PREFIX]),
        (SET % "http://extauthz.tools.svc:9192", [Code.NGINX_OTHER_PREFIX]),
        (SET % "http://$host/auth", []),
        (f"{SET % 'http://a:1/b'} set $target {CHECK};", []),
        ("set $other http://a:1/b; proxy_pass $target;", []),
        ("set $target; proxy_pass $target;", []),
    ],
)
def test_a_variable_that_is_set_beside_it_leads_to_the_listener(
    site: Site, tmp_path: Path, target: str, finds: list[Code]
) -> None:
    """As in what ingress-nginx writes."""
    path = write(tmp_path / "nginx.conf", replaced(FINE, f"proxy_pass {CHECK};", target))
    assert codes(findings(site, Given(nginx=path), HTTP)) == finds


@pytest.mark.parametrize(("when", "finds"), [("{}", []), ("{hosts: [a.example]}", [Code.NGINX_REQUEST_FORGEABLE])])
def test_the_host_that_ingress_nginx_writes_counts_where_policies_match_on_hosts(
    site: Site, tmp_path: Path, when: str, finds: list[Code]
) -> None:
    sections = {**HTTP, "listen": HTTP["listen"].replace("nginx", "ingress_nginx"), "policies": POLICY % (when, "{}")}
    path = write(tmp_path / "nginx.conf", INGRESS)
    assert codes(findings(site, Given(nginx=path), sections)) == finds
    fixed = write(tmp_path / "nginx.conf", INGRESS.replace("$http_host", "$host"))
    assert findings(site, Given(nginx=fixed), sections) == []


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("http {\n", 2, "a block does not end"),
        ("}\n", 1, "a } without its {"),
        ("a\nb", 2, "the directive 'a' does not end"),
        (";", 1, "cannot begin with ;"),
        ('a "b', 1, "a quote does not end"),
        ("a { b }", 1, "the directive 'b' does not end"),
        ("a {" * 40, 1, "nested more than 32 levels"),
        ("content_by_lua_block { {", 1, "a block does not end"),
        ("a\\", 1, "cannot stand here"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(text, "n.conf")
    assert str(caught.value).startswith(f"n.conf:{line}: ")
    assert why in str(caught.value)


def test_quotes_comments_variables_and_programs_are_read() -> None:
    text = """a "b c" 'd;e' f\\;g ${h} # i; {\n;lua_by_lua_block { return "}" == "{" } x;"""
    (first, program, last) = parse(text, "n.conf")
    assert (first.name, first.arguments) == ("a", ("b c", "d;e", "f;g", "${h}"))
    assert (program.name, program.block) == ("lua_by_lua_block", ())
    assert (last.name, last.line) == ("x", 2)


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "nginx.conf", "include nginx.conf;")
    with pytest.raises(UnreadableError, match="is included by a file that it includes"):
        read_nginx(path)


def test_an_included_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "nginx.conf", "\ninclude gone.conf;")
    with pytest.raises(UnreadableError, match=r"nginx\.conf:2: .*/gone\.conf is included and cannot be read"):
        read_nginx(path)


def test_files_are_not_included_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_FILES", 2)
    for name in ("a.conf", "b.conf", "c.conf"):
        write(tmp_path / name, "")
    with pytest.raises(UnreadableError, match="more than 2 files are included"):
        read_nginx(write(tmp_path / "nginx.conf", "include *.conf;").rename(tmp_path / "nginx"))


def test_a_setting_of_several_locations_is_found_once(site: Site, tmp_path: Path) -> None:
    inner = "      location /in/ { proxy_pass http://127.0.0.1:8080; }\n      proxy_pass http://127.0.0.1:8080;\n"
    text = replaced(FINE, "      proxy_pass http://127.0.0.1:8080;\n", inner)
    text = replaced(text, SERVER, f"{SERVER}    underscores_in_headers on;\n")
    (found,) = findings(site, Given(nginx=write(tmp_path / "nginx.conf", text)), HTTP)
    assert (found.code, found.line) == (Code.NGINX_UNDERSCORES, 5)


def test_a_pattern_may_include_nothing(tmp_path: Path) -> None:
    assert read_nginx(write(tmp_path / "nginx.conf", "include gone/*.conf;")).block == ()


@pytest.mark.parametrize(
    ("whole", "part", "include"),
    [
        ("./nginx.conf", "./site.conf", "site.conf"),
        ("././nginx.conf", "././site.conf", "site.conf"),
        ("nginx.conf", "site.conf", "site.conf"),
        ("a/../nginx.conf", "a/../sites/site.conf", "sites/*.conf"),
        ("./nginx.conf", "/srv/site.conf", "/srv/site.conf"),
        ("/etc/nginx/nginx.conf", "/etc/nginx/site.conf", "./site.conf"),
    ],
)
def test_names_in_the_output_of_nginx_are_matched_as_nginx_puts_them_together(
    tmp_path: Path, whole: str, part: str, include: str
) -> None:
    text = f"# configuration file {whole}:\ninclude {include};\n\n# configuration file {part}:\nevents {{}}\n\n"
    (found,) = read_nginx(write(tmp_path / "dump", text)).block or ()
    assert (found.name, found.file) == ("events", part)


def test_a_pattern_does_not_reach_into_directories_below(tmp_path: Path) -> None:
    text = (
        "# configuration file ./nginx.conf:\ninclude a/*.conf;\n\n"
        "# configuration file ./a/b.conf:\nuser x;\n\n# configuration file ./a/c/d.conf:\nuser y;\n\n"
    )
    (found,) = read_nginx(write(tmp_path / "dump", text)).block or ()
    assert found.file == "./a/b.conf"
