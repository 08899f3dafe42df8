"""The scorer as a part of `koodtx up`, if its packages are installed and no other analysis server is set."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from koodtx.embedded.data_folder import kept_secret
from koodtx.processes.addresses import free_port
from koodtx.scorer.extra import is_installed
from koodtx.webhooks.signature import write_secret

_URL, _SECRET, _PUBLIC = "KOODTX_ANALYSIS_SERVER_URL", "KOODTX_ANALYSIS_SERVER_SECRET", "KOODTX_PUBLIC_URL"


def scorer_environment(env: Mapping[str, str], data_dir: Path, api_url: str) -> dict[str, str]:
    """The settings by which API, workers and scorer find each other; empty if the scorer is not started."""
    if env.get(_URL) or not is_installed():
        return {}
    secret = env.get(_SECRET) or write_secret(bytes.fromhex(kept_secret(data_dir / "analysis-server.secret")))
    return {_URL: f"http://127.0.0.1:{free_port()}", _SECRET: secret, _PUBLIC: env.get(_PUBLIC) or api_url}


def scorer_options(env: Mapping[str, str]) -> list[str]:
    """The words of its command. With files in S3, it downloads from wherever signed requests name."""
    port = urlsplit(env[_URL]).port
    has_own_files = env["KOODTX_STORAGE_URL"].startswith("file:")
    return ["scorer", "--lazy", "--port", str(port), *(["--public", env[_PUBLIC]] if has_own_files else [])]
