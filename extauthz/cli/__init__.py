"""The command line: one command a module, loaded when it is called.

Results go to stdout, words for people to stderr. Exit statuses: 0 for yes or done, 1 for no (denied, not serving, not
as expected), 2 for "could not be run": wrong arguments, unreadable files, a configuration with mistakes.
"""

from extauthz.cli.program import main

__all__ = ["main"]
