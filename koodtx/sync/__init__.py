"""The main job: push, pull, status.

A push goes readings.parse -> readings.arrange -> store; a pull goes pull.prepare -> pull.stream.
"""
