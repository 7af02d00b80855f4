"""`python -m mockexam` is the same as the `mockexam` command."""

from mockexam.entry import main

if __name__ == "__main__":
    main()
