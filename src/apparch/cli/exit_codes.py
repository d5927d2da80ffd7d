"""The exit codes, the same for every command."""

AGREE, FINDINGS, USAGE, FAILED, CONFLICT = 0, 1, 2, 3, 4
"""Nothing found, something found, the call is wrong, the tool itself failed, an update meets changes of one's own."""
TOLD = "Exit codes: 0 nothing is wrong, 1 there are findings, 2 the call is wrong, 3 the tool itself failed."
