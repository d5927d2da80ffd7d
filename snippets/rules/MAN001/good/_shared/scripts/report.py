"""Counts what is deployed."""
