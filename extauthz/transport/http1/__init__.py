"""HTTP/1.1 for proxies that ask over it: bytes in, bytes out, and no idea of what is asked."""
