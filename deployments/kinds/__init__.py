"""The kinds of objects on a Prefect server: for each, the wanted state, the actual state, and the changes.

Each kind compares documents, so a second deploy changes nothing. What people change in the UI is kept:
schedules, default parameters, tags and variables that they add, a schedule that they switch on, an automation
or a deployment that they pause.
"""

from deployments.kinds.alerts import AlertBlock, Limits
from deployments.kinds.automations import Automations
from deployments.kinds.flows import Deployments
from deployments.kinds.kind import Kind
from deployments.kinds.schedules import ScheduleParameters, Schedules
from deployments.kinds.work_pools import WorkPools

#: In the order in which they are created: each refers only to those before it.
KINDS: tuple[type[Kind], ...] = (
    WorkPools,
    AlertBlock,
    Limits,
    Deployments,
    ScheduleParameters,
    Schedules,
    Automations,
)
