"""What may stand in the configuration file, one section a file.

Each model checks shapes and single values; what holds between sections is in ``extauthz.config.cross_checks``. The
descriptions here become the JSON Schema and ``docs/configuration.md``.
"""
