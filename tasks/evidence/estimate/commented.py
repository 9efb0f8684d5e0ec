"""YAML with a comment behind values: mappings of keys, written line by line.

PyYAML reads comments but does not keep them, and writes none.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

Path = tuple[str, ...]


class Removed:
    """The value of an entry that must not be in force: neither from this file nor from the defaults."""


REMOVED = Removed()


@dataclass(frozen=True)
class Entry:
    """A setting of the file, and the comment behind it."""

    path: Path
    value: Any
    comment: str = ""


def without_removed(entries: Sequence[Entry], in_defaults: Callable[[Path], bool]) -> Iterator[Entry]:
    """Yield the entries in force: REMOVED drops the entries before it, and is a null where defaults have one.

    A null of an entry that the defaults lack would be refused, since it removes nothing.
    """
    for number, entry in enumerate(entries):
        later = entries[number + 1 :]
        if entry.value is REMOVED:
            is_set_again = any(
                _is_below(each.path, entry.path) for each in later if each.value is not REMOVED
            )
            if in_defaults(entry.path) and not is_set_again:
                yield Entry(entry.path, None, entry.comment)
        elif not any(_is_below(entry.path, each.path) for each in later if each.value is REMOVED):
            yield entry


def _is_below(path: Path, other: Path) -> bool:
    return path[: len(other)] == other


def as_yaml(entries: Sequence[Entry]) -> str:
    """Return the entries as nested mappings, in the order of the first entry of each group.

    A later entry of the same path replaces an earlier one; a null of a group is kept only if nothing is
    below.
    """
    tree: dict[str, Any] = {}
    for entry in entries:
        here = tree
        for name in entry.path[:-1]:
            below = here.get(name)
            here = here.setdefault(name, {}) if isinstance(below, dict | None) else _replaced(here, name)
        here[entry.path[-1]] = entry
    return "\n".join(_lines(tree, 0)) + "\n"


def flow(value: Any) -> str:
    """Return a value on one line: a list or mapping in flow style, a text as YAML needs it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    return _text(str(value))


def _text(text: str) -> str:
    """Quote a text if YAML would read anything but itself, or if it could begin a comment or a flow mark."""
    plain = text.replace("_", "").replace("-", "").replace(" ", "").isalnum() and text.isascii()
    if plain and text == text.strip() and isinstance(yaml.safe_load(text), str):
        return text
    return json.dumps(text, ensure_ascii=False)


def _replaced(here: dict[str, Any], name: str) -> dict[str, Any]:
    here[name] = {}
    found: dict[str, Any] = here[name]
    return found


def _lines(tree: dict[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, below in tree.items():
        if isinstance(below, Entry):
            line = f"{indent}{_text(name)}: {flow(below.value)}"
            yield f"{line}  # {below.comment}" if below.comment else line
        else:
            yield f"{indent}{_text(name)}:"
            yield from _lines(below, depth + 1)
