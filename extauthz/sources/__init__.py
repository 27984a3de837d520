"""Where the client certificate comes from: a request in, the DER of a certificate and its chain out.

Each module reads one place in which a proxy puts the certificate (``envoy_peer``, ``xfcc``, ``nginx``, ``base64_der``,
``rfc9440``, ``aws_alb``) or one encoding on the way (``percent``, ``pem``, ``base64_text``, ``der``); ``select`` reads
all that are configured and holds them against each other.
Nothing here looks inside a certificate, and nothing here is trusted yet: a header says what its sender says.
"""
