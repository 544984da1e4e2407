"""A folder's runs and studies in forms that other programs read."""
