"""``python -m extauthz``: the same program as the ``extauthz`` command."""

from extauthz.cli import main

if __name__ == "__main__":
    main()
