"""What agents are told: short, bounded answers about rules and files, and the section that leads to them."""
