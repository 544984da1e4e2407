"""``python -m trickbook`` is the same as the command ``trickbook``."""

from trickbook.ladder.cli.main import main

if __name__ == "__main__":
    main()
