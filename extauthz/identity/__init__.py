"""DER -> ``CertIdentity``: everything a certificate says, read once, or one ``DecodeError`` that names the stage.

``certificate`` is the way in; it asks ``structure`` (the fields that the library does not show), ``names``,
``general_names``, ``extensions``, ``public_key`` and ``spiffe``. ``claims`` compares what a proxy said about a
certificate with the certificate; ``json_form`` is the JSON of ``inspect``. Nothing here decides anything.
"""
