"""One recommendation per user and day, from the diary and sensor rollups."""
