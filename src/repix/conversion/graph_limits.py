"""Limits of graphs: what is refused before an engine's own parser and compiler see a model.

An engine takes a graph on trust: one whose nodes wait for each other, or that repeats itself without end, takes all
memory or never comes back. Everything here needs one pass over the file.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from repix.conversion.onnx_parts import BITS, FUNCTIONS, GRAPH, GraphParts, NestedError, Node, Tensor, graph_parts
from repix.conversion.protobuf import DamagedError, Field, numbers, parts
from repix.errors import Unreadable

MOST_NODES = 50_000
"""With those of functions and of graphs within the graph, each as often as it is called."""
MOST_NAMES = 500_000
"""Inputs and outputs of all nodes."""
MOST_NUMBERS = 2**31 - 1
"""Of one tensor."""
MOST_SIDES = 64
LOOPS = ("Loop", "Scan")
"""Operators that repeat a graph, nobody knows how often."""
MADE_LARGE = {"Tile": 1, "Expand": 1, "ConstantOfShape": 0, "Reshape": 1}
"""Operators that make a tensor of any size out of a few whole numbers, and which of their inputs holds these."""
COMMON = ("", "ai.onnx")
"""Names of the domain of ONNX's own operators."""


def require_bounded(path: Path, content: bytes | memoryview, *, beside: bool = False) -> GraphParts:
    """The parts of a model's graph, which an engine may see; refuse a graph that might never end, or not fit.

    `beside` allows tensors whose numbers lie in another file.
    """
    try:
        outer = parts(content)
        inner = next((one.content for one in outer if one.number == GRAPH), None)
        if inner is None:
            raise DamagedError
        graph = graph_parts(inner, [one for one in outer if one.number == FUNCTIONS])
        problem = _problem(graph, beside)
    except NestedError:
        problem = "its graphs hold graphs that hold graphs, too deep; export it without choices (If)."
    except (DamagedError, RecursionError):
        raise Unreadable(f"{path} is no ONNX model, or a damaged one.") from None
    if problem:
        raise Unreadable(f"{path} is a model that repix does not run: {problem}")
    return graph


def _problem(graph: GraphParts, beside: bool) -> str:
    """What is wrong, as half a sentence with its end; empty where nothing is."""
    return (
        _too_many(graph)
        or _wrong_tensors(graph, beside)
        or next(filter(None, (_not_in_order(one, frozenset()) for one in (graph, *graph.functions.values()))), "")
        or _too_large(graph)
    )


def _too_many(graph: GraphParts) -> str:
    """Whether nodes are repeated, or too many."""
    expanded: dict[tuple[str, str], int] = {}
    for name in graph.functions:
        problem = _expand(name, graph.functions, expanded)
        if problem:
            return problem
    count, names, waiting = 0, 0, [graph]
    while waiting:
        one = waiting.pop()
        if one.sparse or any(attribute.sparse for node in one.nodes for attribute in node.attributes.values()):
            return "it holds sparse tensors; export it with dense ones."
        for node in one.nodes:
            if node.kind in LOOPS and node.domain in COMMON:
                return f"it holds {node}, which repeats a graph; export the model without loops."
            count += expanded.get((node.domain, node.kind), 1)
            names += len(node.inputs) + len(node.outputs)
            waiting += [inner for part in node.attributes.values() for inner in part.graphs]
        if count > MOST_NODES or names > MOST_NAMES:
            return f"it has more than {MOST_NODES:,} nodes, or {MOST_NAMES:,} names of what they take and give."
    return ""


def _expand(
    name: tuple[str, str], functions: Mapping[tuple[str, str], GraphParts], expanded: dict[tuple[str, str], int]
) -> str:
    """Count the nodes of a function with those of all that it calls; one after the other, as deep as it may be."""
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
    known = {*graph.inputs, *(tensor.name for tensor in graph.tensors)}
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


def _too_large(graph: GraphParts) -> str:
    """Whether nodes double a tensor again and again, or make one of nothing that is too large.

    Counted are the numbers for one pixel of a picture: no more than an upper bound of what a network has.
    """
    few = {tensor.name: tensor for tensor in graph.tensors if tensor.count <= 64}
    size = {tensor.name: max(1, tensor.count) for tensor in graph.tensors}
    for node in graph.nodes:
        held = [size.get(name, 1) for name in node.inputs if name]
        if node.kind == "Constant":
            made = [tensor for attribute in node.attributes.values() for tensor in attribute.tensors]
            few |= {name: made[0] for name in node.outputs if made and made[0].count <= 64}
            count = max((tensor.count for tensor in made), default=1)
        elif node.kind == "Concat":
            count = sum(held)
        else:
            count = max([1, *held]) if node.kind not in ("Conv", "ConvTranspose", "Gemm", "MatMul") else 1
        given = few.get(node.inputs[MADE_LARGE[node.kind]]) if _makes(node) else None
        numbers_given = None if given is None or given.kind != 7 else given.array()
        if numbers_given is not None:
            times = math.prod(max(1, int(one)) for one in numbers_given.ravel())
            count = count * times if node.kind == "Tile" else max(count, times)
        if count > MOST_NUMBERS:
            return f"its {node} would make a tensor of more than {MOST_NUMBERS:,} numbers."
        size |= dict.fromkeys(node.outputs, count)
    return ""


def _makes(node: Node) -> bool:
    return len(node.inputs) > MADE_LARGE.get(node.kind, 99)
