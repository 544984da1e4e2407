"""Every picture of a report or a callback, and the looks they share (`style`)."""
