"""What damaged .tflite files are judged by: bounds of processor time, TensorFlow in a process of its own."""

import contextlib
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import flatbuffers
import numpy as np
from references import references
from tensorflow.lite.python import schema_py_generated as schema

from zerotap.errors import ModelError
from zerotap.firmware import Graph, Oracle, Plan, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.oracles.tables import filled

VOCABULARY = 7
SECONDS_MAX = 2.0


class TooSlowError(Exception):
    """An operation took longer than SECONDS_MAX."""


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    def expire(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, expire)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def accepted(content: bytes) -> Plan | None:
    """Read, plan and generate; None where that ends in a ModelError. Everything else comes out."""
    with time_limit():
        try:
            planned = filled(plan(read_tflite(content)))
            generate_plan(planned, "model")
        except ModelError:
            return None
    return planned


def samples_for(graph: Graph) -> np.ndarray:
    rng, tensor = np.random.default_rng(2), graph.tensors[graph.input]
    shape = (8, *tensor.shape[1:])
    if tensor.dtype == "int32":
        return rng.integers(0, VOCABULARY, shape).astype(np.int32)
    samples = rng.integers(-128, 128, shape)
    samples[0], samples[1] = -128, 127
    return samples.astype(np.int8)


def _answer_all(pipe, cases: list[tuple[bytes, np.ndarray]]) -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    pages = int(open("/proc/self/statm").read().split()[0])  # noqa: SIM115, PTH123
    limit = pages * resource.getpagesize() + (1 << 31)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for content, samples in cases:
        try:
            pipe.send(Oracle(content, isolation=None).invoke(samples))
        except Exception:  # TensorFlow refuses in many ways
            pipe.send(None)


def oracle_answers(cases: list[tuple[bytes, np.ndarray]]) -> list[np.ndarray | None]:
    """Outputs of each (file, samples); None where TensorFlow refuses or dies: its process may do so."""
    context, answers = multiprocessing.get_context("fork"), []
    while len(answers) < len(cases):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_answer_all, args=(sender, cases[len(answers) :]))
        process.start()
        sender.close()
        try:
            while len(answers) < len(cases):
                answers.append(receiver.recv() if receiver.poll(10) else None)
        except EOFError:
            answers.append(None)
        process.kill()
        process.join()
    return answers


@dataclass
class Sweep:
    """What became of many damaged files.

    ``accepted`` by zerotap, of these ``run`` by TensorFlow; ``changed``: files, with their outputs, that both
    take and that compute other outputs than the undamaged one; ``faults``: what went wrong.
    """

    accepted: int
    run: int
    changed: list[tuple[bytes, np.ndarray]]
    faults: list[str]


def sweep(original: bytes, damages: Iterable[tuple[str, bytes]]) -> Sweep:
    plans, faults = [], []
    for where, content in damages:
        try:
            planned = accepted(content)
        except Exception as error:
            faults.append(f"{where}: {error!r}")
        else:
            plans += [(where, content, planned)] if planned else []
    undamaged = plan(read_tflite(original))
    samples = samples_for(undamaged.graph)
    expected = references(undamaged, samples)
    answers = oracle_answers([(content, samples) for _, content, _ in plans])
    result = Sweep(len(plans), sum(answer is not None for answer in answers), [], faults)
    for (where, content, planned), answer in zip(plans, answers, strict=True):
        if answer is None:
            continue
        if not np.array_equal(references(planned, samples), answer):
            faults.append(f"{where}: accepted, but the outputs differ from TensorFlow's")
        elif not np.array_equal(answer, expected):
            result.changed.append((content, answer))
    return result


def judge(damages: Iterable[tuple[str, bytes]]) -> Sweep:
    """As ``sweep``, of files that have nothing in common: nothing is said of ``changed``."""
    plans, faults = [], []
    for where, content in damages:
        try:
            planned = accepted(content)
        except Exception as error:
            faults.append(f"{where}: {error!r}")
        else:
            plans += [(where, content, planned, samples_for(planned.graph))] if planned else []
    answers = oracle_answers([(content, samples) for _, content, _, samples in plans])
    for (where, _, planned, samples), answer in zip(plans, answers, strict=True):
        if answer is not None and not np.array_equal(references(planned, samples), answer):
            faults.append(f"{where}: accepted, but the outputs differ from TensorFlow's")
    return Sweep(len(plans), sum(answer is not None for answer in answers), [], faults)


def edited(content: bytes, edit: Callable) -> bytes:
    """The file with its tables changed by ``edit(model, subgraph)``."""
    model = schema.ModelT.InitFromPackedBuf(bytearray(content), 0)
    edit(model, model.subgraphs[0])
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
