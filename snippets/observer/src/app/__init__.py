"""A collector: ticks come in from a stream, and the newest of each symbol is there to be read."""
