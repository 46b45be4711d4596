"""Stands in for computer-aided dispatch: writes calls as a CAD would and sends them over HTTP."""
