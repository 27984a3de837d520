"""The status page of the admin listener: what the service is and does, at one moment, as HTML and as JSON.

``board`` collects the facts into one frozen ``Status`` (``model``), beside the path of the checks; ``html_page`` and
``json_form`` are pure functions of it and show the same.
"""
