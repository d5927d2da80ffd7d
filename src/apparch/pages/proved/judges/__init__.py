"""Who judges a code block, a module for each kind of block, each a real tool or a real run."""
