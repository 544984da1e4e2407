"""Networks: the built-in ones, the parts that it is put together from, a user's own."""
