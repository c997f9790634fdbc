"""Limits of graphs: checks before an engine's parser and compiler see a model.

Engines do not check graphs: one with cycles or endless loops can use all memory or never return. Each check here takes
one pass over the file.
"""

import math
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from repix.conversion.onnx_reader import (
    BITS,
    FLOAT,
    FUNCTIONS,
    GRAPH,
    INT64,
    NestedError,
    Node,
    ParsedGraph,
    Tensor,
    parse_graph,
)
from repix.conversion.protobuf import DamagedError, Field, integers, optional_field, repeated_field, subfields
from repix.errors import Unreadable
from repix.printable import printable

MOST_NODES = 50_000
"""The most nodes, with those of nested graphs and of functions, as often as they are called."""
MOST_NAMES = 500_000
"""The most inputs and outputs of all nodes."""
MOST_NUMBERS = 2**31 - 1
"""The most values of one tensor."""
MOST_SIDES = 64
LOOPS = ("Loop", "Scan")
"""Operators that repeat a graph; the number of iterations is unknown before the run."""
FEW = 64
"""The most values of a tensor that may hold sizes."""
SPARSE = "it holds sparse tensors; export it with dense ones."
Called = tuple[str, str]
"""The domain and the name of a function."""
COMMON = ("", "ai.onnx")
"""Names of the default domain of ONNX operators."""


def require_bounded(path: Path, content: bytes | memoryview, *, external_data: bool = False) -> ParsedGraph:
    """Return a model's graph; refuse one that an engine cannot run in bounded time and memory.

    `external_data` allows tensors whose values are in another file.
    """
    try:
        outer = subfields(content)
        inner, functions = optional_field(outer, GRAPH), repeated_field(outer, FUNCTIONS)
        if inner is None:
            raise DamagedError
        graph = parse_graph(inner.content, functions)
        problem = _ambiguous_functions(graph, len(functions)) or _problem(graph, external_data)
    except NestedError:
        problem = "its graphs are nested too deep; export it without conditions (If)."
    except (DamagedError, RecursionError):
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.") from None
    if problem:
        raise Unreadable(f"{path} is a model that repix does not run: {printable(problem)}")
    return graph


def _problem(graph: ParsedGraph, external_data: bool) -> str:
    """Return the problem of a graph as the end of a sentence; empty if there is none."""
    expanded: dict[Called, int] = {}
    return (
        next(filter(None, (_expand(name, graph.functions, expanded) for name in graph.functions)), "")
        or _too_many(graph, expanded)
        or _wrong_tensors(graph, external_data)
        or next(filter(None, (_not_in_order(one, frozenset()) for one in (graph, *graph.functions.values()))), "")
        or _too_large(graph, list(expanded))
    )


def _ambiguous_functions(graph: ParsedGraph, functions: int) -> str:
    """Return the problem of functions with the same name, or with the name of an ONNX operator."""
    if len(graph.functions) != functions:
        return "two of its functions have the same name; export the model without functions."
    shadowing = next((name for domain, name in graph.functions if domain in COMMON), None)
    if shadowing is not None:
        return f"its function {shadowing} has the name of an ONNX operator; export the model without functions."
    return ""


def _too_many(graph: ParsedGraph, expanded: Mapping[Called, int]) -> str:
    """Return the problem of loops, sparse tensors or too many nodes."""
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
            return f"it has more than {MOST_NODES:,} nodes, or more than {MOST_NAMES:,} inputs and outputs of nodes."
    return ""


def _is_sparse(graph: ParsedGraph) -> bool:
    return graph.sparse or any(attribute.sparse for node in graph.nodes for attribute in node.attributes.values())


def _expand(name: Called, functions: Mapping[Called, ParsedGraph], expanded: dict[Called, int]) -> str:
    """Count the nodes of a function with those of the functions it calls, which come before it in `expanded`."""
    if name in expanded:
        return ""
    way = [name]
    open_ones = {name}
    while way:
        current = way[-1]
        inner = [(node.domain, node.kind) for node in functions[current].nodes if (node.domain, node.kind) in functions]
        missing = next((one for one in inner if one not in expanded), None)
        if any(node.kind in LOOPS or _has_graphs(node) for node in functions[current].nodes):
            return f"its function {current[1]} has loops or conditions; export the model without functions."
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


def _wrong_tensors(graph: ParsedGraph, external_data: bool) -> str:
    """Return the problem of tensors whose bytes do not fit their shape; only initializers may be external data."""
    own = {id(tensor) for tensor in graph.tensors} if external_data else set()
    for tensor in graph.all_tensors():
        problem = _wrong_sides(tensor)
        if not problem and tensor.external and id(tensor) not in own:
            problem = f"the values of its tensor '{tensor.name}' are in another file; export the model as one file."
        if not problem and not tensor.external:
            problem = _wrong_content(tensor)
        if problem:
            return problem
    return ""


def _wrong_sides(tensor: Tensor) -> str:
    if len(tensor.dims) > MOST_SIDES:
        return f"its tensor '{tensor.name}' has {len(tensor.dims)} dimensions; {MOST_SIDES} is the limit."
    if min(tensor.dims, default=0) >= 0 and tensor.count <= MOST_NUMBERS:
        return ""
    return f"its tensor '{tensor.name}' has the invalid or too large shape {'×'.join(map(str, tensor.dims[:8]))}."


def _wrong_content(tensor: Tensor) -> str:
    bits = BITS.get(tensor.kind)
    if bits is None:
        return ""
    if tensor.raw is not None:
        is_whole = len(tensor.raw) == math.ceil(tensor.count * bits / 8)
    else:
        held = sum(_field_size(one) for one in tensor.typed)
        is_whole = held in (tensor.count, 2 * tensor.count, math.ceil(tensor.count * bits / 32))
    return "" if is_whole else f"its tensor '{tensor.name}' holds more or fewer values than its shape says."


def _field_size(one: Field) -> int:
    """Return the number of values of a field: floats of four bytes, doubles of eight, or integers."""
    if one.number == 4:
        return len(one.content) // 4
    return len(one.content) // 8 if one.number == 10 else len(integers(one))


def _not_in_order(graph: ParsedGraph, around: frozenset[str]) -> str:
    """Return the problem of a node that reads a value before it is computed; `around` has the names of outer graphs."""
    named = Counter(tensor.name for tensor in graph.tensors)
    if named and max(named.values()) > 1:
        return f"two of its tensors are called '{named.most_common(1)[0][0]}'."
    known = {*graph.inputs, *named}
    for node in graph.nodes:
        lacking = next((name for name in node.inputs if name and name not in known and name not in around), None)
        if lacking is not None:
            return (
                f"its {node} reads '{lacking}', which no node before it computes; its nodes have a cycle or are not in "
                "order."
            )
        within = frozenset({*around, *known}) if _has_graphs(node) else around
        for inner in (one for part in node.attributes.values() for one in part.graphs):
            problem = _not_in_order(inner, within)
            if problem:
                return problem
        for name in filter(None, node.outputs):
            if name in known:
                return f"two of its nodes have the output '{name}'."
            known.add(name)
    lacking = next((name for name in graph.outputs if name not in known and name not in around), None)
    return "" if lacking is None else f"no node computes its output '{lacking}'."


@dataclass(frozen=True)
class Growth:
    """An upper bound of the sizes of tensors, per pixel of a picture."""

    functions: Mapping[Called, int]
    """By function: the growth factor from its largest input to its largest output."""
    sizes: MutableMapping[str, int]
    few: MutableMapping[str, Tensor]
    """Small tensors, which may hold sizes."""

    def within(self) -> "Growth":
        """Return the sizes for a nested graph."""
        return Growth(self.functions, ChainMap({}, self.sizes), ChainMap({}, self.few))


def _too_large(graph: ParsedGraph, order: Sequence[Called]) -> str:
    """Return the problem of nodes that make too large tensors; `order` has the functions, callees first."""
    functions: dict[Called, int] = {}
    for name in order:
        problem, functions[name] = _largest_output(graph.functions[name], Growth(functions, {}, {}))
        if problem:
            return problem
    return _largest_output(graph, Growth(functions, {}, {}))[0]


def _largest_output(graph: ParsedGraph, growth: Growth) -> tuple[str, int]:
    """Return the problem, and the size of the largest output of a graph."""
    sizes, few = growth.sizes, growth.few
    few.update((tensor.name, tensor) for tensor in graph.tensors if tensor.count <= FEW)
    sizes.update((tensor.name, max(1, tensor.count)) for tensor in graph.tensors)
    for node in graph.nodes:
        for inner in (one for part in node.attributes.values() for one in part.graphs):
            problem, made = _largest_output(inner, growth.within())
            if problem:
                return problem, made
            sizes.update((name, max(made, sizes.get(name, 1))) for name in node.outputs)
        if node.kind == "Constant":
            held = [tensor for attribute in node.attributes.values() for tensor in attribute.tensors]
            few.update((name, held[0]) for name in node.outputs if held and held[0].count <= FEW)
        count = _output_size(node, growth)
        if count > MOST_NUMBERS:
            return f"its {node} would make a tensor of more than {MOST_NUMBERS:,} values.", count
        sizes.update((name, max(count, sizes.get(name, 1))) for name in node.outputs)
    return "", max((sizes.get(name, 1) for name in graph.outputs), default=1)


def _output_size(node: Node, growth: Growth) -> int:
    """Return the size of a node's output, in values."""
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
    """Return a size multiplied by all factors."""
    return count * math.prod(max(1, math.ceil(one)) for one in factors)


def _sides(count: int, sides: Sequence[float]) -> int:
    """Return the size of a tensor with these dimensions, or the given size if it is larger."""
    return max(count, _times(1, sides))


def _padding(count: int, amounts: Sequence[float]) -> int:
    """Return a size with padding before and after each axis."""
    half = len(amounts) // 2
    return count + _times(
        1, [1 + before + behind for before, behind in zip(amounts[:half], amounts[half:], strict=False)]
    )


MADE_LARGE: Mapping[str, Mapping[int, Callable[[int, Sequence[float]], int]]] = {
    "Tile": {1: _times}, "Expand": {1: _sides}, "ConstantOfShape": {0: _sides}, "Reshape": {1: _sides},
    "Pad": {1: _padding}, "Upsample": {1: _times}, "Resize": {1: _times, 2: _times, 3: _sides},
}  # fmt: skip
"""Operators that make tensors of any size from a few values: the inputs with these values, and their effect."""
