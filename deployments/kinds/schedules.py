"""The kinds of the schedules and of the variable that records their parameters."""

from functools import cached_property
from typing import Any

from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import DeploymentSchedule
from typing_extensions import override

from deployments.kinds.kind import Documents, Fate, Kind, Variable, read_deployment
from deployments.schedules import prefect_schedule, typed_parameters
from settings.models.deployment import Schedule
from tasks.server import schedule_record
from tasks.server.names import SCHEDULED
from tasks.server.schedule_record import parameters_of, read_recorded
from tasks.server.schedule_times import timezone_of, when

NOT_IN_SETTINGS = "not in the settings; --prune removes it"


class Schedules(Kind):
    """The schedules of the deployments that may have some in the settings."""

    label = "schedule"

    @cached_property
    @override
    def wanted(self) -> Documents:
        found = {}
        for schedule in self.settings.deployment.schedules:
            existing = self._existing.get(_name_of(schedule))
            active, parameters = schedule.active, typed_parameters(schedule)
            if active is None:
                active = existing.active if existing else True
            if schedule.parameters is None and existing:
                parameters = parameters_of(existing, self._recorded)
            found[_name_of(schedule)] = {
                "when": when(prefect_schedule(schedule)),
                "timezone": schedule.timezone,
                "active": active,
                "parameters": parameters,
            }
        return found

    @cached_property
    @override
    def actual(self) -> Documents:
        return {
            name: {
                "when": when(one.schedule),
                "timezone": timezone_of(one.schedule),
                "active": one.active,
                "parameters": one.parameters,
            }
            for name, one in self._existing.items()
        }

    @override
    def write(self, name: str) -> None:
        wanted, existing = self.wanted[name], self._existing.get(name)
        [schedule] = [one for one in self.settings.deployment.schedules if _name_of(one) == name]
        deployment = self.client.read_deployment_by_name(schedule.deployment)
        if existing is None:
            new = DeploymentScheduleCreate(
                slug=schedule.slug,
                schedule=prefect_schedule(schedule),
                active=wanted["active"],
                parameters=wanted["parameters"],
            )
            self.client.create_deployment_schedules(deployment.id, [new])
            return
        has_moved = {"when", "timezone"} & set(self.differences(name))
        self.client.update_deployment_schedule(
            deployment.id,
            existing.id,
            schedule=prefect_schedule(schedule) if has_moved else None,
            active=wanted["active"],
            parameters=wanted["parameters"],
        )

    @override
    def delete(self, name: str) -> None:
        deployment = self.client.read_deployment_by_name(name.partition(": ")[0])
        self.client.delete_deployment_schedule(deployment.id, self._existing[name].id)

    @override
    def fate(self, name: str) -> Fate:
        """Delete a schedule only with --prune: somebody may rely on it."""
        return ("delete", ()) if self.prune else ("keep", (NOT_IN_SETTINGS,))

    @override
    def ours(self) -> list[str]:
        """Return none: Prefect deletes schedules with their deployment."""
        return []

    @cached_property
    def _recorded(self) -> dict[str, dict[str, Any]]:
        return read_recorded(self.client)

    @cached_property
    def _existing(self) -> dict[str, DeploymentSchedule]:
        return {
            _schedule_name(
                name, one.slug or f"without a slug, {when(one.schedule)} ({str(one.id)[-6:]})"
            ): one
            for name in SCHEDULED
            if (deployment := read_deployment(self.client, name))
            for one in deployment.schedules
        }


class ScheduleParameters(Variable):
    """The parameters of schedules, recorded because Prefect may drop a schedule's parameters."""

    @cached_property
    @override
    def wanted(self) -> Documents:
        schedules = Schedules(self.client, self.settings, prune=self.prune)
        kept = {
            slug: parameters
            for slug, parameters in read_recorded(self.client).items()
            if any(_schedule_name(name, slug) in schedules.actual for name in SCHEDULED) and not self.prune
        }
        wanted = kept | {
            one.slug: schedules.wanted[_name_of(one)]["parameters"]
            for one in self.settings.deployment.schedules
        }
        wanted = {slug: parameters for slug, parameters in wanted.items() if parameters}
        return {schedule_record.VARIABLE: wanted} if wanted else {}

    @cached_property
    @override
    def actual(self) -> Documents:
        recorded = read_recorded(self.client)
        return {schedule_record.VARIABLE: recorded} if recorded else {}


def _name_of(schedule: Schedule) -> str:
    return _schedule_name(schedule.deployment, schedule.slug)


def _schedule_name(deployment: str, slug: str) -> str:
    return f"{deployment}: {slug}"
