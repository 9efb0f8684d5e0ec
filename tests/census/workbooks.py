"""Workbooks written cell by cell, as other programs write them: what no writing library would let us have."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Style 1 is a date, style 2 a duration.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)


def xlsx(
    path: Path,
    sheets: Mapping[str, str],
    *,
    shared: Sequence[str] = (),
    compute_on_load: bool = False,
    compressed: bool = True,
) -> Path:
    """Write a workbook of sheets, each given as the XML within its worksheet element."""
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, 1)
        )
        + f'</sheets><calcPr fullCalcOnLoad="{int(compute_on_load)}"/></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}'
        f'<Relationship Id="s" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="y" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f"<si><t>{text}</t></si>" for text in shared)
        + "</sst>",
    }
    for i, body in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{_MAIN}">{body}</worksheet>'
    return _zipped(path, parts, compressed)


def rows_of(cells: Sequence[Sequence[str | None]], first_row: int = 1) -> str:
    """Sheet data of an .xlsx: texts, or cells that are XML, in which {at} stands for the reference."""
    lines = []
    for number, row in enumerate(cells, first_row):
        line = ""
        for place, cell in enumerate(row):
            at = f"{chr(ord('A') + place)}{number}"
            if cell is not None and cell.startswith("<"):
                line += cell.replace("{at}", at)
            elif cell is not None:
                line += f'<c r="{at}" t="inlineStr"><is><t>{cell}</t></is></c>'
        lines.append(f'<row r="{number}">{line}</row>')
    return f"<sheetData>{''.join(lines)}</sheetData>"


def ods(path: Path, sheets: Mapping[str, Sequence[str]]) -> Path:
    """Write an OpenDocument spreadsheet; each row is the XML of its cells."""
    names = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")
    } | {"calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"}
    declared = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _zipped(
        path,
        {
            "mimetype": kind,
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:'
            f'xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
            "content.xml": f"<office:document-content {declared}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        },
    )


def ods_text(text: str) -> str:
    """A cell of an .ods that holds a text."""
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        if text
        else "<table:table-cell/>"
    )


def xlsb(
    path: Path,
    rows: Sequence[Sequence[str | tuple[int, bytes] | None]],
    merged: Sequence[tuple[int, ...]] = (),
) -> Path:
    """Write a binary workbook of one sheet, `People`: texts, or record type and value of a cell."""

    def record(kind: int, body: bytes = b"") -> bytes:
        start = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, length = b"", len(body)
        while length >= 128:
            size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
        return start + size + bytes([length]) + body

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = (
        record(0x81) + record(0x94, struct.pack("<4I", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + record(0x91)
    )
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<I", number) + bytes(13))
        for place, cell in enumerate(row):
            if cell is not None:
                kind, value = (6, wide(cell)) if isinstance(cell, str) else cell
                sheet += record(kind, struct.pack("<II", place, 0) + value)
    sheet += record(0x92)
    for range_ in merged:
        sheet += record(176, struct.pack("<4I", *range_))
    book = record(0x83) + record(0x8F)
    book += record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("People"))
    book += record(0x90) + record(0x84)
    return _zipped(
        path,
        {
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
            "xl/worksheets/sheet1.bin": sheet + record(0x82),
        },
    )


def _zipped(path: Path, parts: Mapping[str, str | bytes], compressed: bool = True) -> Path:
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else kind)
    return path
