"""The watch over a run: raises alerts when the run is slow and when it fails or is cancelled.

It runs on a thread of the run's process and raises alerts at the alert desk. If the automations of a Prefect
server watch (`alerts.watch: server`), it raises none: it sends events from inside the run to the server and
stores the facts for messages as labels of the flow run. It cannot report that its own process was killed;
`workforce health --alert` does.

Errors in the watch never fail the run.
"""

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.events import Event, emit_event
from prefect.events.worker import EventsWorker
from prefect.utilities.urls import url_for

from settings import ResolvedSettings, Settings
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.alert import duration_facts
from tasks.alerts.rules import (
    CHECK_FAILED,
    CHECK_WARNED,
    GROWTH_ANOMALY,
    HEARTBEAT,
    RUN_ENDED,
    solved_by,
)
from tasks.alerts.run_facts import RunFacts, resume_command
from tasks.runs.directory import RunDirectory
from tasks.runs.part_of_year import growth_in_part_of_year, year_fraction
from tasks.runs.progress import described, ending_of
from tasks.runs.record import read_record
from tasks.text.calendar import years_words
from tasks.warehouse.checks import Check, CheckFailed

log = logging.getLogger("workforce")

DRAIN_SECONDS = 5.0  # longest delay of a run's end by a server that does not answer
LONGEST_PAUSE_SECONDS = 5.0

P = ParamSpec("P")


@dataclass
class _Limit:
    """A time limit that is running."""

    rule: str
    setting: str
    seconds: float
    year: int | None
    began: float  # epoch seconds, for messages
    began_monotonic: float

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began_monotonic


def _never_fails(method: Callable[Concatenate["Watch", P], None]) -> Callable[Concatenate["Watch", P], None]:
    """Log an error of the watch instead of raising it, so that the run continues."""

    @functools.wraps(method)
    def guarded(self: "Watch", /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # see above
            log.warning("the watch over the run failed: %s: %s", type(error).__name__, error)
            log.debug("traceback of the watch's error", exc_info=error)

    return guarded


class Watch(AbstractContextManager["Watch"]):
    """Watches one run from start to end."""

    def __init__(self, directory: RunDirectory, settings: ResolvedSettings) -> None:
        self.directory = directory
        self.settings = settings
        self.for_server = settings.base.alerts.watch == "server"
        self.desk = AlertDesk(directory.path.resolve().parent, settings.base.alerts)
        self._limits: list[_Limit] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._flow_run_id: str | None = None
        self._last_event: Event | None = (
            None  # each event names the one before, as they may arrive out of order
        )
        self._link = directory.path.resolve().as_uri()
        self._thread = threading.Thread(target=self._keep_watch, name="watch", daemon=True)
        self._complete: list[int] = []

    def __enter__(self) -> "Watch":
        self._begin()
        return self

    @_never_fails
    def _begin(self) -> None:
        context = FlowRunContext.get()
        if context and context.flow_run:
            self._flow_run_id = str(context.flow_run.id)
            if self.for_server:  # the run's own server no longer exists when the alert is read
                self._link = url_for("flow-run", context.flow_run.id) or self._link
        self._start_limit("run_duration", "sla.run_seconds", self.settings.base.sla.run_seconds, None)
        self._describe()
        self._thread.start()
        if not self.for_server:
            self.desk.deliver()  # start the courier early, since that takes seconds

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    @_never_fails
    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(DRAIN_SECONDS)
        try:
            if self.for_server:
                # no heartbeat can follow: it is sent under the same lock, and not after the stop
                self._emit(RUN_ENDED)
                EventsWorker.drain_all(timeout=DRAIN_SECONDS)
            else:
                self._report_end(error)
        finally:
            self.desk.close()

    def _report_end(self, error: BaseException | None) -> None:
        ending = ending_of(error)
        if error and ending in ("failed", "cancelled") and not isinstance(error, CheckFailed):
            self._raise(f"run_{ending}", facts={"Error": described(error)[:1000]})
        # a single year, simulated as a deployment, leaves the run paused
        if ending == "complete" and read_record(self.directory).status == "complete":
            self.desk.resolve(solved_by("end"), "the run is complete", run_id=self.directory.run_id)

    @_never_fails
    def see_complete(self, years: Iterable[int]) -> None:
        """Record complete years, for messages."""
        self._complete += years
        self._describe()

    @contextmanager
    def year(self, year: int) -> Iterator[None]:
        """Watch the duration of a year."""
        sla = self.settings.base.sla
        limit = self._start_limit("year_duration", "sla.year_seconds", sla.year_seconds, year)
        try:
            yield
        finally:
            with self._changed:
                if limit in self._limits:
                    self._limits.remove(limit)

    @_never_fails
    def see_checks(self, year: int, checks: Iterable[Check]) -> None:
        """Report a year's failed checks and warnings."""
        checks = list(checks)
        for rule, event, status in (
            ("check_failed", CHECK_FAILED, "fail"),
            ("check_warned", CHECK_WARNED, "warn"),
        ):
            found = [check for check in checks if check.status == status]
            if found:
                facts = {f"Check {check.name}": str(check).partition(": ")[2] for check in found}
                self._report(rule, event, year, facts)

    @_never_fails
    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """Report scenarios whose mean headcount over replicates is far from its target, if it has one."""
        tolerance = self.settings.base.sla.growth_tolerance
        if self._is_part_of_known_year(year):
            return
        for row in means:
            settings = self._settings_of(str(row["scenario_id"]))
            if not settings.has_growth_target:
                continue
            target = self._growth_target(settings, year)
            realised, opening = row["growth_rate"], row["opening_headcount"]
            # headcounts are whole numbers: half an employee of difference is rounding
            whole = Decimal("0.5") / Decimal(str(opening)) if opening else Decimal(0)
            if realised is not None and abs(Decimal(str(realised)) - target) > tolerance + whole:
                facts = {
                    "Scenario": str(row["scenario_id"]),
                    "Setting": "sla.growth_tolerance",
                    "Target growth": f"{target:.2%}",
                    "Realised growth": f"{realised:.2%}",
                    "Allowed difference": f"{tolerance:.2%}",
                    "Headcount": f"{row['opening_headcount']:,.0f} to {row['ending_headcount']:,.0f}",
                }
                self._report("growth_anomaly", GROWTH_ANOMALY, year, facts, str(row["scenario_id"]))

    def _is_part_of_known_year(self, year: int) -> bool:
        """Return whether a year is a stub whose elapsed part past lists show.

        Its target is that of the whole year, from the headcount when the year began: the check
        growth_on_target compares that.
        """
        if not self.settings.base.simulation.calendar.is_stub(year):
            return False
        actuals = read_record(self.directory).actuals if self.directory.record.exists() else None
        return actuals is not None and actuals.validated_sha256 is not None

    def _growth_target(self, settings: Settings, year: int) -> Decimal:
        """Return the growth that the settings ask for in the simulated part of the year."""
        target, calendar = settings.simulation.target_growth_rate.at(year), settings.simulation.calendar
        if not calendar.is_stub(year):
            return target
        return Decimal(str(growth_in_part_of_year(float(target), year_fraction(calendar, year))))

    def _settings_of(self, scenario_id: str) -> Settings:
        return next(one.settings for one in self.settings.scenarios if one.id == scenario_id)

    def _start_limit(self, rule: str, setting: str, seconds: Decimal, year: int | None) -> _Limit:
        limit = _Limit(rule, setting, float(seconds), year, time.time(), time.monotonic())
        with self._changed:
            self._limits.append(limit)
            self._changed.notify()
        return limit

    def _keep_watch(self) -> None:
        """Wait for the next limit to be breached or the next heartbeat to be due, until the run ends."""
        # short enough for a limit that `workforce deploy` lowers during the run
        pause = min(float(self.settings.base.sla.heartbeat_seconds) / 3, LONGEST_PAUSE_SECONDS)
        while True:
            with self._changed:
                breached = [limit for limit in self._limits if limit.elapsed >= limit.seconds]
                self._limits = [limit for limit in self._limits if limit not in breached]
                if not breached and not self._stopped:
                    left = [limit.seconds - limit.elapsed for limit in self._limits]
                    self._changed.wait(max(0.0, min([*left, pause])))
                stopped = self._stopped
                if not stopped:
                    self._emit(HEARTBEAT)
            for limit in breached:
                self._report_breach(limit)
            if stopped:
                return

    @_never_fails
    def _report_breach(self, limit: _Limit) -> None:
        if not self.for_server:
            facts = duration_facts(limit.setting, limit.seconds, limit.elapsed)
            facts |= {} if limit.year is None else self._days_of(limit.year)
            self._raise(limit.rule, facts=facts, year=limit.year, since=limit.began)

    def _report(
        self, rule: str, event: str, year: int, facts: Mapping[str, str], scenario: str | None = None
    ) -> None:
        """Raise an alert, or let the server's automation raise it."""
        facts = {**facts, **self._days_of(year)}
        if self.for_server:
            self._emit(event, {"year": year, "scenario": scenario, "facts": dict(facts)})
        else:
            self._raise(rule, facts=facts, year=year, scenario=scenario)

    def _days_of(self, year: int) -> dict[str, str]:
        """Return the fact that names a year and its days, unless it is a whole calendar year."""
        calendar = self.settings.base.simulation.calendar
        is_plain = calendar.is_calendar_year and not calendar.is_stub(year)
        is_opening = year < calendar.first_year  # the checks of the opening state
        return {} if is_plain or is_opening else {"Fiscal year": years_words(calendar, year, year)}

    def _raise(
        self,
        rule: str,
        *,
        facts: Mapping[str, str],
        year: int | None = None,
        scenario: str | None = None,
        since: float | None = None,
    ) -> None:
        self.desk.raise_alert(
            Alert(
                rule,
                self.directory.run_id,
                year,
                scenario,
                {**facts, **self._run.facts},
                since=time.time() if since is None else since,
                link=self._link,
                attempt=self._run.attempt,
                command=resume_command(self.directory.run_id, self.directory.path.parent),
            )
        )

    @property
    def _run(self) -> RunFacts:
        return RunFacts.here(self.directory.run_id, self._complete, self.settings.base.simulation.years)

    @_never_fails
    def _describe(self) -> None:
        """Store the facts for messages as labels of the flow run, since this process may end before."""
        if self.for_server and self._flow_run_id:
            with get_client(sync_client=True) as client:
                client.update_flow_run_labels(UUID(self._flow_run_id), self._run.labels)

    @_never_fails
    def _emit(self, event: str, payload: dict[str, Any] | None = None) -> None:
        """Send an event about the run to the server, if the server watches."""
        if not self.for_server or self._flow_run_id is None:
            return
        self._last_event = emit_event(
            event,
            follows=self._last_event,
            resource={
                "prefect.resource.id": f"workforce.run.{self._flow_run_id}",
                "prefect.resource.name": self.directory.run_id,
            },
            related=[
                {
                    "prefect.resource.id": f"prefect.flow-run.{self._flow_run_id}",
                    "prefect.resource.role": "flow-run",
                }
            ],
            payload={"run_id": self.directory.run_id, **(payload or {})},
        )
