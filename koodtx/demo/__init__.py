"""`koodtx demo`: pushes a real recording, repeats and corrects a push, pulls and compares it, and analyses it.

The client is examples/client, the recording examples/sensorlogger_ethz. The demo uses only the HTTP API.
"""

from koodtx.errors import KoodtxError


def run_demo(base_url: str, *, analysis_limit_s: float = 120) -> int:
    """Runs the demo against a running service. Returns 0 if every result is as expected, otherwise 1."""
    try:
        from koodtx.demo.play import play
    except ModuleNotFoundError as error:
        raise KoodtxError(f"`koodtx demo` needs {error.name}: pip install 'koodtx[embedded]'") from error
    return play(base_url, analysis_limit_s)
