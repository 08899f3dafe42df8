"""What each route declares in `opt`: `policy`, who may call it; `right`, what the caller needs of the object it names.

The declarations do not decide: rooms do, in SQL. They say what is meant, and the tests compare each route with them.
"""

from litestar import Litestar
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.routes import BaseRoute, HTTPRoute

POLICIES = ("public", "user", "admin")

# By "object:right", who has it; to everybody else, the object does not exist.
RIGHTS = {
    "job:view": "its owner, and members of the teams it is shared with to view",
    "job:download": "its owner, and members of the teams it is shared with to download",
    "job:own": "its owner",
    "job:share": "its owner, and administrators",
    "job:unshare": "its owner, leads of the team, and administrators",
    "job:any": "administrators",
    "job:list": "its owner: others find nothing",
    "export:own": "its owner",
    "session:view": "its owner, and members of the teams it is shared with to view, by the share",
    "session:download": "its owner, and members of the teams it is shared with to download, by the share",
    "session:own": "its owner",
    "team:view": "its members, invited persons, and administrators",
    "team:members": "its members, and administrators",
    "team:join": "its members, and invited persons",
    "team:lead": "its leads, and administrators; other members get 403",
    "team:leave": "the member, its leads, and administrators; other members get 403",
    "share:own": "the owner of what is shared",
    "share:end": "the owner of what is shared, leads of the team, and administrators",
    "device:own": "its user",
    "identity:own": "its user",
    "record:own": "its owner",
    "script:read": "every user",
    "script:any": "administrators",
    "token:read": "every user",
    "token:any": "administrators",
    "actor:any": "administrators",
    "take:own": "its user",
    "schedule:any": "administrators",
    "webhook:own": "its owner",
    "link:hold": "everybody who has the link",
    "page:read": "everybody",
}


def check_policies(app: Litestar) -> None:
    """Raises ImproperlyConfiguredException when a route does not declare who may call it, or with what right."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if is_options(handler):
                continue
            if handler.opt.get("policy") not in POLICIES:
                raise ImproperlyConfiguredException(f"{route.path} ({handler}) declares no policy")
            right = handler.opt.get("right")
            if right not in RIGHTS and (right is not None or _named_objects(route, handler)):
                raise ImproperlyConfiguredException(f"{route.path} ({handler}) declares no right")


def is_options(handler: BaseRouteHandler) -> bool:
    """Whether it is Litestar's own answer to OPTIONS: which methods a path has."""
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}


def _named_objects(route: BaseRoute, handler: BaseRouteHandler) -> set[str]:
    """The parameters of path and query that name an object."""
    return {
        *route.path_parameters,
        *(
            name
            for name, field in handler.parsed_fn_signature.parameters.items()
            if isinstance(field.kwarg_definition, QueryParameter)
            and (field.kwarg_definition.name or name)[-3:] == "_id"
        ),
    }
