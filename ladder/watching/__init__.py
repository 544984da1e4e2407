"""Following a study while it runs: what its folder says, served as a local page."""
