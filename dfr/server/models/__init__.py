"""The shapes on the wire, one file a noun. Units are in the names; every time is UTC seconds since 1970-01-01."""
