"""The whole input of a run as its directory holds it, to simulate it again with changes."""

from dataclasses import dataclass

from settings.models.uncertainty import Uncertainty
from tasks.census.read import Census
from tasks.plan.accepted import Plans
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.runs.resume import check_versions, recorded_census, recorded_plans, recorded_uncertainty


@dataclass(frozen=True)
class RecordedInput:
    """What a run was simulated from; `record` has the settings of each scenario."""

    record: RunRecord
    census: Census
    plans: Plans
    uncertainty: Uncertainty | None


def recorded_input(directory: RunDirectory) -> RecordedInput:
    """Read a run's input.

    Raises InputError if another version of the program made the run, whose figures could differ;
    RunDamaged if the input was changed since.
    """
    record = read_record(directory)
    check_versions(directory, record)
    return RecordedInput(
        record, recorded_census(directory), recorded_plans(directory), recorded_uncertainty(directory)
    )
