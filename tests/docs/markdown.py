"""Parses README and docs: links, anchors, blocks of code, commands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tasks.system.project import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, and the line where it begins."""

    language: str
    text: str
    line: int


def links(page: Path) -> Iterator[str]:
    """The target of every link and image."""
    for token in _inline(page):
        for name in ("href", "src"):
            if target := token.attrs.get(name):
                yield str(target)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: dict[str, int] = {}
    tokens = _PARSER.parse(page.read_text(encoding="utf-8"))
    for opening, heading in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in heading.children or ())
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            count = found[slug] = found.get(slug, -1) + 1
            if count:
                found[f"{slug}-{count}"] = 0
    return set(found)


def blocks(page: Path) -> list[Block]:
    """The blocks of code of a page, fenced or indented."""
    return [
        Block(token.info.strip(), token.content, (token.map or [0])[0] + 1)
        for token in _PARSER.parse(page.read_text(encoding="utf-8"))
        if token.type in ("fence", "code_block")
    ]


def commands(page: Path) -> list[list[str]]:
    """Return every command of this project on a page, in blocks and in text, as lists of words.

    What follows a pipe or a redirection is left out.
    """
    lines = [line.strip() for block in blocks(page) for line in re.split(r"&&|\n", block.text)]
    lines += [token.content for token in _inline(page) if token.type == "code_inline"]
    found = []
    for line in lines:
        command = re.sub(r"^\$ +|\.venv/bin/", "", line.strip())
        if re.match(r"(workforce|python3? -m|python3?) [\w./][\w./-]*", command):
            words = shlex.split(command, comments=True)
            found.append(list(takewhile(lambda word: word not in ("|", ">"), words)))
    return found


def _inline(page: Path) -> Iterator[Token]:
    for token in _PARSER.parse(page.read_text(encoding="utf-8")):
        yield from token.children or ()
