"""The parts of an office file, which is a zip archive of XML, and the names of its cells."""

import posixpath
import zipfile
from xml.etree import ElementTree

DOCUMENT_LIMIT = 50_000_000  # of the parts that say where the sheets are


def letters_of(place: int) -> str:
    """The letters of a column by its place in the sheet: A for 0."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def place_of(letters: str) -> int:
    """The place in the sheet of a column by its letters: 0 for A."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def document(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Parse a small XML part. Expat resolves nothing from outside and stops at entities that multiply."""
    with archive.open(name) as part:
        return ElementTree.fromstring(part.read(DOCUMENT_LIMIT))


def local_name(name: str) -> str:
    """An element's name without its namespace."""
    return name.rpartition("}")[2]


def targets_of(archive: zipfile.ZipFile, workbook: str) -> dict[str, str]:
    """Relationship id → part of the archive."""
    folder, name = posixpath.split(workbook)
    relations = document(archive, f"{folder}/_rels/{name}.rels")
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/", folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in relations
    }
