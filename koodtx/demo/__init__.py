"""`koodtx demo`: a real recording goes in, is pushed again and corrected, comes back equal, and is analysed.

The phone is examples/client.py, the recording examples/sensorlogger_ethz; nothing here knows the database.
"""

from koodtx.errors import KoodtxError


def run_demo(base_url: str, *, analysis_limit_s: float = 120) -> int:
    """Plays the demonstration against a running service; 1 when anything is not as it should be, else 0."""
    try:
        from koodtx.demo.play import play
    except ModuleNotFoundError as error:
        raise KoodtxError(f"`koodtx demo` needs {error.name}: pip install 'koodtx[embedded]'") from error
    return play(base_url, analysis_limit_s)
