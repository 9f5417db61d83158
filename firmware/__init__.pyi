from .graph import Graph as Graph
from .graph import Operator as Operator
from .graph import Tensor as Tensor
