"""Limits of graphs: what is refused before an engine's own parser and compiler see a model.

An engine takes a graph on trust: one whose nodes wait for each other, or that repeats itself without end, takes all
memory or never comes back. Everything here needs one pass over the file.
"""

import math
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repix.conversion.onnx_parts import (
    BITS,
    FLOAT,
    FUNCTIONS,
    GRAPH,
    INT64,
    GraphParts,
    NestedError,
    Node,
    Tensor,
    graph_parts,
)
from repix.conversion.protobuf import DamagedError, Field, every, numbers, only, parts
from repix.errors import Unreadable
from repix.printable import printable

MOST_NODES = 50_000
"""With those of functions and of graphs within the graph, each as often as it is called."""
MOST_NAMES = 500_000
"""Inputs and outputs of all nodes."""
MOST_NUMBERS = 2**31 - 1
"""Of one tensor."""
MOST_SIDES = 64
LOOPS = ("Loop", "Scan")
"""Operators that repeat a graph, nobody knows how often."""
FEW = 64
"""Numbers of a tensor that may hold sizes."""
SPARSE = "it holds sparse tensors; export it with dense ones."
Called = tuple[str, str]
"""The domain and the name of a function."""
COMMON = ("", "ai.onnx")
"""Names of the domain of ONNX's own operators."""


def require_bounded(path: Path, content: bytes | memoryview, *, beside: bool = False) -> GraphParts:
    """The parts of a model's graph, which an engine may see; refuse a graph that might never end, or not fit.

    `beside` allows tensors whose numbers lie in another file.
    """
    try:
        outer = parts(content)
        inner, functions = only(outer, GRAPH), every(outer, FUNCTIONS)
        if inner is None:
            raise DamagedError
        graph = graph_parts(inner.content, functions)
        problem = _twice(graph, len(functions)) or _problem(graph, beside)
    except NestedError:
        problem = "its graphs hold graphs that hold graphs, too deep; export it without choices (If)."
    except (DamagedError, RecursionError):
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.") from None
    if problem:
        raise Unreadable(f"{path} is a model that repix does not run: {printable(problem)}")
    return graph


def _problem(graph: GraphParts, beside: bool) -> str:
    """What is wrong, as half a sentence with its end; empty where nothing is."""
    expanded: dict[Called, int] = {}
    return (
        next(filter(None, (_expand(name, graph.functions, expanded) for name in graph.functions)), "")
        or _too_many(graph, expanded)
        or _wrong_tensors(graph, beside)
        or next(filter(None, (_not_in_order(one, frozenset()) for one in (graph, *graph.functions.values()))), "")
        or _too_large(graph, list(expanded))
    )


def _twice(graph: GraphParts, functions: int) -> str:
    """Whether functions have a name that an engine may take for something else."""
    if len(graph.functions) != functions:
        return "two of its functions have the same name; export the model without functions."
    shadowing = next((name for domain, name in graph.functions if domain in COMMON), None)
    if shadowing is not None:
        return f"its function {shadowing} has the place of an operator of ONNX; export the model without functions."
    return ""


def _too_many(graph: GraphParts, expanded: Mapping[Called, int]) -> str:
    """Whether nodes are repeated, or too many."""
    if any(_is_sparse(one) for one in graph.functions.values()):
        return SPARSE
    count, names, waiting = 0, 0, [graph]
    while waiting:
        one = waiting.pop()
        if _is_sparse(one):
            return SPARSE
        for node in one.nodes:
            if node.kind in LOOPS and node.domain in COMMON:
                return f"it holds {node}, which repeats a graph; export the model without loops."
            count += expanded.get((node.domain, node.kind), 1)
            names += len(node.inputs) + len(node.outputs)
            waiting += [inner for part in node.attributes.values() for inner in part.graphs]
        if count > MOST_NODES or names > MOST_NAMES:
            return f"it has more than {MOST_NODES:,} nodes, or {MOST_NAMES:,} names of what they take and give."
    return ""


def _is_sparse(graph: GraphParts) -> bool:
    return graph.sparse or any(attribute.sparse for node in graph.nodes for attribute in node.attributes.values())


def _expand(name: Called, functions: Mapping[Called, GraphParts], expanded: dict[Called, int]) -> str:
    """Count the nodes of a function with those of all that it calls, which come before it in `expanded`."""
    if name in expanded:
        return ""
    way = [name]
    open_ones = {name}
    while way:
        current = way[-1]
        inner = [(node.domain, node.kind) for node in functions[current].nodes if (node.domain, node.kind) in functions]
        missing = next((one for one in inner if one not in expanded), None)
        if any(node.kind in LOOPS or _has_graphs(node) for node in functions[current].nodes):
            return f"its function {current[1]} repeats or chooses graphs; export the model without functions."
        if missing is not None:
            if missing in open_ones:
                return f"its function {missing[1]} calls itself."
            way.append(missing)
            open_ones.add(missing)
            continue
        expanded[current] = min(
            sum(expanded.get((node.domain, node.kind), 1) for node in functions[current].nodes), MOST_NODES + 1
        )
        open_ones.discard(way.pop())
    return ""


def _has_graphs(node: Node) -> bool:
    return any(attribute.graphs for attribute in node.attributes.values())


def _wrong_tensors(graph: GraphParts, beside: bool) -> str:
    """Whether a tensor's bytes are not what its sides say; only the graph's own may lie beside."""
    own = {id(tensor) for tensor in graph.tensors} if beside else set()
    for tensor in graph.all_tensors():
        problem = _wrong_sides(tensor)
        if not problem and tensor.outside and id(tensor) not in own:
            problem = f"the numbers of its tensor '{tensor.name}' lie in another file; export the model as one file."
        if not problem and not tensor.outside:
            problem = _wrong_content(tensor)
        if problem:
            return problem
    return ""


def _wrong_sides(tensor: Tensor) -> str:
    if len(tensor.dims) > MOST_SIDES:
        return f"its tensor '{tensor.name}' has {len(tensor.dims)} sides; {MOST_SIDES} are the most."
    if min(tensor.dims, default=0) >= 0 and tensor.count <= MOST_NUMBERS:
        return ""
    return f"its tensor '{tensor.name}' would be of {'×'.join(map(str, tensor.dims[:8]))}."


def _wrong_content(tensor: Tensor) -> str:
    bits = BITS.get(tensor.kind)
    if bits is None:
        return ""
    if tensor.raw is not None:
        is_whole = len(tensor.raw) == math.ceil(tensor.count * bits / 8)
    else:
        held = sum(_held(one) for one in tensor.typed)
        is_whole = held in (tensor.count, 2 * tensor.count, math.ceil(tensor.count * bits / 32))
    return "" if is_whole else f"its tensor '{tensor.name}' holds more or fewer numbers than its sides say."


def _held(one: Field) -> int:
    """How many numbers a field holds: floats of four bytes, doubles of eight, or whole numbers."""
    if one.number == 4:
        return len(one.content) // 4
    return len(one.content) // 8 if one.number == 10 else len(numbers(one))


def _not_in_order(graph: GraphParts, around: frozenset[str]) -> str:
    """Whether a node takes what no node before it gives, as in a circle; `around` is what is given outside of it."""
    named = Counter(tensor.name for tensor in graph.tensors)
    if named and max(named.values()) > 1:
        return f"two of its tensors are called '{named.most_common(1)[0][0]}'."
    known = {*graph.inputs, *named}
    for node in graph.nodes:
        lacking = next((name for name in node.inputs if name and name not in known and name not in around), None)
        if lacking is not None:
            return (
                f"its {node} takes '{lacking}', which no node before it gives; its nodes go round in a circle, or are "
                "not in order."
            )
        within = frozenset({*around, *known}) if _has_graphs(node) else around
        for inner in (one for part in node.attributes.values() for one in part.graphs):
            problem = _not_in_order(inner, within)
            if problem:
                return problem
        for name in filter(None, node.outputs):
            if name in known:
                return f"two of its nodes give '{name}'."
            known.add(name)
    lacking = next((name for name in graph.outputs if name not in known and name not in around), None)
    return "" if lacking is None else f"nothing gives its output '{lacking}'."


@dataclass(frozen=True)
class Growth:
    """How large tensors become, counted for one pixel of a picture: an upper bound of what a network makes."""

    functions: Mapping[Called, int]
    """How many times larger than the largest that it takes a function makes a tensor."""
    sizes: MutableMapping[str, int]
    few: MutableMapping[str, Tensor]
    """Tensors of a few numbers, which may be sizes."""

    def within(self) -> "Growth":
        """What a graph within this one begins with."""
        return Growth(self.functions, ChainMap({}, self.sizes), ChainMap({}, self.few))


def _too_large(graph: GraphParts, order: Sequence[Called]) -> str:
    """Whether nodes double a tensor again and again, or make one of nothing that is too large; functions in order."""
    functions: dict[Called, int] = {}
    for name in order:
        problem, functions[name] = _grown(graph.functions[name], Growth(functions, {}, {}))
        if problem:
            return problem
    return _grown(graph, Growth(functions, {}, {}))[0]


def _grown(graph: GraphParts, growth: Growth) -> tuple[str, int]:
    """What is wrong, and the largest tensor that comes out of a graph."""
    sizes, few = growth.sizes, growth.few
    few.update((tensor.name, tensor) for tensor in graph.tensors if tensor.count <= FEW)
    sizes.update((tensor.name, max(1, tensor.count)) for tensor in graph.tensors)
    for node in graph.nodes:
        for inner in (one for part in node.attributes.values() for one in part.graphs):
            problem, made = _grown(inner, growth.within())
            if problem:
                return problem, made
            sizes.update((name, max(made, sizes.get(name, 1))) for name in node.outputs)
        if node.kind == "Constant":
            held = [tensor for attribute in node.attributes.values() for tensor in attribute.tensors]
            few.update((name, held[0]) for name in node.outputs if held and held[0].count <= FEW)
        count = _made(node, growth)
        if count > MOST_NUMBERS:
            return f"its {node} would make a tensor of more than {MOST_NUMBERS:,} numbers.", count
        sizes.update((name, max(count, sizes.get(name, 1))) for name in node.outputs)
    return "", max((sizes.get(name, 1) for name in graph.outputs), default=1)


def _made(node: Node, growth: Growth) -> int:
    """How many numbers a node makes."""
    held = [growth.sizes.get(name, 1) for name in node.inputs if name]
    if node.kind == "Constant":
        return max((one.count for part in node.attributes.values() for one in part.tensors), default=1)
    if node.kind in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return 1
    count = sum(held) if node.kind == "Concat" else max([1, *held])
    count *= growth.functions.get((node.domain, node.kind), 1)
    for place, way in MADE_LARGE.get(node.kind, {}).items():
        given = growth.few.get(node.inputs[place]) if len(node.inputs) > place else None
        array = given.array() if given is not None and given.kind in (FLOAT, INT64) else None
        if array is not None and np.isfinite(array).all():
            count = way(count, array.ravel().tolist())
    return count


def _times(count: int, factors: Sequence[float]) -> int:
    """So many times more."""
    return count * math.prod(max(1, math.ceil(one)) for one in factors)


def _sides(count: int, sides: Sequence[float]) -> int:
    """Sides of the whole tensor."""
    return max(count, _times(1, sides))


def _padding(count: int, amounts: Sequence[float]) -> int:
    """Places before and behind, per axis: they add to a side, and multiply nothing."""
    half = len(amounts) // 2
    return count + _times(
        1, [1 + before + behind for before, behind in zip(amounts[:half], amounts[half:], strict=False)]
    )


MADE_LARGE: Mapping[str, Mapping[int, Callable[[int, Sequence[float]], int]]] = {
    "Tile": {1: _times}, "Expand": {1: _sides}, "ConstantOfShape": {0: _sides}, "Reshape": {1: _sides},
    "Pad": {1: _padding}, "Upsample": {1: _times}, "Resize": {1: _times, 2: _times, 3: _sides},
}  # fmt: skip
"""Operators that make a tensor of any size out of a few numbers: which of their inputs hold these, and what it does."""
