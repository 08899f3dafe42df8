"""The application, whose routes are built once per process: that takes longer than most tests."""

from litestar import Litestar

from koodtx.app import create_app, make_state
from koodtx.settings import Settings
from koodtx.web.logs import configure_logs

_apps: dict[tuple[str, str], Litestar] = {}


def app_with(settings: Settings) -> Litestar:
    """Returns the application with a new state; one at a time may run."""
    routes_depend_on = (settings.cors_origins, settings.trusted_proxies)
    if routes_depend_on not in _apps:
        _apps[routes_depend_on] = create_app(settings)
        return _apps[routes_depend_on]
    app = _apps[routes_depend_on]
    configure_logs(settings.log_level)
    app.state = make_state(settings)
    return app
