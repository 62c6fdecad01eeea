"""`python -m hotline` is `hotline`, for where the command is not on the path."""

from hotline.cli import main

if __name__ == "__main__":
    main()
