"""How goods are produced."""
