def plan():
    """Say which tags the image gets."""
