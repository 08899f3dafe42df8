"""Takes of users, and the server that analyses them."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import Count, Positive, is_http_url, split
from koodtx.webhooks.signature import read_secret

Pause = Annotated[float, Meta(gt=0, le=86_400)]


class TakeSettings(Struct, frozen=True, kw_only=True):
    analysis_server_url: Annotated[
        str,
        Meta(
            description="URL of the server that analyses takes, before `/analyses`; empty: there is none, and no take"
            " can be uploaded."
        ),
    ] = ""
    analysis_server_secret: Annotated[
        str,
        Meta(
            description="Secret that signs requests to the analysis server and its webhooks: `whsec_` and 24 to 64"
            " bytes in base64. Several, separated by commas: the first signs, webhooks may be signed with any."
        ),
    ] = ""
    public_url: Annotated[
        str, Meta(description="URL of this API as other servers reach it: for webhooks and the files of takes.")
    ] = "http://127.0.0.1:5000"
    analysis_timeout_s: Annotated[
        Positive, Meta(le=86_400, description="Seconds within which a take must have its result; then it fails.")
    ] = 900
    analysis_request_timeout_s: Annotated[
        float, Meta(gt=0, le=240, description="Seconds within which the analysis server must answer a request.")
    ] = 10
    analysis_retry_s: Annotated[
        Pause,
        Meta(
            description="Seconds before the second request for a take that the analysis server did not accept; doubled"
            " each time, up to 300."
        ),
    ] = 2
    analysis_poll_s: Annotated[
        Pause,
        Meta(
            description="Seconds after which the analysis server is asked for a result that it has not sent; doubled"
            " each time, up to 60."
        ),
    ] = 10
    analysis_pause_s: Annotated[
        Pause,
        Meta(description="Seconds without requests after the analysis server failed five times in a row."),
    ] = 30
    max_take_bytes: Annotated[Positive, Meta(description="Maximum bytes of the recording of a take; else 413.")] = (
        50_000_000
    )
    max_user_takes: Annotated[Count, Meta(description="Takes per user; then 409. 0: no limit.")] = 20_000
    max_user_take_bytes: Annotated[
        Count, Meta(description="Bytes of all recordings of a user's takes; then 409. 0: no limit.")
    ] = 5_000_000_000
    max_uploads: Annotated[
        Count, Meta(description="Uploads of takes at the same time per API process; then 429. 0: no limit.")
    ] = 16
    max_user_uploads: Annotated[Count, Meta(description="Of them, those of one user. 0: no limit.")] = 4

    @property
    def analysis_secrets(self) -> list[bytes]:
        """The first signs; what the others have signed is accepted."""
        return [read_secret(text) for text in split(self.analysis_server_secret)]


def check_analysis_server(url: str, secrets: str, public_url: str) -> None:
    """Raises SettingsError, which shows no secret."""
    _check_url("KOODTX_PUBLIC_URL", public_url)
    for place, text in enumerate(split(secrets), 1):
        try:
            read_secret(text)
        except ValueError as error:
            raise SettingsError(
                "KOODTX_ANALYSIS_SERVER_SECRET must be whsec_ and 24 to 64 bytes in base64, as"
                f" `openssl rand -base64 32` gives them: in secret {place}, {error}"
            ) from error
    if url:
        _check_url("KOODTX_ANALYSIS_SERVER_URL", url)
        if not split(secrets):
            raise SettingsError("KOODTX_ANALYSIS_SERVER_URL needs KOODTX_ANALYSIS_SERVER_SECRET")


def _check_url(name: str, text: str) -> None:
    if not is_http_url(text) or "@" in urlsplit(text).netloc or "?" in text or "#" in text:
        raise SettingsError(
            f"{name} must be like https://example.org/path, without a user name, a password, a query or a fragment"
        )
