"""extauthz: who is this client certificate, and may it make this request?"""

__version__ = "0.1.0"
