"""Artefacts: models of every kind that become C, behind one protocol, found by the names of their files."""

from .class_scores import ClassScores as ClassScores
from .folder import as_folder as as_folder
from .folder import read_pipeline as read_pipeline
from .interface import Artefact as Artefact
from .interface import Built as Built
from .interface import ModelOracle as ModelOracle
from .interface import Ran as Ran
from .interface import Sketch as Sketch
from .interface import is_constant_time as is_constant_time
from .registry import artefact_files as artefact_files
from .registry import find_artefact as find_artefact
from .registry import is_integer_file as is_integer_file
from .registry import model_file as model_file
from .registry import open_artefact as open_artefact
