"""The pure core stays pure: importing it loads no transport, no metrics, no configuration library."""

import subprocess
import sys

FORBIDDEN = ("grpc", "google.protobuf", "prometheus_client", "structlog", "uvicorn", "watchfiles", "pydantic", "click")


def test_core_loads_no_network_library() -> None:
    program = (
        "import sys, extauthz.engine, extauthz.trust.crl\n"
        f"print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_importable() -> None:
    program = (
        "import extauthz\n"
        "for name in extauthz.__all__: getattr(extauthz, name)\n"
        "print(dir(extauthz) == sorted(extauthz.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_version_needs_no_certificate_library() -> None:
    program = "import sys, extauthz\nextauthz.__version__\nprint('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
