"""Every fault that is not a bug, as one tree.

    ZerotapError              exit 1
    +-- CaptureError          a device, a capture file or a dataset
    |   +-- UnknownTimeError  numbers without a time, or with one whose unit cannot be right
    +-- FeatureError          windows, text, a pipeline
    +-- ModelError            a model that cannot be built, read, trained or converted
    |   +-- NoOperatorError   an operator that zerotap does not have
    +-- OutputError           a file or folder that cannot be written
    +-- MissingExtraError     a package that an extra of zerotap installs
    +-- ToolchainError        no compiler, or the compiler refused the program
    +-- BoardError            a board that does not answer, or not as it should
    +-- DoesNotFitError       exit 3: more flash or RAM than the board has
    +-- NotExactError         exit 4: the board's bits differ from the oracle's

A message is one sentence that names the file and the place (byte, row, layer) and then the way out.
The command line prints it on stderr without a traceback and exits with ``exit_code``.
"""

import errno


class ZerotapError(Exception):
    """A fault that the user can mend."""

    exit_code = 1


class CaptureError(ZerotapError):
    """A device, a capture file or a dataset cannot be used.

    A truncated pcapng, an unknown link type, a label without recordings, a busy interface.
    """


class UnknownTimeError(CaptureError):
    """When the rows of a file came is for a person to say.

    No column is a time, or (``has_time``) its unit cannot be right: 100,000 rows a second.
    """

    def __init__(self, message: str, *, has_time: bool) -> None:
        super().__init__(message)
        self.has_time = has_time


class FeatureError(ZerotapError):
    """Input that a transform refuses: wrong dtype, too short, NaN, an empty text."""


class ModelError(ZerotapError):
    """A model that cannot be built, read, trained or converted.

    An operator that zerotap does not have, a damaged .tflite, one class only.
    """


class NoOperatorError(ModelError):
    """A model needs an operator that zerotap does not have, whatever it is calibrated on."""


class OutputError(ZerotapError):
    """A file or folder cannot be written, or its name is taken."""


class MissingExtraError(ZerotapError, ImportError):
    """A package is missing that an extra installs: `pip install 'zerotap[plots]'`."""


class ToolchainError(ZerotapError):
    """No compiler for the board was found, or it refused the generated program."""


class BoardError(ZerotapError):
    """A board at a port does not answer, answers wrongly, runs another sketch, or cannot be flashed."""


class DoesNotFitError(ZerotapError):
    """The model needs more flash or RAM than the board has."""

    exit_code = 3


class NotExactError(ZerotapError):
    """The simulated board's outputs differ from the oracle's."""

    exit_code = 4


def way_out(error: OSError, otherwise: str) -> str:
    """What to do about what the system refused: ``otherwise``, but a disk that is full wants room."""
    short = "requested and"  # NumPy's words for a disk that fills up
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT) or short in str(error)
    return f"free some space, or {otherwise}" if is_full else otherwise


def not_opened(path: object, error: OSError) -> CaptureError:
    """Return what to raise for a file of data that the system does not open or read."""
    return CaptureError(f"{path}: cannot be read: {error.strerror}; check the name and the permissions")
