"""A trading service: orders come in over HTTP and are worked against an exchange."""
