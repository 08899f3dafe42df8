"""Settings of HTTP requests."""

from typing import Annotated

from msgspec import Meta, Struct

from koodtx.setting_types import Count, Positive, split


class WebSettings(Struct, frozen=True, kw_only=True):
    cors_origins: Annotated[
        str,
        Meta(
            description="Origins allowed for web clients, separated by commas, e.g. `https://app.example.org`; `null`"
            " for pages without one (`file://`, some WebViews)."
        ),
    ] = ""
    trusted_proxies: Annotated[
        str,
        Meta(description="Networks of trusted proxies (`X-Forwarded-For`), separated by commas, e.g. `10.0.0.0/8`."),
    ] = ""
    max_body_bytes: Annotated[Positive, Meta(description="Maximum bytes of a request body as sent; else 413.")] = (
        10_000_000
    )
    max_inflated_bytes: Annotated[
        Positive, Meta(description="Maximum bytes of a gzip body after decompression; else 413.")
    ] = 20_000_000
    max_bytes_in_flight: Annotated[
        Positive, Meta(description="Maximum bytes of request bodies that an API process holds at once; then 429.")
    ] = 80_000_000
    max_user_bytes_in_flight: Annotated[Positive, Meta(description="The share of one user in them; then 429.")] = (
        40_000_000
    )
    max_login_streams: Annotated[
        Count,
        Meta(description="Open WebSockets and event streams per login and API process; then 4429 or 429. 0: no limit."),
    ] = 100

    @property
    def cors_origin_list(self) -> list[str]:
        return split(self.cors_origins)

    @property
    def trusted_proxy_list(self) -> list[str]:
        return split(self.trusted_proxies)
