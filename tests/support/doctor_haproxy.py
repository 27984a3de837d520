"""An HAProxy in which nothing is found, to be changed."""

from typing import Final

HTTP: Final = {"sources": "", "listen": "listen: {http: {dialect: haproxy, callers: {addresses: [127.0.0.1]}}}"}
FINE: Final = r"""
global
    lua-load extauthz.lua
defaults
    mode http
frontend https
    bind :8443 ssl crt edge.pem verify optional ca-file root.pem crt-ignore-err all  # extauthz verifies
    http-request return status 411 unless { req.fhdr(content-length) -m found } || { internal.htx.has_eom }
    http-request del-header ^x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9] -m reg
    http-request lua.extauthz
    http-request deny deny_status 503 unless { var(txn.extauthz) -m str allow }
    default_backend application
backend application
    server one 10.0.0.5:8080 check
"""
