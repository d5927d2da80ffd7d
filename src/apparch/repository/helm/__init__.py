"""Helm charts: their templates, carried out by a small reader of Go's template language that runs nothing."""
