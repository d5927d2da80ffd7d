"""What pages show that nobody writes: tables, cards, captions and whole pages drawn from data."""
