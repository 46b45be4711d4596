"""The nouns of the domain, with their units. No I/O, no protocol, no web."""
