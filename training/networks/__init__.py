"""Networks: the built-in ones, the parts that they are made of, and users' own."""
