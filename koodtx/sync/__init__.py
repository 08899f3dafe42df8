"""The main job: push, pull, status.

A push goes push.receive -> decode -> apply, which arranges and writes; a pull goes pull.page -> stream.
"""
