"""Zip archives from elsewhere (KMZ, a zipped shapefile), opened within bounds."""

import io
import zipfile
import zlib

from dfr.airspace.readers.file import ZoneError, ZoneFile

MOST_ENTRIES = 1_000
LARGEST_BYTES = 256 * 1024 * 1024
"""Of all that is unpacked together: a file of some kilobytes can claim to be terabytes."""


def is_archive(file: ZoneFile) -> bool:
    return file.content.startswith(b"PK")


def unpack(file: ZoneFile, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    """The entries with these suffixes, by name; nothing is written anywhere. Raises ZoneError."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(suffixes)]
            if len(entries) > MOST_ENTRIES:
                raise ZoneError([f"{file.name} holds {len(entries)} files; at most {MOST_ENTRIES} are read."])
            found: dict[str, bytes] = {}
            left = LARGEST_BYTES
            for entry in entries:
                with archive.open(entry) as stream:
                    content = stream.read(left + 1)  # as much as there is, whatever the entry says of itself
                left -= len(content)
                if left < 0:
                    raise ZoneError(
                        [f"{file.name} unpacks to more than {LARGEST_BYTES // 1024**2} MB; it is not read."]
                    )
                found[entry.filename] = content
            return found
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
        if isinstance(fault, ZoneError):
            raise
        raise ZoneError([f"{file.name} cannot be unpacked: {fault}."]) from fault
