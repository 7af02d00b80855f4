"""`python -m mockexam` is the same as the `mockexam` command."""

from mockexam.cli import main

if __name__ == "__main__":
    main()
