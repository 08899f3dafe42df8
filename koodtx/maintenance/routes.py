"""For administrators."""

from litestar import Router, get

from koodtx.app_state import AppState
from koodtx.maintenance import examples, store
from koodtx.maintenance.messages import MaintenanceReport


@get(
    "/report",
    operation_id="getMaintenanceReport",
    summary="Storage, retention, and what maintenance did",
    opt={"examples": {"200": {"a report": examples.REPORT}}},
)
async def report(state: AppState) -> MaintenanceReport:
    async with state.pool.connection() as connection:
        return await store.read_report(connection)


routes = Router("/api/v1/admin/maintenance", route_handlers=[report], opt={"policy": "admin"}, tags=["Admin"])
