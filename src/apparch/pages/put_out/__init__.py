"""Where expanded pages go: into the site, its permalinks, its plain exports and the README files' figures."""
