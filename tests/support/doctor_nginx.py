"""An nginx in which nothing is found, to be changed."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case, replaced

HTTP: Final = {"sources": "", "listen": "listen: {http: {dialect: nginx, callers: {addresses: [127.0.0.1]}}}"}
FINE: Final = """\
events {}
http {
  server {
    listen 8443 ssl;
    ssl_verify_client optional_no_ca;  # extauthz verifies
    location / {
      auth_request /_auth;
      auth_request_set $subject $upstream_http_x_client_cert_subject;
      auth_request_set $cn $upstream_http_x_client_cert_cn;
      proxy_set_header X-Client-Cert-Subject $subject;
      proxy_set_header X-Client-Cert-Cn ${cn};
      proxy_set_header X-SSL-Client-Cert "";
      proxy_pass http://127.0.0.1:8080;
    }
    location = /_auth {
      internal;
      proxy_pass http://127.0.0.1:9192/check;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
      proxy_set_header X-SSL-Client-Verify $ssl_client_verify;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-Host $host;
      proxy_set_header X-Original-URI $request_uri;
    }
  }
}
"""
TO_UPSTREAM: Final = "      proxy_pass http://127.0.0.1:8080;\n"
LOCATION: Final = "    location / {\n"
SERVER: Final = "    listen 8443 ssl;\n"


def case(old: str, new: str, *finds: Code, sections: dict[str, str] | None = None, text: str = "") -> Case:
    return Case(lambda whole: replaced(whole, old, new), finds, {**HTTP, **(sections or {})}, text)
