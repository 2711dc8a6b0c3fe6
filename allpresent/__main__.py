"""``python -m allpresent`` is the command line."""

from allpresent.cli import main

if __name__ == "__main__":
    main()
