"""Many repositories at once: which template each has, what it breaks, and whom a change concerns."""
