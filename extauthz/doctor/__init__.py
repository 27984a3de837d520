"""What is wired wrong between a proxy and extauthz, found in configuration files and a captured request.

``examine`` is the way in. Each proxy has a package of its own: a reader that turns its files into a small view, and
rules over that view, each of which yields findings. Nothing here asks a running program, and nothing found is used to
decide about a request.
"""
