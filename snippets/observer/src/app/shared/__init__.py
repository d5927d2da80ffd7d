"""Utilities that every part of the app may use; none of them knows what an order is."""
