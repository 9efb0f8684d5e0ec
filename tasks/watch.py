"""The watch over a run: tells, while it runs, that it is slow, and why it ended before its time.

It lives in the run's own process, on a thread of its own, and hands alerts to the alert desk. Where the
automations of a Prefect server watch (`alerts.watch: server`), it tells nobody: it sends the server the
events that only the run knows of. Its own sudden death it cannot tell; `workforce health --alert` does.

Nothing that goes wrong here reaches the run.
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

from prefect.context import FlowRunContext
from prefect.events import Event, emit_event
from prefect.utilities.urls import url_for

from settings import ResolvedSettings, Settings
from tasks.alerts import Alert, AlertDesk
from tasks.alerts.alert import duration_facts
from tasks.alerts.rules import CHECK_FAILED, CHECK_WARNED, GROWTH_ANOMALY, HEARTBEAT, RUN_ENDED
from tasks.monitoring import Check, CheckFailed
from tasks.run_directory import RunDirectory

log = logging.getLogger("workforce")

LONGEST_PAUSE_SECONDS = 5.0

P = ParamSpec("P")


@dataclass
class _Limit:
    """A time limit that is running."""

    rule: str
    setting: str
    seconds: float
    year: int | None
    began: float  # seconds of the epoch, for people
    began_monotonic: float

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began_monotonic


def _never_fails(method: Callable[Concatenate["Watch", P], None]) -> Callable[Concatenate["Watch", P], None]:
    """The run goes on whatever becomes of its watch; what went wrong is in the log."""

    @functools.wraps(method)
    def guarded(self: "Watch", *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:  # see above
            log.warning("an alert could not be raised: %s: %s", type(error).__name__, error)
            log.debug("where it failed", exc_info=error)

    return guarded


class Watch(AbstractContextManager["Watch"]):
    """Watches one run from its beginning to its end."""

    def __init__(self, directory: RunDirectory, settings: ResolvedSettings) -> None:
        self.directory = directory
        self.settings = settings
        self.for_server = settings.base.alerts.watch == "server"
        self.desk = AlertDesk(directory.path.resolve().parent, settings.base.alerts)
        self._limits: list[_Limit] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._flow_run_id: str | None = None
        self._last_event: Event | None = None  # the server is told the order, as events overtake each other
        self._link = directory.path.resolve().as_uri()

    def __enter__(self) -> "Watch":
        self._begin()
        return self

    @_never_fails
    def _begin(self) -> None:
        context = FlowRunContext.get()
        if context and context.flow_run:
            self._flow_run_id = str(context.flow_run.id)
            if self.for_server:  # a server of our own is gone when the alert is read
                self._link = url_for("flow-run", context.flow_run.id) or self._link
        self._start_limit("run_duration", "sla.run_seconds", self.settings.base.sla.run_seconds, None)
        threading.Thread(target=self._keep_watch, name="watch", daemon=True).start()
        if not self.for_server:
            self.desk.deliver()  # a courier takes seconds to start: before there is anything to tell

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    @_never_fails
    def _end(self, error: BaseException | None) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._emit(RUN_ENDED)
        if error is not None and not isinstance(error, CheckFailed) and not self.for_server:
            cancelled = not isinstance(error, Exception)  # Ctrl-C, or Prefect's own way to cancel
            self._raise(
                "run_cancelled" if cancelled else "run_failed",
                facts={"Error": f"{type(error).__name__}: {error}"[:1000]},
            )
        self.desk.close()

    @contextmanager
    def year(self, year: int) -> Iterator[None]:
        """Watch over a year: how long it takes."""
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
        """Tell of a year's checks that failed or warned."""
        checks = list(checks)
        for rule, event, status in (
            ("check_failed", CHECK_FAILED, "fail"),
            ("check_warned", CHECK_WARNED, "warn"),
        ):
            found = [check for check in checks if check.status == status]
            if found:
                facts = {f"Check {check.name}": str(check).partition(": ")[2] for check in found}
                self._tell(rule, event, year, facts)

    @_never_fails
    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """Tell of scenarios whose headcount, on average over replicates, is far from its target."""
        tolerance = self.settings.base.sla.growth_tolerance
        for row in means:
            target = self._settings_of(str(row["scenario_id"])).simulation.target_growth_rate.at(year)
            realised, opening = row["growth_rate"], row["opening_headcount"]
            # a headcount is whole: half an employee to either side is the target itself
            whole = Decimal("0.5") / Decimal(str(opening)) if opening else Decimal(0)
            if realised is not None and abs(Decimal(str(realised)) - target) > tolerance + whole:
                facts = {
                    "Setting": "sla.growth_tolerance",
                    "Target growth": f"{target:.2%}",
                    "Realised growth": f"{realised:.2%}",
                    "Allowed difference": f"{tolerance:.2%}",
                    "Headcount": f"{row['opening_headcount']:,.0f} to {row['ending_headcount']:,.0f}",
                }
                self._tell("growth_anomaly", GROWTH_ANOMALY, year, facts, str(row["scenario_id"]))

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
        # short enough for a limit that `workforce deploy` lowers while the run goes
        pause = min(float(self.settings.base.sla.heartbeat_seconds) / 3, LONGEST_PAUSE_SECONDS)
        while True:
            with self._changed:
                if self._stopped:
                    return
                breached = [limit for limit in self._limits if limit.elapsed >= limit.seconds]
                self._limits = [limit for limit in self._limits if limit not in breached]
                if not breached:
                    left = [limit.seconds - limit.elapsed for limit in self._limits]
                    self._changed.wait(max(0.0, min([*left, pause])))
            self._emit(HEARTBEAT)
            for limit in breached:
                self._tell_breach(limit)

    @_never_fails
    def _tell_breach(self, limit: _Limit) -> None:
        if not self.for_server:
            facts = duration_facts(limit.setting, limit.seconds, limit.elapsed)
            self._raise(limit.rule, facts=facts, year=limit.year, since=limit.began)

    def _tell(
        self, rule: str, event: str, year: int, facts: Mapping[str, str], scenario: str | None = None
    ) -> None:
        """Raise an alert, or let the server's automation raise it."""
        if self.for_server:
            self._emit(event, {"year": year, "scenario": scenario, "facts": dict(facts)}, str(year))
        else:
            self._raise(rule, facts=facts, year=year, scenario=scenario)

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
                facts,
                since=time.time() if since is None else since,
                link=self._link,
            )
        )

    @_never_fails
    def _emit(self, event: str, payload: dict[str, Any] | None = None, part: str = "") -> None:
        """Send an event about the run to the server, if that is who watches."""
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
