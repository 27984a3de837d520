"""The one exception of the demo."""


class DemoError(Exception):
    """The demo cannot run, or cannot go on. The message is one clear sentence for the person at the keyboard."""
