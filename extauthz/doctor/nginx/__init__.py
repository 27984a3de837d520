"""NGINX: its configuration files, or what ``nginx -T`` prints of them."""
