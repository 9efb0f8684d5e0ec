"""The controls of the levers: a slider with a number field each, values by year, the address, Reset.

Where levers stand is kept in the session apart from the widgets, whose values Streamlit drops as soon as
another page is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import streamlit as st

from settings.models.calendar import FiscalCalendar
from tasks.dashboard.link import keep
from tasks.dashboard.what_if.levers import DECIMALS, UNITS, Lever, Move, Moves
from tasks.text.calendar import year_label
from tasks.text.markdown import escaped

MOVES, ADDRESS = "what-if moves", "levers"
#: Separates the parts of the address: name:value, or name:year=value.
_PARTS, _VALUE, _YEAR = ",", ":", "="
#: Characters of an address's part that a remark shows.
SHOWN = 40


@dataclass(frozen=True)
class Levers:
    """The levers of a starting point; where they stand is in the session."""

    run_id: str
    scenario_id: str
    levers: Sequence[Lever]
    calendar: FiscalCalendar

    @property
    def subject(self) -> str:
        """Run and scenario, to which the positions belong."""
        return f"{self.run_id}/{self.scenario_id}"

    @property
    def moves(self) -> Moves:
        """Where the levers stand that were moved; at first those of the address."""
        return self._kept[1]

    @property
    def _kept(self) -> tuple[str, dict[str, Move], list[str]]:
        """The subject, where its levers stand, and what of the address they could not be set to."""
        kept: tuple[str, dict[str, Move], list[str]] | None = st.session_state.get(MOVES)
        if kept is None or kept[0] != self.subject:
            asked = st.query_params.get(ADDRESS, "") if kept is None else ""
            kept = st.session_state[MOVES] = self.subject, *_read(asked, self.levers)
        return kept

    def put(self, moves: Moves) -> None:
        """Move levers: keep where they stand, also in the address and in the widgets."""
        st.session_state[MOVES] = self.subject, dict(moves), []
        stay_with(self.run_id)
        for lever in self.levers:
            self._set_widgets(lever, moves.get(lever.name, Move()))

    def show(self) -> None:
        """Show the controls of all levers by group, and a button that resets them."""
        _, moves, remarks = self._kept
        self._write_address(moves)
        if remarks:
            st.warning(escaped(f"Of the levers in the address, {'; '.join(remarks)}."))
        st.button(
            "Reset all levers",
            icon=":material/restart_alt:",
            on_click=self.put,
            args=[{}],
            disabled=not moves,
            width="stretch",
        )
        for group, levers in groupby(self.levers, key=lambda lever: lever.group):
            st.markdown(f"**{group}**")
            for lever in levers:
                self._show_lever(lever, moves.get(lever.name, Move()))
        with st.expander("A value for each year", icon=":material/calendar_month:"):
            self._show_years(moves)

    def _show_lever(self, lever: Lever, move: Move) -> None:
        if move.by_year:
            st.caption(f"{escaped(lever.heading)}: a value for each year, below")
            return
        self._set_if_absent(lever, move)
        decimals = DECIMALS[lever.unit]
        # the label belongs to the slider; the field has the same one for screen readers
        left, right = st.columns([3, 2], vertical_alignment="bottom", gap="small")
        common: dict[str, Any] = {
            "min_value": float(lever.lowest),
            "max_value": float(lever.highest),
            "step": float(lever.step),
            "format": f"%.{decimals}f",
        }
        left.slider(
            escaped(lever.heading),
            **common,
            key=self._key(lever, "slider"),
            help=lever.help,
            on_change=self._moved,
            args=[lever, "slider"],
        )
        right.number_input(
            f"{escaped(lever.heading)}, as a number",
            **common,
            key=self._key(lever, "number"),
            on_change=self._moved,
            args=[lever, "number"],
            label_visibility="collapsed",
        )

    def _show_years(self, moves: Moves) -> None:
        by_name = {lever.name: lever for lever in self.levers if lever.is_by_year}
        key = f"what-if years of {self.subject}"
        if key not in st.session_state:
            st.session_state[key] = [name for name, move in moves.items() if move.by_year and name in by_name]
        chosen = st.multiselect(
            "Levers with a value for each year",
            list(by_name),
            format_func=lambda name: by_name[name].label,
            key=key,
            on_change=self._chosen_years,
            args=[key],
        )
        for name in chosen:
            lever = by_name[name]
            values = dict(moves.get(name, Move()).by_year or lever.path)
            unit = UNITS["share" if lever.unit == "points" else lever.unit]
            st.markdown(f"**{escaped(lever.label)}**" + (f" ({unit})" if unit else ""))
            with st.container(horizontal=True):
                for year in lever.path:
                    year_key = self._key(lever, str(year))
                    if year_key not in st.session_state:
                        st.session_state[year_key] = float(values.get(year, lever.path[year]))
                    st.number_input(
                        f"{lever.label}, {year_label(self.calendar, year)}",
                        step=float(lever.step),
                        format=f"%.{DECIMALS[lever.unit]}f",
                        key=year_key,
                        on_change=self._moved_year,
                        args=[lever],
                        width=150,
                    )

    def _moved(self, lever: Lever, widget: str) -> None:
        """Take the value of the widget that was moved, and move the other one."""
        value = round(float(st.session_state[self._key(lever, widget)]), DECIMALS[lever.unit])
        moves = dict(self.moves)
        moves.pop(lever.name, None)
        if value != lever.now:
            moves[lever.name] = Move(value)
        self.put(moves)

    def _moved_year(self, lever: Lever) -> None:
        values = {year: float(st.session_state[self._key(lever, str(year))]) for year in lever.path}
        self.put({**self.moves, lever.name: Move(by_year=values)})

    def _chosen_years(self, key: str) -> None:
        """Give the chosen levers the scenario's values by year; the others move as a whole again."""
        chosen = st.session_state[key]
        moves = {name: move for name, move in self.moves.items() if not move.by_year or name in chosen}
        for lever in self.levers:
            before = moves.get(lever.name, Move())
            if lever.name in chosen and not before.by_year:
                values = dict(lever.path)
                if before.value is not None and lever.unit in ("share", "amount", "people"):
                    values = dict.fromkeys(lever.path, before.value)
                moves[lever.name] = Move(by_year=values)
        self.put(moves)

    def _set_if_absent(self, lever: Lever, move: Move) -> None:
        if self._key(lever, "slider") not in st.session_state:
            self._set_widgets(lever, move)

    def _set_widgets(self, lever: Lever, move: Move) -> None:
        value = float(lever.now if move.value is None else move.value)
        for widget in ("slider", "number"):
            st.session_state[self._key(lever, widget)] = value
        for year in lever.path:
            if move.by_year:
                st.session_state[self._key(lever, str(year))] = float(
                    move.by_year.get(year, lever.path[year])
                )
            else:
                st.session_state.pop(self._key(lever, str(year)), None)
        if not move.by_year:
            years = f"what-if years of {self.subject}"
            if lever.name in st.session_state.get(years, ()):
                st.session_state[years] = [name for name in st.session_state[years] if name != lever.name]

    def _key(self, lever: Lever, widget: str) -> str:
        return f"what-if {self.subject} {lever.name} {widget}"

    def _write_address(self, moves: Moves) -> None:
        text = _written(moves)
        if text:
            st.query_params[ADDRESS] = text
        elif ADDRESS in st.query_params:
            del st.query_params[ADDRESS]


def stay_with(run_id: str) -> None:
    """Choose the run by its id, in a callback: the newest one may be another before long."""
    keep("run", [run_id])


def _written(moves: Moves) -> str:
    parts = []
    for name, move in moves.items():
        if move.by_year:
            parts += [f"{name}{_VALUE}{year}{_YEAR}{value:g}" for year, value in move.by_year.items()]
        elif move.value is not None:
            parts.append(f"{name}{_VALUE}{move.value:.10g}")
    return _PARTS.join(parts)


def _read(text: str, levers: Sequence[Lever]) -> tuple[dict[str, Move], list[str]]:
    """Return the moves of an address, and what of it was left out or brought within a lever's bounds."""
    by_name = {lever.name: lever for lever in levers}
    found: dict[str, Move] = {}
    remarks = []
    for part in filter(None, text.split(_PARTS)):
        name, _, value = part.partition(_VALUE)
        year, is_year, number = value.rpartition(_YEAR)
        lever, number_of = by_name.get(name), _number(number)
        if lever is None or number_of is None:
            remarks.append(f"{part[:SHOWN]} is not one here")
        elif not is_year:
            found[name] = Move(lever.held(number_of))
            if not lever.lowest <= number_of <= lever.highest:
                bounds = f"{lever.lowest:g} to {lever.highest:g}"
                remarks.append(f"{part[:SHOWN]} is not within {bounds}, and set to the nearer of these")
        elif year.isdecimal() and int(year) in lever.path:
            before: Mapping[int, float] = found.get(name, Move()).by_year or lever.path
            found[name] = Move(by_year={**before, int(year): number_of})
        else:
            remarks.append(f"{part[:SHOWN]} is of a year that is not simulated")
    return found, remarks


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None  # nan is not
