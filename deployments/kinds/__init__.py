"""What we have on a Prefect server, by kind: how it should be, how it is, how to make it so.

Each kind compares documents, so that applying twice changes nothing. What people do in the UI is theirs and
is kept: schedules, default parameters, tags and variables that they add, a schedule that they switch on, an
automation or a deployment that they pause.
"""

from deployments.kinds.alerts import AlertBlock, Limits
from deployments.kinds.automations import Automations
from deployments.kinds.flows import Deployments
from deployments.kinds.kind import Kind
from deployments.kinds.schedules import ScheduleParameters, Schedules
from deployments.kinds.work_pools import WorkPools

#: In the order in which they are written: each refers only to those before it.
KINDS: tuple[type[Kind], ...] = (
    WorkPools,
    AlertBlock,
    Limits,
    Deployments,
    ScheduleParameters,
    Schedules,
    Automations,
)
