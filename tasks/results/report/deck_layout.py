"""Slides of a deck: text that fits its frame, tables, native charts and speaker's notes.

Nobody corrects a deck before the meeting, so each text is measured before it is placed: the largest size that
fits is taken, and what does not fit at the smallest is cut and stands whole in the notes.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import ceil
from typing import Any, Literal

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from tasks.results.report.charts import PALETTE

#: A slide in inches, and the margin of its content.
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
#: Where the content of a slide begins and ends, below title and above the footer.
TOP, BOTTOM = 1.35, 6.95
#: Sizes of text in points, the largest first.
SIZES = (20, 18, 16, 14, 12, 11, 10, 9)
#: A line's height and a character's width, as shares of the size: on the safe side for Calibri and Arial.
_LINE, _CHARACTER = 1.25, 0.54
#: Inches that a text frame or a cell keeps free on both sides together.
_INSET, _CELL_INSET = 0.2, 0.12
_INK, _SOFT, _BLUE = RGBColor(0x1B, 0x1F, 0x24), RGBColor(0x57, 0x60, 0x6A), RGBColor(0x0B, 0x57, 0xA4)
_TITLE_ONLY = 5

ChartKind = Literal["line", "column", "stacked", "bar"]
_CHARTS = {
    "line": XL_CHART_TYPE.LINE_MARKERS,
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "stacked": XL_CHART_TYPE.COLUMN_STACKED,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
}


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def placed(self) -> tuple[Any, Any, Any, Any]:
        """Left, top, width and height as python-pptx takes them."""
        left, top, width, height = map(Inches, (self.left, self.top, self.width, self.height))
        return left, top, width, height


#: The content of a slide as one box, or as two side by side.
WHOLE = Box(MARGIN, TOP, WIDTH - 2 * MARGIN, BOTTOM - TOP)
LEFT = Box(MARGIN, TOP, WHOLE.width / 2 - 0.15, WHOLE.height)
RIGHT = Box(MARGIN + WHOLE.width / 2 + 0.15, TOP, WHOLE.width / 2 - 0.15, WHOLE.height)


def lines_of(text: str, size: float, width: float) -> int:
    """Return how many lines a text takes at a size in points within a width in inches."""
    fitting = max(1, int(width * 72 / (size * _CHARACTER)))
    return max(1, len(textwrap.wrap(text, fitting)))


def height_of(texts: Sequence[str], size: float, width: float, *, gap: float = 0.0) -> float:
    """Return the height of paragraphs in inches; `gap` is the space after each, in lines."""
    lines = sum(lines_of(text, size, width) + gap for text in texts)
    return lines * size * _LINE / 72


def fitted(
    texts: Sequence[str], width: float, height: float, sizes: Sequence[int] = SIZES, *, gap: float = 0.0
) -> tuple[int, list[str]]:
    """Return the largest size at which paragraphs fit, and the paragraphs, cut if they fit at none."""
    for size in sizes:
        if height_of(texts, size, width, gap=gap) <= height:
            return size, list(texts)
    size, cut = sizes[-1], list(texts)
    while cut and height_of(cut, size, width, gap=gap) > height:
        longest = max(range(len(cut)), key=lambda place: lines_of(cut[place], size, width))
        if len(cut[longest]) < 20:
            cut.pop()
        else:
            cut[longest] = shortened(cut[longest], ceil(len(cut[longest]) * 0.85))
    return size, cut


def shortened(text: str, most: int) -> str:
    """Return text of at most so many characters; what is cut is marked."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def short_names(names: Sequence[str], most: int) -> dict[str, str]:
    """Return a short name for each name; names that would be the same get a number."""
    found: dict[str, str] = {}
    for name in names:
        short, number = shortened(name, most), 2
        while short in found.values():
            ending = f" ({number})"
            short, number = shortened(name, most - len(ending)) + ending, number + 1
        found[name] = short
    return found


class Slide:
    """A slide with a title; its parts are placed into boxes."""

    def __init__(self, slide: Any, title: str, number: int, footer: str) -> None:
        """Place the title and the footer."""
        self._slide = slide
        box = Box(MARGIN, 0.4, WHOLE.width, 0.85)
        size, (text,) = fitted([title], box.width - _INSET, box.height - 0.1, (28, 26, 24, 22, 20, 18))
        frame = self._placed(slide.shapes.title, box)
        self._write(frame.paragraphs[0], text, size, bold=True)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        foot = Box(MARGIN, HEIGHT - 0.45, WHOLE.width, 0.3)
        _, (text,) = fitted([f"{footer}   |   {number}"], foot.width - _INSET, foot.height, (9,))
        self.texts([text], foot, sizes=(9,), colour=_SOFT)

    def texts(
        self,
        texts: Sequence[str],
        box: Box,
        *,
        sizes: Sequence[int] = SIZES,
        gap: float = 0.0,
        leads: Sequence[str] = (),
        colour: Any = _INK,
    ) -> None:
        """Write paragraphs into a box; `leads` are bold words in front of them."""
        whole = [f"{lead}  {text}" for lead, text in zip(leads, texts, strict=True)] if leads else list(texts)
        size, cut = fitted(whole, box.width - _INSET, box.height - 0.1, sizes, gap=gap)
        frame = self._placed(self._slide.shapes.add_textbox(*box.placed), box)
        for number, text in enumerate(cut):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            lead = leads[number] if leads else ""
            if lead:
                self._write(paragraph, f"{lead}  ", size, bold=True, colour=_BLUE)
            self._write(paragraph, text.removeprefix(f"{lead}  ") if lead else text, size, colour=colour)
            paragraph.space_after = Pt(size * gap * _LINE)

    def table(
        self, headings: Sequence[str], rows: Sequence[Sequence[str]], box: Box, shares: Sequence[float]
    ) -> int:
        """Write a table, columns as wide as their shares of the box; return the number of rows that fit.

        The first column is aligned left, the others right. Rows that do not fit even in the smallest size are
        left out: the caller says so.
        """
        widths = [box.width * share / sum(shares) for share in shares]
        size, heights = self._row_heights([headings, *rows], widths, box.height)
        shape = self._slide.shapes.add_table(len(heights), len(headings), *box.placed)
        shape.height = Inches(sum(heights))
        for place, width in enumerate(widths):
            shape.table.columns[place].width = Inches(width)
        for number, (cells, height) in enumerate(zip([headings, *rows], heights, strict=False)):
            shape.table.rows[number].height = Inches(height)
            for place, text in enumerate(cells):
                self._fill(shape.table.cell(number, place), text, size, place, bold=number == 0)
        return len(heights) - 1

    def chart(
        self,
        kind: ChartKind,
        title: str,
        categories: Sequence[str],
        series: Mapping[str, Sequence[float | None]],
        box: Box,
        *,
        number_format: str = "#,##0",
    ) -> None:
        """Draw a native chart; bars start at zero, and a category or series without a value has a gap."""
        data = CategoryChartData(number_format=number_format)
        data.categories = list(categories)
        for name, values in series.items():
            data.add_series(name, values)
        chart = self._slide.shapes.add_chart(_CHARTS[kind], *box.placed, data).chart
        chart.font.size, chart.font.color.rgb = Pt(12), _INK
        chart.has_title = True
        _, (text,) = fitted([title], box.width - 0.6, 0.35, (14,))
        self._write(chart.chart_title.text_frame.paragraphs[0], text, 14, bold=True)
        chart.has_legend = len(series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
            chart.legend.font.size = Pt(12 if len(series) < 5 else 10)
        value_axis, category_axis = chart.value_axis, chart.category_axis
        value_axis.has_major_gridlines = True
        value_axis.major_gridlines.format.line.color.rgb = RGBColor(0xE4, 0xE4, 0xE4)
        value_axis.format.line.fill.background()
        value_axis.tick_labels.number_format, value_axis.tick_labels.number_format_is_linked = (
            number_format,
            False,
        )
        # below negative bars, too, names stand at the edge
        category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        numbers = [value for values in series.values() for value in values if value is not None]
        if kind != "line" and min(numbers, default=0) >= 0:
            value_axis.minimum_scale = 0
        if kind == "bar":
            category_axis.reverse_order = True
        self._colour(chart.plots[0], kind, len(numbers), number_format)

    def notes(self, *texts: str) -> None:
        """Write the speaker's notes."""
        self._slide.notes_slide.notes_text_frame.text = "\n".join(filter(None, texts))

    def _colour(self, plot: Any, kind: ChartKind, points: int, number_format: str) -> None:
        if kind != "line":
            plot.gap_width = 60
            plot.overlap = 100 if kind == "stacked" else 0
        for number, series in enumerate(plot.series):
            colour = RGBColor.from_string(PALETTE[number % len(PALETTE)].removeprefix("#"))
            if kind == "line":
                series.smooth = False
                series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
                series.marker.format.fill.solid()
                series.marker.format.fill.fore_color.rgb = colour
                series.marker.format.line.color.rgb = colour
            else:
                series.format.fill.solid()
                series.format.fill.fore_color.rgb = colour
        if points <= 12 and kind != "stacked":  # more labels would cover each other
            plot.has_data_labels = True
            plot.data_labels.number_format, plot.data_labels.number_format_is_linked = number_format, False
            plot.data_labels.font.size = Pt(11)

    def _row_heights(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], height: float
    ) -> tuple[int, list[float]]:
        """Return the largest size at which rows fit, and their heights; else those that fit at the least."""
        for size in (14, 12, 11, 10, 9):
            heights = [
                max(
                    height_of([text], size, width - 2 * _CELL_INSET)
                    for text, width in zip(cells, widths, strict=True)
                )
                + 0.12
                for cells in rows
            ]
            if sum(heights) <= height:
                return size, heights
        while sum(heights) > height:
            heights.pop()
        return size, heights

    def _fill(self, cell: Any, text: str, size: int, place: int, *, bold: bool) -> None:
        cell.margin_left = cell.margin_right = Inches(_CELL_INSET)
        cell.margin_top = cell.margin_bottom = Inches(0.04)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT if place else PP_ALIGN.LEFT
        self._write(paragraph, text, size, bold=bold, colour=None if bold else _INK)

    @staticmethod
    def _placed(shape: Any, box: Box) -> Any:
        shape.left, shape.top, shape.width, shape.height = box.placed
        shape.text_frame.word_wrap = True
        return shape.text_frame

    @staticmethod
    def _write(paragraph: Any, text: str, size: int, *, bold: bool = False, colour: Any = _INK) -> None:
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold = text, Pt(size), bold
        if colour is not None:
            run.font.color.rgb = colour


class Deck:
    """A presentation that slides are added to, in the wide format."""

    def __init__(self, title: str, footer: str) -> None:
        """Create it; `footer` stands on every slide beside its number."""
        self._file = Presentation()
        self._file.slide_width, self._file.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self._footer = footer
        properties = self._file.core_properties
        properties.title, properties.author = title, "workforce"
        properties.created = properties.modified = datetime(2000, 1, 1)

    def add(self, title: str) -> Slide:
        """Add a slide."""
        slide = self._file.slides.add_slide(self._file.slide_layouts[_TITLE_ONLY])
        return Slide(slide, title, len(self._file.slides), self._footer)

    def content(self) -> bytes:
        """Return the file."""
        file = BytesIO()
        self._file.save(file)
        return file.getvalue()
