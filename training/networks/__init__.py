"""Networks: the built-in one, the parts that it is put together from, a user's own."""
