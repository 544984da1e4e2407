"""The error that reports every fault in a user's data."""


class DataError(ValueError):
    """Says what is wrong with the data, where, and what to do about it, as whole sentences."""


def listed(names: list[str] | tuple[str, ...], limit: int = 10) -> str:
    """Join names with commas for a message, cutting a long list after `limit` of them."""
    shown = ", ".join(str(name) for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"
