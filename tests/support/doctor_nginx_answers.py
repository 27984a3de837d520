"""NGINX with headers that are set twice, answers of its own, and servers that ask nobody; and what looks like it."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, replaced
from support.doctor_nginx import HTTP, LOCATION, SERVER, TO_UPSTREAM, case

INTERNAL: Final = "      internal;\n"
CN: Final = "      proxy_set_header X-Client-Cert-Cn ${cn};\n"
SENT: Final = "      proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;\n"
FORGEABLE: Final = Code.NGINX_IDENTITY_FORGEABLE
ANSWERS: Final = Code.NGINX_ANSWERS_ITSELF
FILES: Final = Code.NGINX_FILES_OPEN
MISSING: Final = Code.NGINX_AUTH_REQUEST_MISSING
APART: Final = Code.NGINX_SERVER_DOES_NOT_ASK


def _asked(settings: str, *finds: Code, text: str = "") -> Case:
    """Return a case with something in the location that is asked."""
    return case(INTERNAL, f"{INTERNAL}      {settings}\n", *finds, text=text)


def _excepted(inside: str, *finds: Code, path: str = "/files/", text: str = "") -> Case:
    """Return a case with a location that does not ask, beside one that does."""
    return case(LOCATION, f"    location {path} {{ auth_request off; {inside} }}\n{LOCATION}", *finds, text=text)


def _apart(passing: str, *finds: Code, more: str = "", text: str = "") -> Case:
    """Return a case with another server that wants certificates and asks nobody."""
    other = f"  server {{ listen 9443 ssl; ssl_verify_client on; location / {{ {passing} }} {more} }}\n"
    return case("  server {\n", f"{other}  server {{\n", *finds, text=text)


ANSWERED: Final[dict[str, Case]] = {
    "identity set again from the request": case(
        CN, f"{CN}      proxy_set_header X-Client-Cert-Cn $http_x_cn;\n", FORGEABLE, text="(x-client-cert-cn)"
    ),
    "identity set before from the request": case(
        CN, f"      proxy_set_header x-client-cert-cn $http_x_cn;\n{CN}", FORGEABLE
    ),
    "identity set again to the same": case(CN, CN * 2),
    "identity set again to nothing": case(CN, f'{CN}      proxy_set_header X-Client-Cert-Cn "";\n'),
    "certificate set again from the request": case(
        SENT,
        f"{SENT}      proxy_set_header X-Ssl-Client-Cert $http_x_cert;\n",
        Code.NGINX_CERTIFICATE_FORGEABLE,
        text="$ssl_client_escaped_cert, $http_x_cert",
    ),
    "answers some questions by itself": _asked(
        "if ($request_method = OPTIONS) { return 204; }", ANSWERS, text="location = /_auth > return (return 204)"
    ),
    "answers every question by itself": _asked("return 200 ok;", ANSWERS),
    "answers every question and asks nobody": Case(
        lambda whole: replaced(whole, "      proxy_pass http://127.0.0.1:9192/check;\n", "      return 204;\n"),
        [ANSWERS],
        HTTP,
    ),
    "denies some questions by itself": _asked("if ($request_method = TRACE) { return 403; }"),
    "sends some questions elsewhere": _asked("if ($request_method = TRACE) { return https://a.example/2; }"),
    "a return without words": _asked("return;"),
    "files for everybody": _excepted("root /srv;", FILES, text="location /files/ (root /srv)"),
    "files for everybody by another path": _excepted("alias /srv/;", FILES),
    "files for everybody from the server's directory": Case(
        lambda whole: replaced(
            replaced(whole, SERVER, f"{SERVER}    root /srv;\n"),
            LOCATION,
            f"    location /files/ {{ auth_request off; }}\n{LOCATION}",
        ),
        [FILES],
        HTTP,
    ),
    "files for the CA": _excepted("root /srv;", path="^~ /.well-known/acme-challenge/"),
    "files for nginx alone": _excepted("internal; root /srv;"),
    "no files but an answer": _excepted("root /srv; return 404;"),
    "files that are asked about": case(
        LOCATION, f"    location /files/ {{ auth_request /_auth; root /srv; }}\n{LOCATION}"
    ),
    "a store for everybody": _excepted("memcached_pass 127.0.0.1:11211;", MISSING),
    "a program for everybody": _excepted("js_content main.handle;", MISSING),
    "a store that is asked about": case(TO_UPSTREAM, "      memcached_pass 127.0.0.1:11211;\n"),
    "another server for another application": _apart(
        "proxy_pass http://127.0.0.1:5000;", APART, more="location /b { proxy_pass http://127.0.0.1:5001; }"
    ),
    "another server to the same application": _apart("proxy_pass http://127.0.0.1:8080;", MISSING),
    "another server to what a variable says": _apart("proxy_pass http://$backend;", MISSING),
    "another server with a program": _apart("js_content main.handle;", MISSING),
    "another server with an answer": _apart("return 204;"),
}
