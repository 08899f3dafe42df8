"""LibreOffice Calc opens the CSV files with the right counts, Korean text, and no formula."""

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.exports.conftest import LONG, Download

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]

# Comma, double quote, UTF-8, from the first line; then: numbers are recognised, as in a file that is opened by hand.
_READ = "44,34,76,1,,0,false,true,false"
# The same out again, values instead of how they look, so that a formula would show what it came to.
_WRITE = "44,34,76,1,,0,false,false,false"


def converted(path: Path) -> list[list[str]]:
    """The cells of a file after Calc has read and written it."""
    out = path.parent / "out"
    command = [
        "soffice", "--headless", f"-env:UserInstallation=file://{path.parent}/profile", f"--infilter=CSV:{_READ}",
        "--convert-to", f"csv:Text - txt - csv (StarCalc):{_WRITE}", "--outdir", str(out), str(path),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return list(csv.reader(io.StringIO((out / path.name).read_text(encoding="utf-8"), newline="")))


@pytest.mark.long
def test_calc_opens_the_one_csv_file(walk: None, download: Download, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_bytes(download("walk", "csv").content)

    head, *rows = converted(path)

    assert head[:4] == ["session_id", "sensor_type", "value_key", "recorded_at"]
    assert len(rows) == LONG + 3 + 2 + 6
    by_sensor = {row[1]: row for row in rows}
    assert by_sensor["심박수"][2] == "bpm"
    formula = next(row for sensor, row in by_sensor.items() if "cmd" in sensor)
    assert formula[1].endswith("=cmd|' /C calc'!A0")
    assert float(formula[4]) == -1.5
    assert any("한국어" in row[14] for row in rows)


@pytest.mark.long
def test_calc_opens_the_files_of_the_zip(walk: None, download: Download, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(download("walk", "zip").content)) as file:
        file.extractall(tmp_path)

    head, *rows = converted(tmp_path / "sensors" / "accelerometer.csv")

    assert head == ["recorded_at", "x", "y", "z"]
    assert len(rows) == LONG
    assert float(rows[-1][1]) == pytest.approx(-(LONG - 1) / 7)
