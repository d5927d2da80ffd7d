"""What an environment of the project holds, and how it is made."""
