"""What the layers' NumPy references make of samples: those of a model with states are one stream."""

import numpy as np

from zerotap.firmware.graph import ASSIGN
from zerotap.firmware.planning.plan import Plan


class Stream:
    """A model in NumPy, with what one sample leaves for the next."""

    def __init__(self, planned: Plan) -> None:
        self.planned = planned
        self.states = {state.tensor: state.initial.copy() for state in planned.graph.states}

    def step(self, sample: np.ndarray) -> np.ndarray:
        """The outputs, flat."""
        graph = self.planned.graph
        values = {graph.input: sample, **self.states}
        for layer in self.planned.layers:
            data = [values[source.index].reshape(source.shape) for source in layer.sources]
            values[layer.target.index] = layer.reference(graph, *data)
            if layer.operators[0].name == ASSIGN:
                self.states[layer.operators[0].inputs[0]] = values[layer.target.index]
        return values[graph.output].ravel()


def references(planned: Plan, samples: np.ndarray) -> np.ndarray:
    """Outputs (samples, outputs) from the stream's beginning."""
    stream = Stream(planned)
    return np.stack([stream.step(sample) for sample in samples])
