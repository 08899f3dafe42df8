"""`koodtx demo`: it passes on a sound service, and tells when something is lost."""

import pytest

from koodtx.demo import run_demo
from koodtx.demo.compare import differences
from koodtx.demo.recording import Reading, read_recording
from koodtx.files import project_folder


@pytest.mark.smoke
@pytest.mark.integration
def test_the_recording_comes_back_equal(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(url) == 0

    printed = capsys.readouterr().out
    assert "5,000 duplicates" in printed
    assert "5,000 updated" in printed
    assert "All 108,909 readings came back equal." in printed
    assert f"{url}/docs/" in printed


@pytest.mark.unit
def test_the_recording_is_whole() -> None:
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")

    # Counted by others, on the unchanged files.
    assert len(recording) == 34_667 + 34_648 + 34_650 + 3_853 + 1_091
    accelerometer = [reading.data for reading in recording if reading.sensor_type == "accelerometer"]
    assert sum(data["z"] for data in accelerometer) / len(accelerometer) == pytest.approx(9.680351652)
    assert recording[0] == Reading(
        "accelerometer",
        1679068247375.69,
        {"z": 9.66539192199707, "y": -0.002394201699644327, "x": 0.12689268589019775},
    )


@pytest.mark.unit
def test_what_is_lost_invented_or_changed_is_told() -> None:
    sent = [Reading("gps", 1.0, {"speed": 1.0}), Reading("gps", 2.0, {"speed": 2.0})]

    assert differences(sent, [("gps", 1.0, {"speed": 1}), ("gps", 2.0, {"speed": 2.0})]) == []
    assert [line.split(",")[0] for line in differences(sent, [("gps", 1.0, {"speed": 1.0})])] == [
        "1 readings did not come back"
    ]
    assert [line.split(",")[0] for line in differences(sent, [*sent, ("gps", 3.0, {})])] == [
        "1 readings came back and were never sent"
    ]
    assert [line.split(",")[0] for line in differences(sent, [sent[0], ("gps", 2.0, {"speed": 2.1})])] == [
        "1 readings came back with other values"
    ]
