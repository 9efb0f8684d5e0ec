"""Filled cells that fastexcel returns as empty: none of them may count as empty."""

import base64
import logging
import struct
import zipfile
import zlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from tasks.census.read import CensusError
from tests.census.conftest import Read
from tests.census.workbooks import ods, ods_text, rows_of, xlsb, xlsx

HEADER = ["employee_id", "birth_date", "hire_date", "salary", "termination_date"]
PERSON = ["1958-03-04", "1990-05-16", "61000"]


def reasons(read: Read, path: Path) -> dict[int, str]:
    """Row → reason of the faults in termination_date; there must be no other faults."""
    rejects = read(path, max_rejected_share="1").rejects
    assert set(rejects["column"]) <= {"termination_date"}
    return dict(rejects.select("row_number", "reason").rows())


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('<c r="{at}"><f>DATE(2019,5,31)</f></c>', "no saved value"),
        ('<c r="{at}" s="1"><f>DATE(2019,5,31)</f><v></v></c>', "no saved value"),
        ('<c r="{at}"><f>DATE(2019,5,31)</f><v/></c>', "no saved value"),
        ('<c r="{at}" t="str"><f>A1</f></c>', "no saved value"),
        ('<c r="{at}" t="e"><f>NA()</f></c>', "no saved value"),
        ('<c r="{at}"><f t="shared" si="0"/></c>', "no saved value"),
        ("<c r='{at}' ><f>A1</f ></c>", "no saved value"),
        ('<c s="1" r="{at}"><f>A1</f></c>', "no saved value"),
        ('<c r="{at}" t="e"><v>#N/A</v></c>', "an error such as #N/A"),
        ('<c r="{at}" s="1"><v>1e12</v></c>', "outside the calendar"),
        ('<c r="{at}" s="2"><v>1e15</v></c>', "outside the calendar"),
        ('<c r="{at}" t="inlineStr"><v>2019-05-31</v></c>', "cannot be read"),
        ('<c r="{at}"><v><![CDATA[43616]]></v></c>', "cannot be read"),
        ('<c r="{at}"><v><!-- x -->43616</v></c>', "cannot be read"),
        ('<c r="{at}" t="str"><v><![CDATA[2019-05-31]]></v></c>', "cannot be read"),
        ('<c r="{at}" t="b"><v>1</v></c>', "not a date"),
        ('<c r="{at}" s="2"><v>1.5</v></c>', "before the hire date"),
    ],
)
def test_no_filled_cell_of_xlsx_passes_for_empty(tmp_path: Path, read: Read, cell: str, reason: str) -> None:
    rows = [HEADER, ["1", *PERSON, None], ["2", *PERSON, cell], ["3", *PERSON, cell]]
    found = reasons(read, xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}))
    assert found.keys() == {3, 4}
    assert all(reason in text for text in found.values()), found


@pytest.mark.parametrize(
    "cell",
    [
        None,
        '<c r="{at}"/>',
        '<c r="{at}" s="1"></c>',
        '<c r="{at}"><v></v></c>',
        '<c r="{at}" t="str"><f>IF(A1=0,1,"")</f><v></v></c>',
        '<c r="{at}" t="inlineStr"><is><t></t></is></c>',
        '<c r="{at}" t="s"><v>0</v></c>',
        '<c r="{at}" t="str"><v> </v></c>',
    ],
)
def test_an_empty_cell_of_xlsx_is_empty(tmp_path: Path, read: Read, cell: str | None) -> None:
    rows = [HEADER, ["1", *PERSON, cell], ["2", *PERSON, '<c r="{at}"><f>TODAY()</f></c>']]
    path = xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}, shared=[""])
    assert reasons(read, path).keys() == {3}


def test_cells_without_references_and_with_prefixes_are_found_too(tmp_path: Path, read: Read) -> None:
    """Some programs write neither r="A1" nor the usual names."""
    text = '<x:c t="inlineStr"><x:is><x:t>{}</x:t></x:is></x:c>'
    body = "".join(
        f"<x:row>{''.join(text.format(cell) for cell in row)}{last}</x:row>"
        for row, last in (
            (HEADER, ""),
            (["1", *PERSON], "<x:c/>"),
            (["2", *PERSON], "<x:c><x:f>TODAY()</x:f></x:c>"),
        )
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = xlsx(tmp_path / "census.xlsx", {"People": f'<x:sheetData xmlns:x="{space}">{body}</x:sheetData>'})
    assert reasons(read, path).keys() == {3}


def test_rows_of_nothing_but_formulas_are_not_lost(tmp_path: Path, read: Read) -> None:
    unread = '<c r="{at}"><f>Other!A1</f></c>'
    rows = [HEADER, ["1", *PERSON, None], [unread] * 5, ["2", *PERSON, None], [unread] * 5]
    census = read(xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}), max_rejected_share="1")
    assert census.rows_read == 4
    assert sorted(set(census.rejects["row_number"])) == [3, 5]


def test_a_sheet_of_nothing_but_formulas_is_not_called_empty(tmp_path: Path, read: Read) -> None:
    rows = [['<c r="{at}"><f>Other!A1</f></c>'] * 5] * 3
    with pytest.raises(CensusError, match="only formulas that were never computed"):
        read(xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}))


def test_a_formula_that_its_program_never_computed_has_no_value(tmp_path: Path, read: Read) -> None:
    with xlsxwriter.Workbook(tmp_path / "census.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["1", *PERSON])
        sheet.write_formula(1, 3, "=50000+1000")  # xlsxwriter saves 0
        sheet.write_row(2, 0, ["2", *PERSON])
        sheet.write_formula(2, 3, "=50000+1000", None, 51000)
    census = read(tmp_path / "census.xlsx", max_rejected_share="1")
    assert census.rejects.select("row_number", "column").rows() == [(2, "salary")]
    assert "never computed" in census.rejects["reason"][0]


def test_only_the_first_of_merged_cells_has_a_value(tmp_path: Path, read: Read) -> None:
    rows = [HEADER, ["1", *PERSON, "2019-05-31"], ["2", *PERSON, None], ["3", *PERSON, None]]
    merged = '<mergeCells count="2"><mergeCell ref="E2:E3"/><mergeCell ref="F1:G9"/></mergeCells>'
    path = xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows) + merged})
    assert reasons(read, path) == {
        3: "the cell is merged with E2; unmerge the cells and enter the value in each"
    }


def test_an_error_that_is_new_in_excel_is_named(tmp_path: Path, read: Read) -> None:
    rows = [HEADER, ["1", *PERSON, '<c r="{at}" t="e"><v>#SPILL!</v></c>']]
    with pytest.raises(CensusError, match="a cell contains the error #SPILL!"):
        read(xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}))


def test_no_filled_cell_of_ods_passes_for_empty(tmp_path: Path, read: Read) -> None:
    person = "".join(map(ods_text, PERSON))
    error = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
    last = [
        "<table:table-cell/>",
        '<table:table-cell table:formula="of:=TODAY()"/>',
        f'<table:table-cell table:formula="of:=NA()" {error}><text:p>#N/A</text:p></table:table-cell>',
        '<table:table-cell office:value-type="time" office:time-value="PT9H"/>',
        "<table:table-cell><text:p>2019-05-31</text:p></table:table-cell>",
        '<table:table-cell office:value-type="string" table:number-rows-spanned="2">'
        "<text:p>2024-05-31</text:p></table:table-cell>",
        "<table:covered-table-cell/>",
        '<table:table-cell table:formula="of:=A1" office:value-type="string" office:string-value=""/>',
    ]
    rows = ["".join(map(ods_text, HEADER))]
    rows += [ods_text(str(i)) + person + cell for i, cell in enumerate(last)]
    found = reasons(read, ods(tmp_path / "census.ods", {"People": rows, "Other": rows}))
    assert found.keys() == {3, 4, 5, 6, 8}
    assert "no saved value" in found[3] and "error" in found[4] and "merged with E7" in found[8]


def test_repeated_cells_of_ods_are_counted(tmp_path: Path, read: Read) -> None:
    """LibreOffice writes equal rows and cells once, with a number of repetitions."""
    formula = '<table:table-cell table:formula="of:=TODAY()" table:number-columns-repeated="2"/>'
    names = "".join(map(ods_text, [*HEADER, "level"]))
    person = "".join(map(ods_text, PERSON))
    rows = [names, "", ods_text("1") + person + formula, ods_text("2") + person]
    path = ods(tmp_path / "census.ods", {"People": rows})
    _repeat(path, row=2, times=3)
    _repeat(path, row=3, times=2)
    census = read(path, max_rejected_share="1")
    assert census.employees["employee_id"].to_list() == ["2"]
    assert census.rejects.select("row_number", "column").unique().sort("row_number", "column").rows() == [
        (row, column) for row in (5, 6) for column in ("level", "termination_date")
    ]


def _repeat(path: Path, row: int, times: int) -> None:
    """Set how often a row of an .ods, counted from 1, is repeated."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = parts["content.xml"].split(b"<table:table-row")
    rows[row] = f' table:number-rows-repeated="{times}"'.encode() + rows[row]
    parts["content.xml"] = b"<table:table-row".join(rows)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_no_filled_cell_of_xlsb_passes_for_empty(tmp_path: Path, read: Read) -> None:
    rich = b"\0" + struct.pack("<I", 2) + "no".encode("utf-16-le")
    last: list[tuple[int, bytes] | None] = [
        None,
        (1, b""),  # blank
        (8, struct.pack("<I", 0) + bytes(10)),  # a formula that gives an empty text
        (11, b"\x2a" + bytes(10)),  # a formula that gives #N/A
        (3, b"\x2a"),  # #N/A
        (62, rich),
        (6, struct.pack("<I", 10) + "2024-05-31".encode("utf-16-le")),
        None,
    ]
    rows = [HEADER, *([str(i), *PERSON, cell] for i, cell in enumerate(last))]
    found = reasons(read, xlsb(tmp_path / "census.xlsb", rows, merged=[(7, 8, 4, 4)]))
    assert found.keys() == {5, 6, 7, 9}
    assert "error" in found[5] and "merged with E8" in found[9]


def test_parquet_dates_beyond_nanoseconds_do_not_come_round(tmp_path: Path, read: Read) -> None:
    """Spark and Impala write 96-bit timestamps, of which 9999-12-31 read as nanoseconds is in 1816."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ends = pa.array([None, 253402214400000], pa.timestamp("ms"))
    columns = {name: pa.array([value, value]) for name, value in zip(HEADER[1:4], PERSON, strict=True)}
    table = pa.table({"employee_id": pa.array(["1", "2"]), **columns, "termination_date": ends})
    pq.write_table(table, tmp_path / "census.parquet", use_deprecated_int96_timestamps=True)
    rejects = read(tmp_path / "census.parquet", max_rejected_share="1").rejects
    assert rejects.select("row_number", "value").rows() == [(3, "9999-12-31")]


def test_parquet_types_that_polars_cannot_hold_are_read(tmp_path: Path, read: Read) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "employee_id": pa.array(["1"]).dictionary_encode(),
            "birth_date": pa.array([date(1980, 1, 1)]),
            "hire_date": pa.array(["2010-01-01"], pa.large_string()),
            "salary": pa.array(["61000.5"]).cast(pa.decimal256(50, 2)),
        }
    )
    pq.write_table(table, tmp_path / "census.parquet")
    employees = read(tmp_path / "census.parquet").employees
    assert employees.select("employee_id", pl.col("salary").cast(pl.String)).rows() == [("1", "61000.50")]


#: An .xls of xlwt, which nothing here can write: employees 1 and 2, the second with the formula ="2024-06-30"
#: as termination date, without a saved value.
OLD = (
    "c-rk)O=uHA6#izj`KwKu)>dhSQYu!h4J56UdT679_GGDgP(-L3v(V5qDQi5`i`CkrAb3)|6ngPe_2LhD(3=OLq6a|`"
    "5<Pkn6g;$D-@Ki~M0;pJOO^eWdGp?zd2im%|L*Ih#=`uAwjzGP5Ik75gYZ@81f^g}h=9s%Te77*K*@ITPaznff%JLt"
    "H1x_Z$54)U5gP96FNgvkDV@a>MsiuRV*_!RV=#n_VUVc69nyr+%272jJ<oJ2(|cU=8PkKTxz2Qu>K4QqEG0&|2h=P+"
    "t#xu)7}D<}wt3H*I9l*h&f?2Agj3gxLsr_zY|esqy&emoaT_+Xre$ObXr=*Nz&E=C_*z=2&pTZG#_9z~|Gir8UqgRW"
    "(}5Y-=Xiq8(dOEsI|F=j85a>EwvN&kz?_`Q<fct?ES(}vGHvC@$5KY#r0sY-ZJEr|(!F403~QQJbl$Wk(^(^*&Sklb"
    "=1rUo;|B&}(O5j%CxzZvTnS#FKSrQhy|O`PQ;1Y;3L#!B^+Z!>V7`%;OoX=m<-1?r97~QS##l4M2Z3{3?2>N?8&{+S"
    "8Hc&V!<1S@H(TsudX>HIV7`rMGu5HIYqUi%M`yXtH7@O<cKR4^6T2(;J;cv_KK{6U?o(nf@r%R7OU;Y#67%S!9!`<H"
    "d}h%jdc^Hp5>FDPT&S((1Jl;uwwZtyQL)?VOl-gk4-%+9BpgZhjwnl->MKX`kmM;#I!U_nELg7gEZDPG)fep9SC*t_"
    "e_4{A1Im}SMwA-+3aa{Al`pNzmsa-W!%mWP6|+3x9hV_&ucIl{yFVK1kM_lev?e^1{%QC9i8{D&;lhOr7cN}5*jx~N"
    "J$0_+y1JChE1_Tg*IA*o>i#DAZ*c-Sdh+yPdIVX@Elk%mf40FZO1{K8ZA$+OB~DT67ABD7I3{YIzx25#D&J?_hLJzF"
    "glcVnwU#*la{E63e^2C{"
)


def test_a_warning_names_leavers_that_an_old_xls_may_hide(
    tmp_path: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "census.xls"
    path.write_bytes(zlib.decompress(base64.b85decode(OLD)))
    with caplog.at_level(logging.WARNING):
        assert read(path).employees.height == 2
    (warning,) = caplog.messages
    assert "census.xls: 2 of 2 cells of termination_date are empty" in warning
    assert "save the file as .xlsx to detect them" in warning
