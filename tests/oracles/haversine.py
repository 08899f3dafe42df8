"""Distance on the sphere, another way than haversine: the angle between the two points as vectors."""

from math import atan2, cos, hypot, radians, sin

RADIUS_M = 6_371_008.8


def distance_m(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    """Vincenty's formula for a sphere: well-conditioned for near and for opposite points."""
    a, b, turn = radians(latitude1), radians(latitude2), radians(longitude2 - longitude1)
    across = hypot(cos(b) * sin(turn), cos(a) * sin(b) - sin(a) * cos(b) * cos(turn))
    along = sin(a) * sin(b) + cos(a) * cos(b) * cos(turn)
    return RADIUS_M * atan2(across, along)
