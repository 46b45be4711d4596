"""A small synthetic Tucson, as plain data."""
