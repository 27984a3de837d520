"""From one YAML file to one Engine, with every mistake reported at once and with its place.

``yaml_document`` reads the text, ``schema`` says what may stand in it, ``problems`` puts what is wrong into words,
``files`` reads the certificates and CRLs that it names, ``load`` runs all of them in one pass, and ``build``
constructs the Engine from what ``load`` returns. Nothing here keeps state: each load starts from the files.
"""
