"""Reading trainings, whatever recorded them, and sorting runs into rungs or comparable groups."""
