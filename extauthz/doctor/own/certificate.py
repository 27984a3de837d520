"""The certificate that a listener shows."""

from pathlib import Path

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.loopback import is_loopback
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.tls import ServerTls
from extauthz.doctor.expectations import Expectations
from extauthz.model.identity import SubjectAltName


def names_of(wants: Expectations, tls: ServerTls) -> tuple[SubjectAltName, ...] | None:
    """Return the names in the listener's certificate; None where its file is not to be read, or a stand-in.

    Whoever checks a configuration on a machine of his own has no key of the service there, and puts a certificate for
    this machine (``localhost``, a loopback address) in its place. That one says nothing about what Envoy will see.
    """
    files = FileReader(Path(wants.file).absolute().parent)
    try:
        content = files.read(files.single_file(tls.cert), CERTIFICATE_FILE_SIZE)
        names = certificates_from_file(content)[0].identity.sans
    except FileError:
        return None
    return None if names and all(is_loopback(name.value) for name in names) else names
