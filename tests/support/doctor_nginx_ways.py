"""NGINX with a way past extauthz, and such with none that look like it; beside those of ``test_nginx``."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, replaced
from support.doctor_nginx import HTTP, LOCATION, SERVER, TO_UPSTREAM, case

INTERNAL: Final = "      internal;\n"
OPEN: Final = "    location = /open { internal; auth_request off; proxy_pass http://127.0.0.1:8080; }\n"
NAMED: Final = "    location @page { %s }\n"
PAGE: Final = [Code.NGINX_ERROR_PAGE_OPEN]
BESIDE: Final = [Code.NGINX_OPEN_BESIDE]
KEPT: Final = "proxy_cache decisions; proxy_cache_valid 200 1m;"
ANSWERED_ELSEWHERE: Final = "  server { listen 8080; %s }\n"


def _page(page: str, target: str = OPEN, *, finds: list[Code] | None = None, text: str = "") -> Case:
    """Return a case with an error page of the location that is protected."""

    def change(whole: str) -> str:
        whole = replaced(whole, TO_UPSTREAM, f"      error_page {page};\n{TO_UPSTREAM}")
        return replaced(whole, LOCATION, target + LOCATION)

    return Case(change, finds or [], HTTP, text)


def _leading(line: str, *, finds: list[Code] | None = None, text: str = "") -> Case:
    """Return a case with locations for nginx alone, and something that leads there."""
    inside = "".join(
        f"    location /{name}/ {{ internal; auth_request off; proxy_pass http://127.0.0.1:{port}; }}\n"
        for name, port in (("open", 8080), ("pages", 8081))
    )
    return case(LOCATION, f"{inside}    {line}\n{LOCATION}", *(finds or []), text=text)


def _asked(settings: str, *, target: str = "", finds: list[Code] | None = None, text: str = "") -> Case:
    """Return a case with other settings of the location that is asked."""

    def change(whole: str) -> str:
        return replaced(replaced(whole, INTERNAL, f"{INTERNAL}      {settings}\n"), LOCATION, target + LOCATION)

    return Case(change, finds or [], HTTP, text)


def _beside(inside: str, *, finds: list[Code] | None = None, text: str = "") -> Case:
    """Return a case with another server, which wants no certificates and asks nobody."""
    return case("  server {\n", f"{ANSWERED_ELSEWHERE % inside}  server {{\n", *(finds or []), text=text)


def _stream(passing: str, *, finds: list[Code] | None = None, text: str = "") -> Case:
    group = "upstream application { server 127.0.0.1:8080; zone a 64k; }"
    return case(
        "events {}\n",
        f"events {{}}\nstream {{ {group} server {{ listen 1; {passing} }} }}\n",
        *(finds or []),
        text=text,
    )


FAILS_OPEN: Final = [Code.NGINX_FAILS_OPEN]
ONLY_SERVES: Final = "return 204;"

WAYS: Final[dict[str, Case]] = {
    "error page that is the application": _page(
        "500 /open", finds=PAGE, text="location / > error_page (error_page 500 /open; location = /open does not ask)"
    ),
    "error page for denials": _page("401 403 = /open", finds=PAGE),
    "error page below a prefix": _page(
        "403 /open/$request_uri",
        "    location /open/ { internal; auth_request off; proxy_pass http://127.0.0.1:8080; }\n",
        finds=PAGE,
    ),
    "error page by name": _page(
        "413 @page",
        NAMED % "proxy_pass http://127.0.0.1:8080;",
        finds=[*PAGE, Code.NGINX_AUTH_REQUEST_MISSING],
        text="location @page does not ask",
    ),
    "error page that asks": _page("500 /other", "    location = /other { internal; return 500; }\n"),
    "error page that is protected": _page("403 /again"),
    "error page of another server's own": _page("403 https://login.example/"),
    "error page without a place": _page("403 @nowhere"),
    "error page of another upstream": _page("403 /open", OPEN.replace("8080", "8081")),
    "error page of the server": Case(
        lambda whole: replaced(
            replaced(whole, SERVER, f"{SERVER}    error_page 500 /open;\n"), LOCATION, OPEN + LOCATION
        ),
        PAGE,
        HTTP,
        "http > server",
    ),
    "error page in a location that serves files": Case(
        lambda whole: replaced(
            whole, LOCATION, f"{OPEN}    location /files/ {{ auth_request /_auth; error_page 403 /open; }}\n{LOCATION}"
        ),
        PAGE,
        HTTP,
    ),
    "rewritten to the application, inside": _leading(
        "location /a/ { auth_request off; rewrite ^/a/(.*) /open/$1 last; }",
        finds=[Code.NGINX_AUTH_REQUEST_MISSING, Code.NGINX_PATH_CHANGED],
        text="/open/$1 last; location /open/ does not ask",
    ),
    "rewritten to the application in the server": _leading(
        "rewrite ^/a/(.*) /open/$1;", finds=[Code.NGINX_AUTH_REQUEST_MISSING, Code.NGINX_PATH_CHANGED]
    ),
    "files or the application, inside": _leading(
        "location /a/ { auth_request off; try_files $uri /open/x; }", finds=[Code.NGINX_AUTH_REQUEST_MISSING]
    ),
    "files or the application, asked": _leading("location /a/ { auth_request /_auth; try_files $uri /open/x; }"),
    "files or nothing": _leading("location /a/ { auth_request off; try_files $uri =404; }"),
    "files or another upstream, inside": _leading("location /a/ { auth_request off; try_files $uri /pages/x; }"),
    "question that fails open": _asked("error_page 502 =200 /empty;", finds=FAILS_OPEN, text="error_page 502 =200"),
    "question that fails open by a page": _asked(
        "error_page 500 502 504 = @page;", target=NAMED % ONLY_SERVES, finds=FAILS_OPEN
    ),
    "question that fails with a page": _asked("error_page 500 502 504 @page;", target=NAMED % ONLY_SERVES),
    "question that fails with a denial": _asked("error_page 502 = @page;", target=NAMED % "return 403;"),
    "question that fails with another status": _asked("error_page 502 =503 /empty;"),
    "question whose denial is not looked at": _asked("error_page 401 403 =200 /empty;"),
    "question whose denial becomes access": _asked(
        "proxy_intercept_errors on; error_page 401 403 =200 /empty;", finds=FAILS_OPEN
    ),
    "question that inherits a page": Case(
        lambda whole: replaced(
            replaced(whole, SERVER, f"{SERVER}    error_page 500 502 = @page;\n"),
            LOCATION,
            NAMED % "root /srv;" + LOCATION,
        ),
        FAILS_OPEN,
        HTTP,
        "http > server",
    ),
    "decision cached": _asked(KEPT, finds=[Code.NGINX_DECISION_CACHED], text="proxy_cache_key is not set"),
    "decision cached by the name of the client": _asked(
        f"{KEPT} proxy_cache_key $request_uri$ssl_client_s_dn;",
        finds=[Code.NGINX_DECISION_CACHED],
        text="proxy_cache_key is $request_uri$ssl_client_s_dn",
    ),
    "decision cached by the certificate": _asked(f"{KEPT} proxy_cache_key $request_uri$ssl_client_fingerprint;"),
    "decision never kept": _asked("proxy_cache decisions;"),
    "decision not cached": _asked("proxy_cache off; proxy_cache_valid 200 1m;"),
    "beside in another server": _beside(
        "location / { proxy_pass http://127.0.0.1:8080/; }",
        finds=BESIDE,
        text="http > server > location / > proxy_pass",
    ),
    "beside by a group": Case(
        lambda whole: replaced(
            whole,
            "  server {\n",
            "  upstream application { server 127.0.0.1:8080 max_fails=1; server unix:/run/app.sock; keepalive 2; }\n"
            f"{ANSWERED_ELSEWHERE % 'location / { proxy_pass http://application; }'}  server {{\n",
        ),
        BESIDE,
        HTTP,
    ),
    "beside by a socket": Case(
        lambda whole: replaced(
            replaced(whole, TO_UPSTREAM, "      proxy_pass http://unix:/run/app.sock;\n"),
            "  server {\n",
            f"{ANSWERED_ELSEWHERE % 'location / { proxy_pass http://unix:/run/app.sock:/; }'}  server {{\n",
        ),
        BESIDE,
        HTTP,
    ),
    "beside without a port": Case(
        lambda whole: replaced(
            replaced(whole, TO_UPSTREAM, "      proxy_pass https://application;\n"),
            "  server {\n",
            f"{ANSWERED_ELSEWHERE % 'location / { proxy_pass https://application:443; }'}  server {{\n",
        ),
        BESIDE,
        HTTP,
    ),
    "beside to another port": _beside("location / { proxy_pass http://127.0.0.1; }"),
    "beside to what a variable says": _beside("location / { proxy_pass http://$application; }"),
    "beside for nobody": _beside("location / { allow 127.0.0.1; deny all; proxy_pass http://127.0.0.1:8080; }"),
    "beside for all but some": _beside("location / { deny 10.0.0.1; proxy_pass http://127.0.0.1:8080; }", finds=BESIDE),
    "beside for nginx alone": _beside("location / { internal; proxy_pass http://127.0.0.1:8080; }"),
    "beside by plain connections": _stream(
        "proxy_pass application;", finds=BESIDE, text="stream > server > proxy_pass"
    ),
    "beside by plain connections to an address": _stream("proxy_pass 127.0.0.1:8080;", finds=BESIDE),
    "plain connections to another upstream": _stream("proxy_pass 127.0.0.1:8081;"),
}
