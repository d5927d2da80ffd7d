"""A client for those who write Python, which is no part of the app."""
