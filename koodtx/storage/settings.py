"""Where files are stored."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from koodtx.errors import SettingsError
from koodtx.setting_types import Positive


class StorageSettings(Struct, frozen=True, kw_only=True):
    storage_url: Annotated[
        str,
        Meta(
            description="Where exports and uploads are stored: a folder that all processes share, `file:///path` or"
            " `file:relative/path`, or `s3://bucket/prefix`."
        ),
    ] = "file:.koodtx/objects"
    s3_endpoint: Annotated[
        str, Meta(description="URL of an S3 server other than Amazon's; clients must reach it as well.")
    ] = ""
    s3_region: Annotated[str, Meta(description="Region of the bucket.")] = "us-east-1"
    s3_access_key_id: Annotated[
        str, Meta(description="Login to S3; empty: as Amazon's own programs find one, e.g. `AWS_ACCESS_KEY_ID`.")
    ] = ""
    s3_secret_access_key: Annotated[str, Meta(description="Its secret.")] = ""
    link_lifetime_s: Annotated[
        Positive, Meta(le=604_800, description="Seconds after which a link to a file expires.")
    ] = 3600


def check_storage_url(text: str) -> None:
    """Raises SettingsError."""
    url = urlsplit(text)
    is_folder = url.scheme == "file" and not url.netloc and url.path
    is_bucket = url.scheme == "s3" and url.netloc
    if (not is_folder and not is_bucket) or url.query or url.fragment:
        raise SettingsError(
            "KOODTX_STORAGE_URL must be like file:///path, file:relative/path or s3://bucket/prefix, got " + repr(text)
        )
