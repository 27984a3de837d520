"""The running service: listeners, health, reload, lifecycle, and ``app``, the one place that wires everything.

Only this layer reads the clock, opens sockets and handles signals.
"""
