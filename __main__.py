"""``python -m zerotap``, and the command ``zerotap``."""

import signal


def run() -> None:
    """Run the command line; Ctrl-C before it listens, or once it has ended, is no traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from zerotap.cli import main
    from zerotap.isolation import load_keras_lean

    load_keras_lean()
    main()


if __name__ == "__main__":
    run()
