"""What goes wrong with a page, said in one line that names the place."""

from __future__ import annotations


class PageError(Exception):
    """A page, a snippet or a text of the site is wrong; the message says what, where and how to mend it."""
