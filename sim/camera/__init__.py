"""Simulated cameras: a MAVLink pose becomes H.264 over RTSP."""
