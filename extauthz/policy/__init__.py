"""What an operator asks of a request and its certificate.

``routes`` finds the policy for a request, ``rules`` hold one condition a file, ``evaluate`` runs them, ``token`` binds
a bearer token to the certificate (RFC 8705), and ``client_cert`` puts it together with trust as
``ClientCertAuthMethod``.
"""
