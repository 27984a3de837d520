"""Caddy: its JSON configuration, which ``caddy adapt`` makes of a Caddyfile."""
