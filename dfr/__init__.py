"""Drone-as-first-responder controller: a 911 call becomes live video of the scene."""
