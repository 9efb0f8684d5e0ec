"""One year of one employee: each event with its hazard and draw, and why an event did not happen."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from settings.models.workforce import REDUCTION
from tasks.results.event_words import described, part_time
from tasks.results.explanation import Draw, Model, Moment, Row, outcome_of
from tasks.results.hazard_words import any_cause, any_formula, chosen, formula, in_stub, race_time, shares
from tasks.results.hazards import TOLERANCE, RecomputedOtherwise, draw
from tasks.results.path_year import PathYear
from tasks.runs.part_of_year import in_part_of_year, year_fraction
from tasks.text.calendar import first_day_words, last_day_words

#: Known actions, by the type of event that they lead to.
_ACTIONS = {
    "hire": "hire",
    "termination": "leave",
    "promotion": "promote",
    "transfer": "transfer",
    "raise": "raise",
    "fte": "fte",
}


class EmployeeYear:
    """One year of one employee, explained event by event."""

    def __init__(
        self,
        model: Model,
        path: Mapping[str, Any],
        in_year: PathYear,
        state: Row,
        events: Sequence[Row],
        actions: Sequence[Row],
    ) -> None:
        self.model, self.path, self.in_year, self.state = model, path, in_year, state
        self.year: int = state["simulation_year"]
        self.calendar = model.calendar
        self.in_order, self.actions = events, actions
        self.used: list[Draw] = []
        self.types = {event["event_type"] for event in events}
        self.is_hire = "hire" in self.types
        (self.opening,) = in_year.rows("employee_opening")
        hazards = in_year.rows("employee_hazards")
        self.causes = [row for row in hazards if row["rate"] == "termination"]
        self.hazards = {row["rate"]: row for row in hazards if row["rate"] != "termination"}

    def moments(self) -> Iterator[Moment]:
        """Yield the lines of the year: the events, and why others did not happen."""
        if not self.is_hire:
            yield Moment(self.year, self.calendar.simulated_from(self.year), "opens", self._place())
        explain = {
            "hire": self._hire,
            "cola": self._cola,
            "adjustment": self._adjustment,
            "promotion": self._promotion,
            "transfer": self._transfer,
            "merit": self._merit,
            "raise": self._known,
            "fte": self._known,
            "termination": self._termination,
        }
        for event in self.in_order:
            what = described(event, self.model.money, self.model.dimensions)
            yield self._moment(event["event_date"], what, explain[event["event_type"]], event)
        missing = [("cola", "no COLA"), ("promotion", "no promotion"), ("merit", "no merit raise")]
        if "transfer" in self.hazards and not self.is_hire:
            missing.append(("transfer", "no transfer"))
        for kind, name in missing:
            if kind not in self.types:
                yield self._moment(None, name, explain[kind])
        if "termination" not in self.types:
            yield self._moment(None, "stays", self._termination)
        for action in self.actions:
            yield outcome_of(self.model, self.path, action)

    def _moment(
        self, on: date | None, what: str, explain: Callable[[Row | None], str], event: Row | None = None
    ) -> Moment:
        """Return a line of the timeline, with the draws that its explanation uses."""
        self.used = []
        why = explain(event)
        return Moment(self.year, on, what, why, tuple(dict.fromkeys(self.used)))

    @property
    def _fraction(self) -> float:
        """The share of the year's days that is simulated."""
        return year_fraction(self.calendar, self.year)

    @property
    def _is_stub(self) -> bool:
        return self.calendar.is_stub(self.year)

    def _place(self) -> str:
        opening = self.opening
        salary = self.model.money.to_the_cent(opening["salary"])
        places = [str(opening[name]) for name in self.model.dimensions if opening[name] is not None]
        return (
            f"level {opening['level']}, {salary} a year{part_time(opening['fte'])}; age {opening['age']} "
            f"({opening['age_band']}), tenure {opening['tenure']} ({opening['tenure_band']})"
            + (f"; {', '.join(places)}" if places else "")
        )

    def _hire(self, _event: Row | None) -> str:
        places = [str(self.opening[name]) for name in self.model.dimensions if self.opening[name] is not None]
        known = self._action("hire")
        return (
            f"level {self.opening['level']}; age {self.opening['age']} on "
            f"{first_day_words(self.calendar)}"
            + (f"; {', '.join(places)}" if places else "")
            + (f"; known action {known['action_id']}" if known else "")
        )

    def _cola(self, event: Row | None) -> str:
        if event:
            rate = self.in_year.drawn.cola(self.model.compensation.cola_rate.at(self.year))
            return f"{rate:+.2%} for all who are eligible"
        return self._not_eligible("cola")

    def _adjustment(self, event: Row | None) -> str:
        assert event is not None, "only events are explained"
        level = event["level_before"]
        least = self.model.money.to_the_cent(self.model.workforce.levels[level].min_salary.at(self.year))
        fte = f" x FTE {float(event['fte_before']):.6g}" if event["fte_before"] != 1 else ""
        return f"on the day of the COLA, pay of level {level} rises to its minimum, {least}{fte}"

    def _merit(self, event: Row | None) -> str:
        if not event:
            return self._not_eligible("merit")
        compensation, level = self.model.compensation, event["level_before"]
        multiplier, u = compensation.merit_multipliers[level], self._draw("merit")
        weight = float(multiplier) * (1 + float(compensation.merit_spread) * (2 * u - 1))
        return (
            f"weight {weight:.6f} = {multiplier} (level {level}) "
            f"x (1 + {compensation.merit_spread} x (2 x {u:.6f} - 1)); weight x salary shares the budget"
        )

    def _known(self, event: Row | None) -> str:
        assert event is not None, "only events are explained"
        action = self._cause_of(event)
        return f"known action {action['action_id']}" if action else "known action"

    def _action(self, kind: str) -> Row | None:
        """Return the first known action that led to an event of a type, or would have."""
        for action in self.actions:
            is_drawn = action["outcome"] in ("done", "not_employed", "no_effect")
            if is_drawn and action["action"] == _ACTIONS[kind]:
                return action
        return None

    def _cause_of(self, event: Row) -> Row | None:
        """Return the known action that led to an event."""
        return self._causes_of_events.get(event["event_sequence"])

    @cached_property
    def _causes_of_events(self) -> dict[int, Row]:
        """Known actions by the place of the event to which each led.

        Those of one kind and day come in the order of their ids, as int_known_changes numbers them.
        """
        waiting: dict[tuple[str, date], list[Row]] = {}
        for action in self.actions:  # by date and id
            if action["outcome"] == "done":
                waiting.setdefault((action["action"], action["action_date"]), []).append(action)
        found = {}
        for event in self.in_order:
            actions = waiting.get((_ACTIONS.get(event["event_type"], ""), event["event_date"]))
            if actions and event["hazard"] is None:
                found[event["event_sequence"]] = actions.pop(0)
        return found

    def _not_eligible(self, kind: str) -> str:
        cutoff = self.model.compensation.eligibility_cutoff
        before = self.calendar.date_in(self.year + cutoff.year_offset, cutoff.month, cutoff.day)
        effective = self._effective_date(kind)
        if self.state["hire_date"] >= before:
            return f"hired {self.state['hire_date']}, not before the cut-off {before}"
        if effective <= self.calendar.opening_date:
            return self._has_happened(effective)
        if self.state["hire_date"] > effective:
            return f"took effect on {effective}, before the hire date"
        return self._gone_before(effective)

    def _has_happened(self, on: date) -> str:
        return f"took effect on {on}, not after the opening date {self.calendar.opening_date}"

    def _gone_before(self, on: date) -> str:
        return f"would take effect on {on}, the last day was {self.state['termination_date']}"

    def _promotion(self, event: Row | None) -> str:
        if self.is_hire:
            return "hires are not promoted in the year of hire"
        if known := self._action("promotion"):
            return f"known action {known['action_id']}, instead of a draw"
        row, u = self.hazards["promotion"], self._draw("promotion")
        hazard, equation = row["hazard"], formula(row)
        self._must_agree(event, hazard, u)
        on = self._effective_date("promotion") if u < hazard else None
        is_due = on is not None and on > self.calendar.opening_date
        if event or self.state["termination_date"] is None:
            self._must_happen("promotion", is_due)
        if on is None:
            return f"draw {u:.6f} >= hazard {equation}"
        if event:
            return f"draw {u:.6f} < hazard {equation}"
        why = self._gone_before(on) if is_due else self._has_happened(on)
        return f"drawn ({u:.6f} < hazard {equation}), but it {why}"

    def _transfer(self, event: Row | None) -> str:
        if event and event["hazard"] is None:
            return self._known(event)
        if known := self._action("transfer"):
            return f"known action {known['action_id']}, instead of a draw"
        row, u = self.hazards["transfer"], self._draw("transfer")
        hazard, equation = row["hazard"], formula(row)
        self._must_agree(event, hazard, u)
        if u >= hazard:
            self._must_happen("transfer", False)
            return f"draw {u:.6f} >= hazard {equation}"
        first = self.calendar.simulated_from(self.year)
        days = (self.calendar.last_day(self.year) - first).days
        on = first + timedelta(days=math.floor(self._draw("transfer_date") * days))
        weights = self._destinations()
        last_day = self.state["termination_date"]
        # a reduction comes after the changes of its day
        is_reduced = any(one["event_reason"] == REDUCTION for one in self.in_order)
        is_employed = last_day is None or on < last_day or (on == last_day and is_reduced)
        self._must_happen("transfer", is_employed and bool(weights))
        if not weights:
            return f"drawn ({u:.6f} < hazard {equation}), but there is no other value to go to"
        if not event:
            return f"drawn ({u:.6f} < hazard {equation}), but it {self._gone_before(on)}"
        destination, to_draw = chosen(weights, self._draw("transfer_to")), self._draw("transfer_to")
        by = self._transfer_settings.by
        if event[f"{by}_after"] != destination or event["event_date"] != on:
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}, transfer: the event leads to {event[f'{by}_after']} "
                f"on {event['event_date']}, recomputed are {destination} and {on}: events or settings were "
                "changed"
            )
        share = weights[destination] / sum(weights.values())
        return (
            f"draw {u:.6f} < hazard {equation}; {by} by draw {to_draw:.6f} of stream transfer_to, "
            f"{destination or '(none)'} has {share:.1%} of the transfers"
        )

    @cached_property
    def _transfer_settings(self) -> Any:
        return self.model.workforce.transfer

    def _destinations(self) -> dict[str | None, int]:
        """Return the weights of the values that a transfer can lead to, in the order of the draw."""
        transfer = self._transfer_settings
        if transfer.to:
            weights = {
                (None if value == "null" else value): int(share * 10**12)
                for value, share in transfer.to.items()
            }
        else:
            found = self.in_year.rows("destinations", dimension=transfer.by)
            weights = {row["value"]: row["employees"] for row in found}
        weights.pop(self.opening[transfer.by], None)
        order = sorted(weights, key=lambda value: (value is None, value or ""))
        return {value: weights[value] for value in order if weights[value]}

    def _termination(self, event: Row | None) -> str:
        if event and event["hazard"] is None:
            why = self._known_leave(event)
        elif self.is_hire:
            why = self._hire_leaving(event)
        else:
            why = self._experienced_leaving(event)
        return f"{why}{self._cause(event)}" if event else why

    def _known_leave(self, event: Row) -> str:
        """Explain a leave by a known action or at the mandatory age."""
        if action := self._cause_of(event):
            return f"known action {action['action_id']}"
        birth = self.state["birth_date"]
        for row in self.causes:
            age = self.model.workforce.termination[row["cause"]].mandatory_age
            if age is None or row["cause"] != event["cause"]:
                continue
            month, first = date(birth.year + age, birth.month, 1), self.calendar.simulated_from(self.year)
            if month <= self.calendar.last_day(self.year):
                earlier = "that is earlier" if self._is_stub else "it is in an earlier year"
                return (
                    f"mandatory: born on {birth}, {age} years old in {month:%Y-%m}; leaves at the end of "
                    f"that month, or of {first:%B} if {earlier}"
                )
        raise RecomputedOtherwise(
            f"{self.path['employee']}, {self.year}: the termination has no hazard, but there is neither a "
            "known action nor a mandatory age: events or settings were changed"
        )

    def _cause(self, event: Row) -> str:
        """Explain the cause of leaving; raise RecomputedOtherwise if it is not the one drawn."""
        cause = event["cause"]
        if cause == REDUCTION or len(self.causes) == 1:
            return ""
        split, u = shares(self.causes), self._draw("termination_cause")
        drawn = chosen(split, u)
        text = ", ".join(f"{name} {share:.1%}" for name, share in split.items() if share)
        if event["hazard"] is None and cause != drawn:
            return f"; cause {cause} as known" if self._cause_of(event) else ""
        if cause != drawn:
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}, termination: the event has cause {cause}, drawn is "
                f"{drawn} (draw {u:.6f}; {text}): events or settings were changed"
            )
        return f"; cause {cause} by draw {u:.6f} of stream termination_cause, shares: {text}"

    def _hire_leaving(self, event: Row | None) -> str:
        u, (rate, rate_text) = self._draw("new_hire_termination"), self._new_hire_rate()
        self._must_agree(event, rate, u)
        if self.model.mode != "exact":
            self._must_happen("termination", u < rate)
            return f"draw {u:.6f} {'<' if u < rate else '>='} rate {rate_text}"
        (race,) = self.in_year.rows("place_among_hires", employee=self.path["employee"])
        self._must_happen("termination", race["place"] <= race["leavers"])
        end = last_day_words(self.calendar)
        time = (
            f"-ln(1 - {u:.6f}) / {race['days']} days to {end} = {race['leaving_time']:.6f}"
            if race["days"]
            else f"never (hired on {end})"
        )
        return (
            f"leaving time {time}, place {race['place']:,} of {race['hires']:,} hires{self._of_segment()}; "
            f"the first {race['leavers']:,} leave (rate {rate_text})"
            + (f", {race['known_leavers']:,} of them known" if race["known_leavers"] else "")
        )

    def _new_hire_rate(self) -> tuple[float, str]:
        """Return the share of hires who leave in the simulated part of the year, and its formula."""
        given = self.model.workforce.new_hire_termination_rate.at(self.year)
        yearly = self.in_year.drawn.new_hire_rate(given)
        rate = in_part_of_year(yearly, self._fraction)
        return rate, f"{in_stub(rate, self._fraction)}, q = {yearly}" if self._is_stub else str(yearly)

    def _experienced_leaving(self, event: Row | None) -> str:
        u, employee = self._draw("termination"), self.path["employee"]
        (race,) = self.in_year.rows("place_in_race", employee=employee)
        unscaled = any_cause(self.causes)
        used = race["hazard"]
        is_of_hire_year = event is not None and event["event_reason"] == "new_hire"
        if not is_of_hire_year:
            self._must_agree(event, used, u)
        equation = any_formula(self.causes, unscaled)
        is_reduction = event is not None and event["event_reason"] == REDUCTION
        is_outside = race["is_outside_quota"]
        if is_outside:
            is_due = False
            why = f"hired since {self.calendar.first_day(self.year)}, so not within the experienced turnover"
        elif self.model.mode == "exact":
            is_due = race["place"] <= race["leavers"]
            why = (
                f"hazard {equation}; race time {race_time(u, used)}, place {race['place']:,} of "
                f"{race['headcount']:,}{self._of_pool()}; the first {race['leavers']:,} leave"
            )
            if race["known_leavers"]:
                why += f", {race['known_leavers']:,} of them known"
        else:
            is_due = u < used
            scaled = ", scaled to the year's target" if self.model.mode == "expected" else ""
            value = f"{used:.6f}, the hazard {equation}{scaled}" if scaled else f"hazard {equation}"
            why = f"draw {u:.6f} {'<' if is_due else '>='} {value}"
        if not is_due and race["was_hired_this_year"]:
            usual = 0.0 if is_outside else self._usual_risk(used)
            more, leaves = self._leaving_in_year_of_hire(event if is_of_hire_year else None, usual)
            why += more
            if leaves:
                self._must_happen("termination", True)
                return why
        if not is_due:
            why += self._reduction()
        if not is_reduction:
            self._must_happen("termination", is_due)
        return why

    def _usual_risk(self, used: float) -> float:
        """Return the risk of leaving as experienced; `used` is the hazard of the race."""
        is_exact = self.model.mode == "exact"
        return self.in_year.termination_rate(self.opening["termination_pool"]) if is_exact else used

    def _leaving_in_year_of_hire(self, event: Row | None, usual: float) -> tuple[str, bool]:
        """Explain the higher risk of the year of hire, which somebody hired in the elapsed part has.

        `event` is the termination if it is for that reason, and `usual` the risk of leaving as experienced.
        Returns the words, and whether the employee leaves.
        """
        employee = self.path["employee"]
        u, rate = self._draw("new_hire_termination"), self._new_hire_rate()[0]
        risk = 1 - (1 - rate) ** 2
        hazard = 0.0 if risk <= usual else round(1 - (1 - risk) / (1 - usual), 9)
        self._must_agree(event, hazard, u)
        why = (
            f"; hired this year, a further {hazard:.6f} = 1 - (1 - {rate:.6f})^2 / (1 - {usual:.6f}), "
            "at least 0, of those who do not leave so"
        )
        if self.model.mode != "exact":
            return f"{why}: draw {u:.6f} {'<' if u < hazard else '>='} {hazard:.6f}", u < hazard
        (race,) = self.in_year.rows("place_in_year_of_hire", employee=employee)
        leavers = math.floor(race["employees"] * hazard + 0.5)
        place = f"place {race['place']:,} of {race['employees']:,}{self._of_segment()} by draw {u:.6f}"
        return f"{why}: {place}, the first {leavers:,} leave", bool(race["place"] <= leavers)

    def _reduction(self) -> str:
        """Explain the place among reductions, if there are any where the employee ends the year."""
        (place,) = self.in_year.rows("place_among_reductions", employee=self.path["employee"])
        if not place["reductions"]:
            return ""
        self._must_happen("termination", place["place"] <= place["reductions"])
        where = f" of {place['segment']}" if self.model.has_targets else ""
        return (
            f"; place {place['place']:,} of the {place['headcount']:,}{where} who do not leave otherwise, "
            f"the next {place['reductions']:,} by reduction in force"
        )

    def _of_segment(self) -> str:
        return f" of {self.opening['target_segment']}" if self.model.has_targets else ""

    def _of_pool(self) -> str:
        if not self.model.has_targets:
            return ""
        own = self.opening["termination_pool"]
        return (
            f" of {self.opening['target_segment']}" if own else " of all segments without a rate of their own"
        )

    def _effective_date(self, kind: str) -> date:
        shares = sorted(getattr(self.model.compensation.effective_dates, kind).items())
        u = self._draw(f"{kind}_date") if len(shares) > 1 else 0  # with one date there is nothing to draw
        reached = Decimal(0)
        for month_day, share in shares:
            reached += share
            if u < reached:
                return self.calendar.date_in(self.year, int(month_day[:2]), int(month_day[3:]))
        raise AssertionError("the shares of effective dates add up to 1, and a draw is below 1")

    def _must_agree(self, event: Row | None, hazard: float, u: float) -> None:
        """Raise RecomputedOtherwise if the event has a different hazard or draw."""
        if event is None:
            return
        published = event["hazard"]
        if event["draw"] != u or published is None or not math.isclose(published, hazard, rel_tol=TOLERANCE):
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}, {event['event_type']}: the event has hazard "
                f"{published} and draw {event['draw']}, recomputed are {hazard} and {u}: events or settings "
                "were changed"
            )

    def _must_happen(self, kind: str, is_due: bool) -> None:
        """Raise RecomputedOtherwise if an event of this kind is due and missing, or not due and present."""
        if is_due != (kind in self.types):
            found, due = ("an", "none is") if kind in self.types else ("no", "one is")
            raise RecomputedOtherwise(
                f"{self.path['employee']}, {self.year}: there is {found} event of type {kind}, "
                f"but by hazard and draw {due} due: events or settings were changed"
            )

    def _draw(self, stream: str) -> float:
        employee = self.path["employee"]
        self.used.append(Draw(stream, self.year, employee))
        return draw(
            self.model.seed, self.year, self.model.draw_replicate(self.path["replicate"]), stream, employee
        )
