"""Each test order gets a size."""
