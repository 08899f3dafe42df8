"""Limits of logins."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count


class AccountSettings(Struct, frozen=True, kw_only=True):
    logins_per_minute: Annotated[
        Count,
        Meta(description="Login attempts per minute for one account from one IP address; then 429. 0: no limit."),
    ] = 10
    logins_per_minute_account: Annotated[
        Count,
        Meta(
            description="Login attempts per minute for one account from all IP addresses from which nobody logged in to"
            " it in the last 30 days; then 429. 0: no limit."
        ),
    ] = 100
    logins_per_minute_address: Annotated[
        Count, Meta(description="Login and registration attempts per minute and IP address; then 429. 0: no limit.")
    ] = 60
