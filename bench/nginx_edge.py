"""An NGINX as examples/nginx has it: mutual TLS and HTTP/2 towards clients, and it answers what is allowed itself."""

from pathlib import Path

from extauthz.headers import EMITTED


def nginx_config(pki: Path, port: int, authorizer: str) -> str:
    """Return the configuration: one process, which asks ``authorizer`` about every request and serves a small file."""
    copied = "\n".join(
        f"        auth_request_set $identity_{number} $upstream_http_x_client_cert_{suffix.replace('-', '_')};"
        for number, suffix in enumerate(EMITTED)
    )
    return f"""\
daemon off;
worker_processes 1;
master_process off;
error_log stderr error;
pid nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream extauthz {{ server {authorizer}; keepalive 64; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        http2 on;
        http2_max_concurrent_streams 256;
        ssl_certificate {pki}/server.pem;
        ssl_certificate_key {pki}/server.key;
        ssl_verify_client optional_no_ca;
        location / {{
            auth_request /_extauthz;
{copied}
            empty_gif;
        }}
        location = /_extauthz {{
            internal;
            proxy_pass http://extauthz/check;
            proxy_http_version 1.1;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-Host $host;
            proxy_set_header X-Original-Uri $request_uri;
            proxy_set_header X-Ssl-Client-Cert $ssl_client_escaped_cert;
            proxy_set_header X-Ssl-Client-Verify $ssl_client_verify;
        }}
    }}
}}
"""
