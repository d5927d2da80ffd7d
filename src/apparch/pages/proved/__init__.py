"""How what pages show is proved: who judges each block, what a run records, what breaches it noticed."""
