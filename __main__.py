"""``python -m zerotap``."""

from zerotap.cli import main

if __name__ == "__main__":
    main()
