"""DER -> ``CertIdentity``: everything a certificate says, read once, or one ``DecodeError`` that names the stage.

``certificate`` is the way in; it asks ``structure`` (the fields that the library does not show), ``counts`` (how many
things a certificate may hold), ``names``, ``general_names``, ``extensions``, ``public_key`` and ``spiffe``. What nearly
every certificate has is read without the library, or only once, by ``usual_name``, ``usual_alternatives`` and
``extension_parts``, which say what the library says or have no answer. ``claims`` compares what a proxy said about a
certificate with the certificate; ``json_form`` is the JSON of ``inspect``, and ``bounded_form`` the same with a bound
on every part. Nothing here decides anything.
"""
