"""Other aircraft, heard by receivers: readers of their feeds, and the store of what all sources heard."""
