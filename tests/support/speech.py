"""Recordings of speech, and a catalogue to speak."""

from pathlib import Path

from tests.support.aliases import Client, Document

RECORDINGS = Path(__file__).parent.parent / "data" / "speech_wav"


def recording(digit: int, speaker: str = "jackson") -> Path:
    """A WAV file of somebody who says a digit."""
    return RECORDINGS / "fsdd" / f"{digit}_{speaker}_0.wav"


def make_script(
    client: Client, admin: dict[str, str], *lines: str, title: str = "비 오는 역", **fields: object
) -> Document:
    """A script with these lines, as an administrator makes it."""
    reply = client.post("/api/admin/scripts", json={"title": title, "language": "ko"} | fields, headers=admin)
    assert reply.status_code == 201, reply.text
    tokens = {"tokens": [{"text": line} for line in lines]}
    reply = client.put(f"/api/admin/scripts/{reply.json()['id']}/tokens", json=tokens, headers=admin)
    assert reply.status_code == 200, reply.text
    script: Document = reply.json()
    return script
