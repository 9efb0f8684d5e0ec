"""The choices of a page, kept in its address, so that a link shows the same.

The address is the only place of a choice: a widget gets its value from there each time it is drawn, and
writes there when the user changes it. Streamlit's own binding would write the texts that the widget shows,
not the ids. A value that the run does not have is left out without a message: the user sees what is chosen.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

Option = TypeVar("Option")


def asked(name: str) -> list[str]:
    """Return the values of a choice in the address."""
    return list(st.query_params.get_all(name))


def keep(name: str, values: Sequence[str]) -> None:
    """Write a choice to the address; without values it is removed."""
    if values:
        st.query_params[name] = list(values)
    elif name in st.query_params:
        del st.query_params[name]


def pick_one(
    label: str,
    options: Sequence[Option],
    name: str,
    *,
    default: Option | None = None,
    words: Callable[[Option], str] = str,
    by_buttons: bool = False,
    explained: str | None = None,
) -> Option:
    """Let the user choose one of `options`, which differ as text; by default `default`, or the first."""
    default = options[0] if default is None else default
    by_text = {str(option): option for option in options}
    key = _key(name)
    st.session_state[key] = next((by_text[text] for text in asked(name) if text in by_text), default)
    if by_buttons:
        st.segmented_control(
            label,
            options,
            required=True,
            key=key,
            format_func=words,
            on_change=_keep_one,
            args=(name, default),
        )
    else:
        st.selectbox(
            label,
            options,
            key=key,
            format_func=words,
            help=explained,
            on_change=_keep_one,
            args=(name, default),
        )
    chosen: Option = st.session_state[key]
    return chosen


def pick_many(
    label: str, options: Sequence[str], name: str, *, default: Sequence[str] = (), empty: str = "All"
) -> tuple[str, ...]:
    """Let the user choose some of `options`; none means all. Returns those chosen."""
    key = _key(name)
    st.session_state[key] = [text for text in asked(name) if text in options] or list(default)
    st.multiselect(
        label,
        options,
        key=key,
        placeholder=empty,
        on_change=_keep_many,
        args=(name, list(default)),
    )
    return tuple(st.session_state[key])


def _key(name: str) -> str:
    return f"chosen {name}"


def _keep_one(name: str, default: Any) -> None:
    value = st.session_state[_key(name)]
    keep(name, [] if value == default else [str(value)])


def _keep_many(name: str, default: list[str]) -> None:
    values = st.session_state[_key(name)]
    keep(name, [] if values == default else values)
