"""Models with states whose oracle cannot carry them on, or not these alone."""

from __future__ import annotations

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph


def check_stream(graph: Graph) -> None:
    """Raise ModelError for a model with states that no oracle runs as one stream.

    A SUM would be computed by other kernels than the rest, so in another interpreter, which has not the
    rest's variables; and an LSTM begins anew only together with the states of SVDF, in TensorFlow Lite Micro
    with all variables.
    """
    if not graph.states:
        return
    for place, operator in enumerate(graph.operators):
        where = f"{graph.source}: layer {place} {operator.name}"
        sums = operator.name == "SUM" and graph.oracle == "tflite" and graph.has_reference_kernels
        if sums and graph.tensors[operator.outputs[0]].dtype == "int8":
            raise ModelError(
                f"{where} stands beside variables that outlast an inference, where TensorFlow has no right "
                "kernels for both; use a mean in its place (GlobalAveragePooling), or analyse, "
                "verify and export the file with --oracle tflm."
            )
        if not _begins_anew(graph, operator.inputs):
            continue
        if any(not state.is_resource for state in graph.states):
            raise ModelError(
                f"{where} begins each inference anew, which its oracle cannot do beside an SVDF's state, "
                "which outlasts one; make two models of it."
            )
        if graph.oracle == "tflm":
            raise ModelError(
                f"{where} begins each inference anew, which TensorFlow Lite Micro cannot do beside variables "
                "that outlast one; use --oracle tflite."
            )


def _begins_anew(graph: Graph, inputs: tuple[int, ...]) -> bool:
    kept = {state.tensor for state in graph.states}
    return any(index != -1 and graph.tensors[index].variable and index not in kept for index in inputs)
