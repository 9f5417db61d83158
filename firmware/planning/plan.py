"""What runs on the board, how, and where each tensor lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators import Implementation, operator_module, shown_name
from zerotap.firmware.options import DEFAULTS, Budget, BuildOptions
from zerotap.firmware.passes.computed_types import check_computed_types
from zerotap.firmware.passes.ends import with_integer_ends
from zerotap.firmware.passes.loops import with_loops
from zerotap.firmware.passes.separation import separated
from zerotap.firmware.passes.simplify import simplify
from zerotap.firmware.passes.tables import with_tables
from zerotap.firmware.tflite.reference_kernels import check_versions

from . import cost_model
from .arena import Arena, ends_bytes, lay_out
from .choosing.choice import Choices, choose
from .choosing.fusing import Fusing, all_joined
from .clock.board_time import VENEER_BYTES, VENEER_STACK_BYTES, veneer_cycles, waits
from .clock.moving import code_in_ram
from .layer import Layer
from .rows.candidates import candidates
from .states import state_memory
from .streams import check_stream


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Layers in order, and the arena; ``options`` are what kernels were chosen by.

    ``code_in_ram``: what code runs from RAM, and its bytes: functions of runtime/, or "layer_3", a layer's.
    """

    graph: Graph
    layers: tuple[Layer, ...]
    arena: Arena
    options: BuildOptions = DEFAULTS
    code_in_ram: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        costs = (
            f"{self.flash_bytes:,} B flash, {self.ram_total_bytes:,} B RAM, {self.cycles:,} cycles, modelled"
        )
        return f"<Plan of {self.graph.source or 'a model'}: {len(self.layers)} layers, {costs}>"

    @property
    def running(self) -> list[Layer]:
        """The layers that compute."""
        return [layer for layer in self.layers if not layer.alias]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Bytes of constants in flash: weights, biases, scales and tables."""
        shared = {name: size for layer in self.layers for name, size in layer.choice.shared}
        return sum(layer.weight_bytes for layer in self.layers) + sum(shared.values())

    @property
    def arena_bytes(self) -> int:
        """RAM of the activations."""
        return self.arena.size_bytes

    @property
    def state_bytes(self) -> int:
        """RAM of what inferences pass on."""
        return state_memory(self.graph).initial.size

    @property
    def io_bytes(self) -> int:
        """RAM of the caller's arrays for the model's input and output."""
        return _io_bytes(self.graph)

    @property
    def cycles(self) -> int:
        """Cycles of one inference by the cost model, at zero wait states."""
        return cost_model.cycles(self._choices) + veneer_cycles(self.running, self.code_in_ram)

    @property
    def board_cycles(self) -> int:
        """Cycles of one inference on the board, with the waits for its flash, by the cost model."""
        missed = sum(waits(layer, self.code_in_ram) for layer in self.running)
        return self.cycles + round(missed * self.options.board.flash_cache.wait_states)

    @property
    def code_in_ram_bytes(self) -> int:
        """RAM of the code that runs from there."""
        return sum(self.code_in_ram.values())

    @property
    def constant_time(self) -> bool:
        """Whether every input takes the same cycles: no kernel skips zeros."""
        return not any(choice.skips_zeros for choice in self._choices)

    @property
    def flash_bytes(self) -> int:
        """Flash that the model adds to a program, by the cost model."""
        veneers = VENEER_BYTES * len(self.code_in_ram)
        return cost_model.flash_bytes(self._choices) + state_memory(self.graph).flash_bytes + veneers

    @property
    def stack_bytes(self) -> int:
        """Stack of an inference, by the cost model."""
        veneer = VENEER_STACK_BYTES if self.code_in_ram else 0
        return cost_model.stack_bytes(self._choices, several_ends=self.graph.has_several_ends) + veneer

    @property
    def ram_bytes(self) -> int:
        """Arena, states, stack, and code that runs from RAM."""
        return self.arena_bytes + self.state_bytes + self.stack_bytes + self.code_in_ram_bytes

    @property
    def ram_total_bytes(self) -> int:
        """The same with the caller's arrays for input and output: what the board must have."""
        return self.ram_bytes + self.io_bytes

    @property
    def _choices(self) -> list[Implementation]:
        return [layer.choice for layer in self.layers]


def plan(graph: Graph, options: BuildOptions = DEFAULTS) -> Plan:
    """Check every operator, drop those that nothing needs, choose kernels, and lay out the arena.

    ``options``: what kernels are chosen by is read, the compiler is not. Where nothing fits the budget the
    plan is the nearest to it: fitting.check_plan() tells. Cycles are those of the worst input.

    Raises:
        ModelError: an operator that zerotap does not have, or types, shapes, options or ranges that it cannot
            compute exactly; the message names the layer and the way out.
    """
    return Planner.of(graph).plan(options)


def plan_prepared(graph: Graph, options: BuildOptions = DEFAULTS) -> Plan:
    """As plan(), of a graph that :func:`prepared` gave, or of a part of one."""
    return Planner(graph).plan(options)


class Planner:
    """A prepared ``graph`` with all ways to compute its layers: planned under one budget after the other.

    ``single``: its layers, each operator by itself. Raises what plan() raises.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.single = single_layers(graph)
        self._fusing = Fusing(graph, self.single)

    @staticmethod
    @lru_cache(maxsize=4)  # a model is verified, exported and described: each time by plans of the same ways
    def of(graph: Graph) -> Planner:
        """One of a graph as it was read."""
        return Planner(_checked(graph))

    def plan(self, options: BuildOptions) -> Plan:
        """As plan()."""
        planned = self._best_joined(options)
        if planned.ram_total_bytes > options.limits.ram_bytes:
            narrower = _narrower(self.graph, self.single, len(planned.layers), options)
            planned = min([planned, *narrower], key=_excess_bytes)
        return _with_code_in_ram(planned)

    def _best_joined(self, options: BuildOptions) -> Plan:
        """The best of the usual layers, and of others in which a pair is joined or apart that was not."""
        apart = self._fusing.skipping if options.skip_zeros else set()
        ways = self._fusing.usual - apart
        best = _decided(self.graph, self._fusing.layers(ways), options)
        waiting = [] if _is_fastest(best) else sorted(self._fusing.optional - apart)
        while waiting:
            turned = ways ^ {waiting.pop(0)}
            planned = _decided(self.graph, self._fusing.layers(turned), options)
            if _rank(planned) < _rank(best):
                ways, best = turned, planned
        return best


def check_planned(graph: Graph) -> None:
    """Raise what plan() raises; nothing is chosen."""
    single_layers(_checked(graph))


def check_operators(graph: Graph) -> None:
    """Raise NoOperatorError where an operator is needed that there is not; perhaps ModelError."""
    _needed(_checked(graph))


def _checked(graph: Graph) -> Graph:
    check_versions(graph)
    ready = prepared(graph)
    check_stream(ready)
    return ready


def _with_code_in_ram(planned: Plan) -> Plan:
    costs = planned.flash_bytes, planned.ram_total_bytes
    return replace(planned, code_in_ram=code_in_ram(planned.running, planned.options, *costs))


def prepared(graph: Graph) -> Graph:
    """The graph whose operators are the layers, as analyse numbers them.

    Raises:
        ModelError: a file that computes in other types than int8.
    """
    check_computed_types(graph)
    return with_tables(separated(with_loops(with_integer_ends(simplify(graph)))))


def _narrower(graph: Graph, single: list[Layer], usual: int, options: BuildOptions) -> Iterator[Plan]:
    """Plans that take less RAM: with every pair joined that can be; if that is too much yet, by rows."""
    joined = all_joined(graph, single)
    if len(joined) < usual:
        narrow = _decided(graph, joined, options)
        yield narrow
        if narrow.ram_total_bytes <= options.limits.ram_bytes:
            return
    ways = [all_joined(graph, way) for way in candidates(graph, single)]
    if ways:
        yield _decided(graph, min(ways, key=partial(_least_ram_bytes, graph)), options)


def _least_ram_bytes(graph: Graph, layers: Sequence[Layer]) -> int:
    """RAM of the arena and the stack with kernels that want the least scratch."""
    choices = [min(layer.implementations, key=lambda each: each.scratch_bytes) for layer in layers]
    arena = lay_out(graph, _with_choices(layers, choices), thorough=False)
    return arena.size_bytes + cost_model.stack_bytes(choices, several_ends=graph.has_several_ends)


def _excess_bytes(planned: Plan) -> int:
    """Flash and RAM beyond the budget."""
    limits = planned.options.limits
    beyond = (planned.flash_bytes - limits.flash_bytes, planned.ram_total_bytes - limits.ram_bytes)
    return sum(max(0, excess) for excess in beyond)


def _is_fastest(planned: Plan) -> bool:
    """Whether each layer has the fastest of its kernels and fits, so that nothing else is faster."""
    return (
        planned.options.optimise == "speed"
        and not _excess_bytes(planned)
        and all(
            layer.choice.cycles == min(each.cycles for each in layer.implementations)
            for layer in planned.layers
        )
    )


def _rank(planned: Plan) -> tuple[int, ...]:
    """The lower, the better."""
    wanted = planned.cycles, planned.flash_bytes
    return (_excess_bytes(planned), *(wanted if planned.options.optimise == "speed" else reversed(wanted)))


def _decided(graph: Graph, layers: Sequence[Layer], options: BuildOptions) -> Plan:
    """The plan of these layers, with the best of their kernels."""
    allowed = [_allowed(layer, options.skip_zeros) for layer in layers]
    limits = options.limits.less(state_memory(graph).flash_bytes, 0)
    ram_bytes = _ram_bytes(graph, allowed, limits)
    chosen = choose([layer.implementations for layer in allowed], options.optimise, limits, ram_bytes)
    decided = _with_choices(allowed, chosen)
    return Plan(graph, decided, lay_out(graph, decided), options)


def _allowed(layer: Layer, skip_zeros: bool) -> Layer:
    """The layer with the kernels that skip zeros alone, where it has any, or without them."""
    kept = tuple(each for each in layer.implementations if each.skips_zeros == skip_zeros)
    return replace(layer, implementations=kept, choice=kept[0]) if kept else layer


def _with_choices(layers: Sequence[Layer], choices: Choices) -> tuple[Layer, ...]:
    return tuple(replace(layer, choice=choice) for layer, choice in zip(layers, choices, strict=True))


def _ram_bytes(graph: Graph, layers: Sequence[Layer], limits: Budget) -> Callable[[Choices], int]:
    """RAM of a combination of kernels: arena with their scratch, states, stack, input and output."""
    others_bytes = _io_bytes(graph) + state_memory(graph).initial.size
    arenas: dict[tuple[bool, tuple[int, ...]], int] = {}

    def arena_bytes(choices: Choices, thorough: bool) -> int:
        key = (thorough, tuple(choice.scratch_bytes for choice in choices))
        if key not in arenas:
            arenas[key] = lay_out(graph, _with_choices(layers, choices), thorough).size_bytes
        return arenas[key]

    def of(choices: Choices) -> int:
        others = cost_model.stack_bytes(choices, several_ends=graph.has_several_ends) + others_bytes
        quickly = arena_bytes(choices, thorough=False) + others
        return quickly if quickly <= limits.ram_bytes else arena_bytes(choices, thorough=True) + others

    return of


def _io_bytes(graph: Graph) -> int:
    return ends_bytes(graph, graph.inputs) + ends_bytes(graph, graph.outputs)


def single_layers(graph: Graph) -> list[Layer]:
    """The layers of a prepared graph, each operator by itself; raises ModelError for what is not exact."""
    return list(_layers(graph))


def _layers(graph: Graph) -> Iterator[Layer]:
    needed = _needed(graph)
    check_ends(graph)
    for index, operator in enumerate(graph.operators):
        if index in needed:
            yield _layer(graph, index, operator)


def _layer(graph: Graph, index: int, operator: Operator) -> Layer:
    place = _place_name(graph, index)
    module = operator_module(operator, place)
    try:
        module.check(graph, operator, place)
        choices = module.implementations(graph, operator)
    except OverflowError as error:
        raise ModelError(
            f"{place}: its scales are too far apart for float32 ({error}); calibrate the model again"
        ) from error
    return Layer(
        index,
        (operator,),
        place,
        tuple(graph.tensors[tensor] for tensor in _data_inputs(graph, index)),
        graph.tensors[operator.outputs[0]],
        module.macs(graph, operator),
        module.ALIAS or choices[0].kernel == "none",
        module.IN_PLACE,
        choices,
        choices[0],
    )


def _place_name(graph: Graph, index: int) -> str:
    operator = graph.operators[index]
    tensor = graph.tensors[operator.outputs[0]].name if operator.outputs else "no output"
    sources = [graph.tensors[each] for each in operator.inputs if each != -1]
    computed = [str(source.shape) for source in sources if source.data is None]
    shapes = (
        f"{' + '.join(computed)} -> {graph.tensors[operator.outputs[0]].shape}" if operator.outputs else ""
    )
    return f"{graph.source}: layer {index} {shown_name(operator)} ({tensor}), {shapes}"


def _needed(graph: Graph) -> set[int]:
    """Operators that outputs and states depend on: what only feeds a RESHAPE's shape, say, is none."""
    needed: set[int] = set()
    tensors = set(graph.results)
    for index in reversed(range(len(graph.operators))):
        operator = graph.operators[index]
        if tensors.isdisjoint(operator.outputs):
            continue
        needed.add(index)
        tensors.update(_data_inputs(graph, index))
    return needed


def _data_inputs(graph: Graph, index: int) -> list[int]:
    operator, place = graph.operators[index], _place_name(graph, index)
    positions = operator_module(operator, place).data_inputs(graph, operator)
    if len(operator.inputs) <= max(positions) or len(operator.outputs) != 1:
        raise ModelError(
            f"{place}: has {len(operator.inputs)} inputs and {len(operator.outputs)} outputs; "
            "convert the model again."
        )
    tensors = [operator.inputs[position] for position in positions]
    if any(tensor == -1 or graph.tensors[tensor].data is not None for tensor in tensors):
        raise ModelError(f"{place}: has a constant input only, nothing to compute; convert the model again.")
    return tensors


def check_ends(graph: Graph) -> None:
    """Raise ModelError for ends that the board cannot have: float32 ones, or with a scale a channel."""
    sources = [graph.tensors[index] for index in graph.inputs]
    targets = [graph.tensors[index] for index in graph.outputs]
    if any(tensor.dtype not in ("int8", "int32") for tensor in (*sources, *targets)):
        takes, gives = (", ".join(tensor.dtype for tensor in side) for side in (sources, targets))
        raise ModelError(
            f"{graph.source}: takes {takes} and gives {gives}, the board needs int8 (or int32 "
            "ids) in and int8 out; give the float model to `zerotap quantise`."
        )
    for tensor in (*sources, *targets):
        if tensor.dtype == "int8" and tensor.scale.size != 1:
            raise ModelError(
                f"{graph.source}: tensor {tensor.name} has {tensor.scale.size} scales, not one; convert the "
                "model again, the file may be damaged."
            )
