"""Audio files: their format by content, duration, sample rate, and whether they are whole. Nothing is decoded."""
