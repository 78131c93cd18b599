"""`python -m qmlplay …` is the command `qmlplay …`."""

from qmlplay.cli import main

if __name__ == "__main__":
    main()
