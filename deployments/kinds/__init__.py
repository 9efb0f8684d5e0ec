"""The kinds of objects on a Prefect server: wanted and actual documents, and how to write them.

Each kind compares documents, so that deploying twice changes nothing. Changes that people make in the UI are
kept: schedules, default parameters, tags and variables that they add, a schedule that they switch on, an
automation or a deployment that they pause.
"""

from deployments.kinds.alerts import AlertBlock, Limits
from deployments.kinds.automations import Automations
from deployments.kinds.flows import Deployments
from deployments.kinds.kind import Kind
from deployments.kinds.schedules import ScheduleParameters, Schedules
from deployments.kinds.work_pools import WorkPools

#: In the order of writing: each kind refers only to kinds before it.
KINDS: tuple[type[Kind], ...] = (
    WorkPools,
    AlertBlock,
    Limits,
    Deployments,
    ScheduleParameters,
    Schedules,
    Automations,
)
