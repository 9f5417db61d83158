from .files import find_integer_file as find_integer_file
from .files import read_integer_model as read_integer_model
from .files import write_integer_model as write_integer_model
from .interface import IntegerModel as IntegerModel
from .interface import parameter_count as parameter_count
from .linear_table import LinearTable as LinearTable
from .registry import INTEGER_MODELS as INTEGER_MODELS
