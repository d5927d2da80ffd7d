"""From pages as written to pages as published, and the proof that what they show is so."""
