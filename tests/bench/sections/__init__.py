"""One file a section: `launch/bench --NAME` runs `measure` of the file NAME.py."""
