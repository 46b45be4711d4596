"""Decisions: which calls fly, which aircraft goes, what is sent to it, and whether it may be."""
