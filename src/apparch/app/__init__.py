"""What an App repo states."""
