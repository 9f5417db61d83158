"""Models with a variable that is set before it is read, so that no inference depends on another."""


def variable(maker):
    """x, what is read, and perhaps what is read after another assignment, joined."""
    shape = (1, *(maker.size(4) for _ in range(int(maker.rng.integers(1, 4)))))
    source = maker.activation(shape)
    tensors = [source, maker.tensor((), "resource"), maker.activation(shape, source.scale, source.zero_point)]
    one = maker.model.one
    name = {"sharedName": "state"}
    before = [
        one("VAR_HANDLE", [], 1, "VarHandleOptions", name),
        one("ASSIGN_VARIABLE", [1, 0], []),
        one("READ_VARIABLE", [1], 2),
    ]
    parts = [2, 0]
    again = maker.rng.integers(3)
    if again:  # what was read outlives another assignment
        tensors += [maker.activation(shape, source.scale, source.zero_point) for _ in range(2)]
        before += [one("RELU", [0], 3), one("ASSIGN_VARIABLE", [1, 3], []), one("READ_VARIABLE", [1], 4)]
        parts = [2, 4] if again == 1 else [4, 2, 3]
    axis = len(shape) - 1
    target = (*shape[:axis], shape[axis] * len(parts))
    tensors.append(maker.activation(target, source.scale, source.zero_point))
    model = maker.model("CONCATENATION", tensors, parts, len(tensors) - 1, 0, "ConcatenationOptions")
    model.options, model.before = {"axis": axis}, before
    return model


MAKERS = dict.fromkeys(("ASSIGN_VARIABLE", "READ_VARIABLE"), variable)
