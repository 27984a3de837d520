"""HAProxy: its configuration files, in the order in which it is started with them."""
