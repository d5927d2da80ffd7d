"""Finds the revisions."""
