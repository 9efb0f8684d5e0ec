"""The kind of the work pools."""

import asyncio
from functools import cached_property

from prefect.client.schemas.actions import WorkPoolCreate
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type
from typing_extensions import override

from deployments.kinds.kind import Documents, Kind
from tasks.server.names import SERVED_BY


class WorkPools(Kind):
    """The work pools; each description names the command that serves it."""

    label = "work pool"

    @cached_property
    @override
    def wanted(self) -> Documents:
        return {name: {"type": "process"} for name in SERVED_BY}

    @cached_property
    @override
    def actual(self) -> Documents:
        pools = self.client.read_work_pools()
        return {pool.name: {"type": pool.type} for pool in pools if pool.name in SERVED_BY}

    @override
    def write(self, name: str) -> None:
        template = asyncio.run(get_default_base_job_template_for_infrastructure_type("process"))
        pool = WorkPoolCreate(
            name=name,
            type="process",
            description=f"Served by `{SERVED_BY[name]}`",
            base_job_template=template or {},
        )
        self.client.create_work_pool(pool, overwrite=True)

    @override
    def delete(self, name: str) -> None:
        self.client.delete_work_pool(name)
