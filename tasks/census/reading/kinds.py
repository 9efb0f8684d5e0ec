"""Determine the kind of a file by its content, since names can be wrong: systems export HTML as .xls."""

import codecs
import io
import re
import zipfile

from tasks.system.guarded_child import Refused

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
SUFFIXES = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES)

_UNPACK = "unpack it and give the file that is in it"
_SAVE_AS = "open it in Excel or LibreOffice and save it as .xlsx"
#: First bytes → kind of file, and what to do.
_MAGIC = (
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh91AY&SY", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"(\xb5/\xfd", "a zstd archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a", "a RAR archive", _UNPACK),
    (b"%PDF", "a PDF", "ask for the table behind it as .csv or .xlsx"),
    (b"{\\rtf", "an RTF document", "copy its table into a workbook and save that as .xlsx"),
    (b"ARROW1\0", "an Arrow file", "save it as .parquet"),
    (b"FEA1\0", "a Feather file", "save it as .parquet"),
    (b"Obj\x01", "an Avro file", "save it as .parquet"),
    (b"SQLite format 3", "an SQLite database", "export its table as .csv"),
    (b"\x89PNG", "a picture", "ask for the table behind it as .csv or .xlsx"),
    (b"\xff\xd8\xff", "a picture", "ask for the table behind it as .csv or .xlsx"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)


def family(suffix: str, name: str) -> str:
    """Return CSV, Parquet or Excel, by a file's extension. Raises Refused for any other extension."""
    for kind, suffixes in (
        ("CSV", TEXT_SUFFIXES), ("Parquet", PARQUET_SUFFIXES), ("Excel", EXCEL_SUFFIXES),
    ):  # fmt: skip
        if suffix in suffixes:
            return kind
    raise Refused(
        f"{name}: unknown kind of file {suffix or '(no extension)'!r}. Allowed: {', '.join(SUFFIXES)}."
    )


def family_of_content(data: bytes) -> str:
    """Return CSV, Parquet or Excel, by a file's content alone; CSV for any other content."""
    if data.startswith(b"PAR1"):
        return "Parquet"
    return "Excel" if data.startswith((b"PK\x03\x04", _OLE)) else "CSV"


def check_kind(data: bytes, kind: str, name: str) -> None:
    """Raise Refused, with advice, if a file is of another kind than its extension says."""
    what, advice = _identified(data, kind)
    if what:
        raise Refused(f"{name}: not readable as {kind}: it is {what}; {advice}.")


def _identified(data: bytes, kind: str) -> tuple[str, str]:
    """Return the kind of a file and what to do; empty texts if it may be what its extension says."""
    for magic, what, advice in _MAGIC:
        if data.startswith(magic):
            return what, advice
    if data.startswith(b"PK\x03\x04"):
        return _identified_archive(data, kind)
    if data.startswith(b"PAR1"):
        return ("", "") if kind == "Parquet" else ("a Parquet file", "rename it to .parquet")
    if data.startswith(_OLE):
        return _identified_ole(data, kind)
    text = _beginning(data)
    if text is None:
        return "", ""
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text:
            return "an XML spreadsheet of Excel 2003", _SAVE_AS
        if _HTML.search(stripped):
            return "an HTML page", f"{_SAVE_AS}; if it is an error or login page, export the table again"
        return "XML", _SAVE_AS
    if stripped.startswith("MIME-Version:"):
        return "a web archive (MHTML)", _SAVE_AS
    if kind != "CSV":
        return "text", "rename it to .csv"
    return "", ""


def _identified_archive(data: bytes, kind: str) -> tuple[str, str]:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ("", "") if kind == "Excel" else ("a damaged ZIP archive or workbook", "save it again")
    for part, suffix in (
        ("xl/workbook.xml", ".xlsx"), ("xl/workbook.bin", ".xlsb"), ("content.xml", ".ods"),
    ):  # fmt: skip
        if part in names:
            return ("", "") if kind == "Excel" else ("a workbook", f"rename it to {suffix}")
    if "word/document.xml" in names:
        return "a Word document", "copy its table into a workbook and save that as .xlsx"
    return "a ZIP archive", _UNPACK


def _identified_ole(data: bytes, kind: str) -> tuple[str, str]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "protected by a password", "open it in Excel and save it without one"
    return ("", "") if kind == "Excel" else ("a workbook of Excel 97", "rename it to .xls")


def _beginning(data: bytes) -> str | None:
    """Return the beginning of a text; None if the file is binary."""
    head = data[:8192]
    codec = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
    text = head.decode(codec, errors="replace")
    control = sum(c < " " and c not in "\t\r\n\f" for c in text)
    return None if control else text
