"""The certificate that a listener shows."""

from pathlib import Path

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.tls import ServerTls
from extauthz.doctor.expectations import Expectations
from extauthz.model.identity import SubjectAltName


def names_of(wants: Expectations, tls: ServerTls) -> tuple[SubjectAltName, ...] | None:
    """Return the names in the listener's certificate; None where its file cannot be read here."""
    files = FileReader(Path(wants.file).absolute().parent)
    try:
        content = files.read(files.single_file(tls.cert), CERTIFICATE_FILE_SIZE)
        return certificates_from_file(content)[0].identity.sans
    except FileError:
        return None
