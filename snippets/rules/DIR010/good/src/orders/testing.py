"""What users of the package test with."""
