"""Helpers of this app, some of which know what an order is."""
