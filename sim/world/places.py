"""What of the synthetic city is named after the real one, roughly where the real one has it: WGS84 degrees, metres.

Tucson's arterials lie on a grid of a mile, with half-mile streets between. The rest of the city is invented.
"""

from typing import NamedTuple


class Road(NamedTuple):
    """A straight street along a parallel (its latitude) or a meridian (its longitude), its width kerb to kerb."""

    name: str
    at_deg: float
    width_m: float


class Land(NamedTuple):
    """A rectangle that is no ordinary city. kind: park, campus, desert, airfield, downtown, offices."""

    name: str
    kind: str
    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float


class Line(NamedTuple):
    """A freeway, railway or dry river, by its points (latitude, longitude)."""

    name: str
    kind: str
    width_m: float
    points_deg: tuple[tuple[float, float], ...]


EAST_WEST = (
    Road("Ina Road", 32.3375, 24),
    Road("Orange Grove Road", 32.3230, 20),
    Road("Sunrise Drive", 32.3085, 22),
    Road("River Road", 32.2905, 22),
    Road("Prince Road", 32.2723, 20),
    Road("Fort Lowell Road", 32.2650, 18),
    Road("Glenn Street", 32.2578, 14),
    Road("Grant Road", 32.2505, 26),
    Road("Pima Street", 32.2432, 14),
    Road("Speedway Boulevard", 32.2360, 28),
    Road("Fifth Street", 32.2288, 14),
    Road("Broadway Boulevard", 32.2212, 28),
    Road("22nd Street", 32.2067, 26),
    Road("29th Street", 32.1995, 14),
    Road("Golf Links Road", 32.1922, 26),
    Road("Ajo Way", 32.1780, 24),
    Road("Irvington Road", 32.1633, 24),
    Road("Drexel Road", 32.1487, 16),
    Road("Valencia Road", 32.1340, 26),
)

NORTH_SOUTH = (
    Road("Silverbell Road", -111.0130, 18),
    Road("Grande Avenue", -110.9920, 16),
    Road("Oracle Road", -110.9783, 26),
    Road("Stone Avenue", -110.9718, 18),
    Road("First Avenue", -110.9610, 22),
    Road("Park Avenue", -110.9563, 16),
    Road("Campbell Avenue", -110.9437, 24),
    Road("Tucson Boulevard", -110.9351, 14),
    Road("Country Club Road", -110.9269, 20),
    Road("Dodge Boulevard", -110.9180, 14),
    Road("Alvernon Way", -110.9095, 24),
    Road("Columbus Boulevard", -110.9010, 14),
    Road("Swan Road", -110.8924, 24),
    Road("Rosemont Boulevard", -110.8838, 14),
    Road("Craycroft Road", -110.8752, 24),
    Road("Wilmot Road", -110.8580, 22),
    Road("Kolb Road", -110.8410, 26),
    Road("Pantano Road", -110.8240, 22),
    Road("Camino Seco", -110.8067, 18),
    Road("Harrison Road", -110.7896, 20),
)

LANDS = (
    Land("Reid Park", "park", 32.2069, -110.9262, 32.2137, -110.9100),
    Land("El Con", "offices", 32.2215, -110.9262, 32.2270, -110.9180),
    Land("University of Arizona", "campus", 32.2262, -110.9560, 32.2358, -110.9440),
    Land("Downtown", "downtown", 32.2170, -110.9780, 32.2260, -110.9620),
    Land("Williams Centre", "offices", 32.2180, -110.8836, 32.2210, -110.8754),
    Land("Himmel Park", "park", 32.2325, -110.9348, 32.2358, -110.9310),
    Land("Davis-Monthan", "airfield", 32.1490, -110.9090, 32.1920, -110.8420),
    Land("Sentinel Peak", "desert", 32.2000, -111.0200, 32.2160, -110.9925),
    Land("Foothills", "desert", 32.3090, -110.9600, 32.3900, -110.7000),
)

LINES = (
    Line(
        "Interstate 10",
        "freeway",
        44,
        (
            (32.360, -111.080),
            (32.290, -111.020),
            (32.250, -110.993),
            (32.222, -110.984),
            (32.195, -110.976),
            (32.175, -110.955),
            (32.150, -110.915),
            (32.120, -110.850),
        ),
    ),
    Line(
        "Aviation Parkway",
        "freeway",
        28,
        ((32.222, -110.962), (32.212, -110.945), (32.195, -110.915), (32.185, -110.892)),
    ),
    Line(
        "Union Pacific",
        "railway",
        14,
        ((32.300, -111.025), (32.226, -110.975), (32.2205, -110.962), (32.190, -110.912), (32.130, -110.830)),
    ),
    Line(
        "Santa Cruz River",
        "wash",
        70,
        ((32.130, -110.992), (32.180, -110.988), (32.222, -110.990), (32.270, -111.010), (32.340, -111.080)),
    ),
    Line(
        "Rillito River",
        "wash",
        90,
        (
            (32.305, -111.050),
            (32.290, -110.975),
            (32.280, -110.940),
            (32.272, -110.900),
            (32.268, -110.870),
            (32.262, -110.850),
        ),
    ),
    Line("Pantano Wash", "wash", 60, ((32.262, -110.850), (32.240, -110.830), (32.210, -110.810), (32.150, -110.770))),
    Line("Arroyo Chico", "wash", 16, ((32.206, -110.905), (32.2145, -110.925), (32.216, -110.945), (32.220, -110.962))),
    Line("Runway 12/30", "runway", 60, ((32.1790, -110.8990), (32.1530, -110.8680))),
)

PEAKS = (
    # direction from the city's middle (degrees from north), elevation over the horizon, half width, all degrees; name
    (343.0, 2.5, 6.0, "Tortolita Mountains"),
    (2.0, 3.7, 9.0, "Pusch Ridge"),
    (14.0, 4.2, 7.0, "Cathedral Rock"),
    (28.0, 4.8, 9.0, "Mount Lemmon"),
    (43.0, 4.0, 9.0, "Mount Bigelow"),
    (58.0, 2.3, 7.0, "Agua Caliente Hill"),
    (84.0, 2.6, 12.0, "Rincon Peak"),
    (101.0, 2.9, 9.0, "Mica Mountain"),
    (172.0, 1.9, 9.0, "Mount Wrightson"),
    (188.0, 1.0, 8.0, "Sierrita Mountains"),
    (254.0, 1.8, 9.0, "Cat Mountain"),
    (272.0, 2.3, 10.0, "Wasson Peak"),
    (292.0, 1.9, 8.0, "Safford Peak"),
)
