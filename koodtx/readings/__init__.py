"""The core data: readings of sensors, as blocks of columns. Knows no protocol.

`write.py`, `read.py` and `sensor_types.py` talk to the database; nothing else here does.
"""
