"""Reads YAML as a tree of texts.

Every scalar and every key stays the text that the author wrote; the settings models
convert them. So 0.57 becomes exactly Decimal("0.57"), and `NO` (Norway), `007` (an id)
and 01-01 (a date) are not converted by YAML's rules. `null`, `~` and an empty value are
None.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

KeyPath = tuple[str, ...]
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}
MOST_BYTES = 1_000_000
MOST_NODES = 50_000
_NULLS = {"", "~", "null", "Null", "NULL"}


class YamlProblem(Exception):
    """Raised for unusable YAML; the message gives place and reason and never quotes the text."""


@dataclass
class YamlTree:
    """The content of a YAML text, the line of each key in it, and the text by line."""

    content: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)
    text: tuple[str, ...] = ()


def read_yaml_file(path: Path) -> YamlTree:
    """Read a YAML file. Raises YamlProblem if it is missing, unreadable or not UTF-8 YAML."""
    try:
        data = _content(path)
    except FileNotFoundError:
        raise YamlProblem("there is no such file") from None
    except IsADirectoryError:
        raise YamlProblem("this is a folder, a YAML file is expected") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        why = getattr(error, "strerror", None) or error
        raise YamlProblem(f"the file cannot be read: {why}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlProblem(
            f"line {line}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8; "
            "save the file as UTF-8"
        ) from None
    return parse_yaml(text)


def _content(path: Path) -> bytes:
    """Return the bytes of a file; raises YamlProblem if it is too large or not a regular file."""
    # O_NONBLOCK: opening a pipe must not wait for its writer.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(status.st_mode):
            raise YamlProblem("this is a device or pipe, a YAML file is expected")
        if status.st_size > MOST_BYTES:
            raise YamlProblem(_too_large(f"{status.st_size:,} bytes"))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def _too_large(size: str) -> str:
    return (
        f"too large for settings: {size}; at most {MOST_BYTES:,} bytes and {MOST_NODES:,} keys and values "
        "are allowed. Is this the right file?"
    )


def parse_yaml(text: str) -> YamlTree:
    """Parse a YAML text. Raises YamlProblem, with line and column, if it is invalid or too large."""
    if len(text) > MOST_BYTES:
        raise YamlProblem(_too_large(f"{len(text):,} characters"))
    tree = YamlTree(content=None, text=tuple(text.splitlines()))
    try:
        node = yaml.compose(text, _Loader)
        tree.content = None if node is None else _convert(node, (), tree)
    except yaml.MarkedYAMLError as error:
        raise YamlProblem(f"{_position(error.problem_mark)}not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlProblem(f"line {line}: not valid YAML: a control character is not allowed") from None
    except (ValueError, OverflowError):  # PyYAML lets these through for \\U escapes beyond Unicode
        raise YamlProblem("not valid YAML: an escape that is not a character") from None
    except RecursionError:
        raise YamlProblem("the YAML is nested too deeply") from None
    return tree


class _Loader(yaml.BaseLoader):
    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        # Nested aliases can expand without limit, and settings do not need them.
        event = self.peek_event()  # type: ignore[no-untyped-call] # types-PyYAML has no types for it
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="anchors (&) and aliases (*) are not supported; quote the text or repeat the values",
                problem_mark=event.start_mark,
            )
        self._nodes += 1
        if self._nodes > MOST_NODES:  # PyYAML takes a minute for some 200,000
            raise YamlProblem(_too_large(f"over {MOST_NODES:,} keys and values"))
        return super().compose_node(parent, index)


def parse_value(text: str) -> Any:
    """Parse a value of the environment or of --set.

    A text that starts with {, [ or a quote is YAML; null texts are None; any other text is the value itself.
    """
    text = text.strip()
    if text[:1] in ("{", "[", '"', "'"):
        return parse_yaml(text).content
    return None if text in _NULLS else text


def _check_characters(node: yaml.ScalarNode) -> None:
    try:
        node.value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, from an escape
        raise YamlProblem(f"{_position(node.start_mark)}an escape that is not a character") from None


def _position(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""


def _convert(node: yaml.Node, path: KeyPath, tree: YamlTree) -> Any:
    if node.tag not in _PLAIN_TAGS:
        raise YamlProblem(f"{_position(node.start_mark)}tags (!) are not supported")
    if isinstance(node, yaml.ScalarNode):
        _check_characters(node)
        return None if node.style is None and node.value in _NULLS else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_convert(item, (*path, str(i)), tree) for i, item in enumerate(node.value)]
    content: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlProblem(f"{_position(key_node.start_mark)}a key must be a plain text or number")
        _check_characters(key_node)
        key = key_node.value
        here = (*path, key)
        if key in content:
            raise YamlProblem(
                f"{_position(key_node.start_mark)}the key {'.'.join(here)} occurs twice, "
                f"first in line {tree.lines[here]}"
            )
        tree.lines[here] = key_node.start_mark.line + 1
        content[key] = _convert(value_node, here, tree)
    return content
