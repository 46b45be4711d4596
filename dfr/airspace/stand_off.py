"""Places from which a scene can be seen. Pure."""

import math

import numpy as np

from dfr.airspace.airspace import Airspace
from dfr.airspace.view import Place
from dfr.core.geo import FloatArray

_BEARINGS = 16
_SIGHT_STEP_M = 5.0
_LEAST_SEEN_M = 2.0
"""The sight line ends so far above the ground of the scene: a person is seen."""
FARTHEST_M = 200.0
"""From farther away too little is seen, however badly the place is known."""


def places_around(scene: Place, toward: Place, stand_off_m: float, scene_error_m: float) -> FloatArray:
    """(n, 2) places as far from the scene as asked, wherever within its error it is; those towards a place first."""
    angle = math.atan2(toward[1] - scene[1], toward[0] - scene[0])
    away_m = max(stand_off_m, min(stand_off_m + scene_error_m, FARTHEST_M))
    angles = angle + np.arange(_BEARINGS) * (2.0 * math.pi / _BEARINGS)
    places = np.array(scene) + away_m * np.column_stack([np.cos(angles), np.sin(angles)])
    order = np.argsort(np.round(np.hypot(*(places - np.array(toward)).T), 3), kind="stable")
    return np.asarray(places[order])


def sees(airspace: Airspace, eye: Place, eye_m: float, scene: Place, scene_m: float) -> bool:
    """Whether nothing that is known to stand there is in the line from an eye (its altitude) to the scene (its ground).

    Ground and structures are taken as they are known, their errors not added: this is about the picture, not safety.
    """
    count = max(int(math.dist(eye, scene) / _SIGHT_STEP_M), 2)
    share = np.linspace(0.0, 1.0, count)[1:-1]
    places = np.array(eye) + (np.array(scene) - np.array(eye)) * share[:, None]
    line_m = eye_m + (scene_m + _LEAST_SEEN_M - eye_m) * share
    tops_m = np.fmax(airspace.ground_m(places), airspace.structures.tops_m(places))
    return not bool((tops_m > line_m).any())
