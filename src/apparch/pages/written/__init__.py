"""How pages are written: their files, sections, blocks and links, and the site that gathers them."""
