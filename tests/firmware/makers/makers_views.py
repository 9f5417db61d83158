"""Models with one operator whose output is a view of its input: slices, parts, mirrors, other sizes."""

import numpy as np
from makers_moves import moved, shape
from makers_pairs import Sliced


def integers(maker):
    return str(maker.rng.choice(["int32", "int64"]))


def sliced(maker):
    source = shape(maker)
    begins = [int(maker.rng.integers(extent)) for extent in source]
    sizes = [
        int(maker.rng.integers(1, extent - begin + 1)) for begin, extent in zip(begins, source, strict=True)
    ]
    begins[0], sizes[0] = 0, 1
    dtype = integers(maker)
    given = [
        -1 if begin + size == extent and maker.rng.integers(2) else size
        for begin, size, extent in zip(begins, sizes, source, strict=True)
    ]
    return moved(maker, source, tuple(sizes), [(dtype, begins), (dtype, given)], "SliceOptions")


def tile(maker):
    source = shape(maker)
    multiples = [1, *(maker.size(3) for _ in source[1:])]
    target = tuple(extent * times for extent, times in zip(source, multiples, strict=True))
    return moved(maker, source, target, [(integers(maker), multiples)], "TileOptions")


def mirror_pad(maker):
    source, mode = shape(maker), int(maker.rng.integers(2))
    paddings = [[int(maker.rng.integers(extent + mode)) for _ in "lr"] for extent in source]
    paddings[0] = [0, 0]
    target = tuple(extent + sum(pair) for extent, pair in zip(source, paddings, strict=True))
    return moved(maker, source, target, [(integers(maker), paddings)], "MirrorPadOptions", {"mode": mode})


def image(maker):
    return (1, maker.size(6), maker.size(6), maker.size(5))


def resize(maker):
    source = image(maker)
    size = [maker.size(9), maker.size(9)]
    if maker.rng.integers(2):
        size = [extent * 2 for extent in source[1:3]]
    way = int(maker.rng.integers(3))
    options = {"alignCorners": way == 1, "halfPixelCenters": way == 2}
    kind = {"RESIZE_BILINEAR": "ResizeBilinearOptions"}.get(maker.operator, "ResizeNearestNeighborOptions")
    return moved(maker, source, (1, *size, source[3]), [("int32", size)], kind, options)


def depth_and_space(maker):
    _, height, width, channels = image(maker)
    size = maker.size(3)
    deep, flat = (1, height, width, channels * size * size), (1, height * size, width * size, channels)
    if maker.operator == "DEPTH_TO_SPACE":
        return moved(maker, deep, flat, [], "DepthToSpaceOptions", {"blockSize": size})
    return moved(maker, flat, deep, [], "SpaceToDepthOptions", {"blockSize": size})


def several(maker):
    """(extents, axis), the axis not the batch."""
    source = [1, *(maker.size(4) for _ in range(int(maker.rng.integers(1, 4))))]
    return source, int(maker.rng.integers(1, len(source)))


def joined(maker, source, parts, target, tensors, before, last, options):
    """Several of the ``parts``, in another order, as the one output of the model."""
    scale = tensors[0].scale, tensors[0].zero_point
    numbers = []
    for part in parts:
        tensors.append(maker.activation(part, *scale))
        numbers.append(len(tensors) - 1)
    before.output = numbers
    taken = maker.rng.permutation(len(parts))[: max(1, len(parts) - int(maker.rng.integers(2)))]
    tensors.append(maker.activation(target([parts[i] for i in taken]), *scale))
    model = maker.model(
        last, tensors, [numbers[i] for i in taken], len(tensors) - 1, 0, f"{last.title()}Options"
    )
    model.options = options | ({"valuesCount": len(taken)} if last == "PACK" else {})
    model.before = [before]
    return model


def split(maker):
    source, axis = several(maker)
    count = maker.size(3)
    sizes = [maker.size(3)] * count if maker.operator == "SPLIT" else [maker.size(4) for _ in range(count)]
    source[axis] = sum(sizes)
    parts = [tuple(size if i == axis else extent for i, extent in enumerate(source)) for size in sizes]
    tensors = [maker.activation(source)]
    given = axis - len(source) if maker.rng.integers(2) else axis
    if maker.operator == "SPLIT":
        tensors.append(maker.tensor((), "int32", data=given))
        inputs, kind = [1, 0], "SplitOptions"
    else:
        named = list(sizes)
        if maker.rng.integers(2):
            named[int(maker.rng.integers(count))] = -1
        tensors += [maker.tensor((count,), "int32", data=named), maker.tensor((), "int32", data=given)]
        inputs, kind = [0, 1, 2], "SplitVOptions"
    before = maker.model.one(maker.operator, inputs, 0, kind, {"numSplits": count})

    def target(chosen):
        return tuple(sum(each[i] for each in chosen) if i == axis else n for i, n in enumerate(source))

    return joined(maker, source, parts, target, tensors, before, "CONCATENATION", {"axis": axis})


def unpack(maker):
    source, axis = several(maker)
    part = tuple(extent for i, extent in enumerate(source) if i != axis)
    given = axis - len(source) if maker.rng.integers(2) else axis
    options = {"num": source[axis], "axis": given}
    before = maker.model.one("UNPACK", [0], 0, "UnpackOptions", options)
    parts, tensors = [part] * source[axis], [maker.activation(source)]
    return joined(maker, source, parts, lambda c: (*part, len(c)), tensors, before, "PACK", {"axis": -1})


def pack(maker):
    part, count = [1, *(maker.size(4) for _ in range(int(maker.rng.integers(0, 3))))], maker.size(4)
    axis, zero_point = int(maker.rng.integers(1, len(part) + 1)), maker.zero_point()
    sliced_input = Sliced(maker, [int(np.prod(part))] * count)
    inputs = [sliced_input.part(part, 0.5, zero_point) for _ in range(count)]
    if count > 1 and maker.rng.integers(3) == 0:
        values = maker.rng.integers(-128, 128, part)
        inputs[-1] = sliced_input.tensor(maker.tensor(part, "int8", 0.5, zero_point, values))
    target = sliced_input.tensor(maker.activation((*part[:axis], count, *part[axis:]), 0.5, zero_point))
    options = {"axis": axis - len(part) - 1 if maker.rng.integers(2) else axis, "valuesCount": count}
    model = maker.model("PACK", sliced_input.tensors, inputs, target, 0, "PackOptions", options)
    model.before = sliced_input.before
    return model


MAKERS = {
    "DEPTH_TO_SPACE": depth_and_space,
    "MIRROR_PAD": mirror_pad,
    "PACK": pack,
    "RESIZE_BILINEAR": resize,
    "RESIZE_NEAREST_NEIGHBOR": resize,
    "SLICE": sliced,
    "SPACE_TO_DEPTH": depth_and_space,
    "SPLIT": split,
    "SPLIT_V": split,
    "TILE": tile,
    "UNPACK": unpack,
}
