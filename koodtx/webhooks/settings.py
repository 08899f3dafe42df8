"""Which URLs may be sent messages, and how many a user may have."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count


class WebhookSettings(Struct, frozen=True, kw_only=True):
    max_user_webhooks: Annotated[Count, Meta(description="Webhooks of one user; 0: none.")] = 10
    webhooks_allow_private: Annotated[
        bool,
        Meta(
            description="`true`: messages also go to `http` and to addresses that are not public. For development and"
            " tests only: any user could have requests sent into the network of the workers."
        ),
    ] = False
