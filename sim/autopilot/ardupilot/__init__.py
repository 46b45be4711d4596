"""The built-in autopilot as ArduPilot Copter 4.6: the same body, other words and rules."""
