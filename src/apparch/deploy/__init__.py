"""What a Deploy repo states."""
