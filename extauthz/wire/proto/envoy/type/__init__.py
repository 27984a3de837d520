"""Written by tools/protos.py from protos/; do not edit."""
