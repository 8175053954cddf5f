"""The unit system inside the world: days, EUR, kg, kWh, kg CO2e, thousand km.

Other units appear at the boundary only, in the name of the field that holds them (`service_hours`).
"""

from __future__ import annotations

HOURS_PER_DAY = 24.0
DAYS_PER_YEAR = 365.0

KM_PER_MILE = 1.609344
