"""Nobody reads standard error: the service goes on, reloads and ends."""

import fcntl
import os
import signal
import subprocess

from support.questions import allowed, question
from support.service import PATIENCE, RealService, eventually
from support.service_site import Site

SMALL_PIPE = 4096


def test_standard_error_that_nobody_reads_holds_up_nothing(site: Site) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
    admin = site.folder / "admin.sock"
    grpc = {"address": f"unix:{site.folder}/grpc.sock"}
    site.write(listen={"grpc": grpc, "admin": {"address": f"unix:{admin}"}})
    service = RealService(site.path)
    service.admin_address, service.grpc_address = f"unix:{admin}", grpc["address"]
    with subprocess.Popen(service.command, env=service.environment, stderr=writer) as process:
        try:
            os.close(writer)
            eventually(lambda: admin.exists() or None, "the admin socket")
            for _ in range(100):  # each writes some 500 bytes
                assert service.reload().status == 200
            with service.channel() as channel:
                assert allowed(service.check(question(site.pki.issue("alice")), channel=channel))
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    os.close(reader)
