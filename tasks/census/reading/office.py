"""Read parts of an office file (a ZIP archive of XML), and convert column letters."""

import posixpath
import zipfile
from xml.etree import ElementTree

DOCUMENT_LIMIT = 50_000_000  # bytes read of a part that lists sheets, relations or styles


def letters_of(place: int) -> str:
    """Return the letters of a column from its position in the sheet: A for 0."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def place_of(letters: str) -> int:
    """Return the position in the sheet of a column from its letters: 0 for A."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def document(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Parse a small XML part. Expat loads no external entities and stops at entity expansion attacks."""
    with archive.open(name) as part:
        return ElementTree.fromstring(part.read(DOCUMENT_LIMIT))


def local_name(name: str) -> str:
    """Return an element's name without its namespace."""
    return name.rpartition("}")[2]


def targets_of(archive: zipfile.ZipFile, workbook: str) -> dict[str, str]:
    """Return relationship id → name of a part of the archive."""
    folder, name = posixpath.split(workbook)
    relations = document(archive, f"{folder}/_rels/{name}.rels")
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/", folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in relations
    }
