"""Reads the pages of a fit and of a backtest as a reader sees them."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The sections of a page by id: text and tables; and everything that could be loaded from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: dict[str, list[list[str]]] = {}
        self.texts: dict[str, str] = {}
        self.charts: dict[str, int] = {}
        self.addresses: list[str] = []
        self._section: str | None = None
        self._cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.addresses += [
            str(value)
            for name, value in attrs
            if name in ("src", "href", "xlink:href") and not str(value).startswith("#")
        ]
        assert tag not in ("script", "link", "iframe", "object")
        if tag == "section":
            self._section = str(named["id"])
            self.sections[self._section], self.texts[self._section] = [], ""
        if self._section and tag == "tr":
            self.sections[self._section].append([])
        if self._section and tag == "figure":
            self.charts[self._section] = self.charts.get(self._section, 0) + 1
        if tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._section and self._cell is not None:
            self.sections[self._section][-1].append("".join(self._cell).strip())
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        elif self._section:
            self.texts[self._section] += data
