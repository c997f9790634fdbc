"""The programs of `repix explain --code` by operation, and those of sizes, probabilities and errors.

Pictures are H×W or C×H×W in NumPy, N×C×H×W in PyTorch and N×H×W×C in Keras, as usual there.
"""

from repix.arithmetic.kernel_axis import transposed_axis
from repix.explanation import (
    snippets_carafe,
    snippets_convolution,
    snippets_dysample,
    snippets_large_kernel,
    snippets_resizing,
)
from repix.explanation.option_values import array, padding_of, row, whole_numbers
from repix.explanation.snippet_parts import Snippet, Values, nested, snippet


def output_size(values: Values) -> dict[str, str]:
    """Return the programs of an output size."""
    from repix.arithmetic.kernel_axis import conv_axis

    size, kernel, stride, dilation = (values[name] for name in ("size", "kernel_size", "stride", "dilation"))
    padding, extra = padding_of(values["padding"]), values["output_padding"]
    if values["of"] == "conv":
        line = conv_axis(size, kernel, stride, padding, dilation)
        formula = f"({size} + {line.before + line.after} - {dilation} * ({kernel} - 1) - 1) // {stride} + 1"
        layer = f"torch.nn.Conv1d(1, 1, {kernel}, {stride}, {line.before}, {dilation})"
        fits = line.before == line.after
    else:
        line = transposed_axis(size, kernel, stride, padding, extra, dilation)
        formula = f"{stride} * ({size} - 1) + {dilation} * ({kernel} - 1) + 1 - {line.before + line.after}"
        more = line.before - line.after
        layer = f"torch.nn.ConvTranspose1d(1, 1, {kernel}, {stride}, {line.before}, {more}, dilation={dilation})"
        fits = more >= 0
    by_layer = f"layer = {layer}\nresult = layer(torch.zeros(1, 1, {size})).shape[-1]"
    plain = f"result = {formula}"
    return {"numpy": plain, "torch": by_layer if fits else plain, "keras": plain}


def softmax(values: Values) -> dict[str, str]:
    """Return the programs of a softmax."""
    return snippet(
        {"data": row(values["data"], "--data")},
        numpy="powers = np.exp(data - data.max())\nresult = powers / powers.sum()",
        torch="result = functional.softmax(data, 0)",
        keras="result = ops.softmax(data)",
    )


def cross_entropy(values: Values) -> dict[str, str]:
    """Return the programs of a cross-entropy, of one row or of a map."""
    data, target = array(values["data"], "--data"), whole_numbers(values["target"], "--target")
    if data.ndim == 3:
        classes = nested(target)
        return snippet(
            {"data": data},
            numpy=f"target = np.array({classes})\nresult = -np.log(np.take_along_axis(data, target[None], 0)).mean()",
            torch=f"target = torch.tensor({classes})\n"
            "result = functional.nll_loss(torch.log(data)[None], target[None])",
            keras=f"target = ops.convert_to_tensor({classes})\n"
            "result = -ops.mean(ops.log(ops.take_along_axis(data, target[None], axis=0)))",
        )
    true = int(target.item())
    return snippet(
        {"data": row(values["data"], "--data")},
        numpy=f"result = -np.log(data[{true}])",
        torch=f"result = functional.nll_loss(torch.log(data), torch.tensor({true}))",
        keras=f"result = -ops.log(data[{true}])",
    )


def mae(values: Values) -> dict[str, str]:
    """Return the programs of a mean absolute error."""
    return snippet(
        {"data": row(values["data"], "--data"), "target": row(values["target"], "--target")},
        numpy="result = np.abs(data - target).mean()",
        torch="result = functional.l1_loss(data, target)",
        keras="result = ops.mean(ops.abs(data - target))",
    )


def mse(values: Values) -> dict[str, str]:
    """Return the programs of a mean squared error."""
    return snippet(
        {"data": row(values["data"], "--data"), "target": row(values["target"], "--target")},
        numpy="result = ((data - target) ** 2).mean()",
        torch="result = functional.mse_loss(data, target)",
        keras="result = ops.mean((data - target) ** 2)",
    )


SNIPPETS: dict[str, Snippet] = {
    "conv": snippets_convolution.conv,
    "conv-dilated": snippets_convolution.conv,
    "conv-1x1": snippets_convolution.conv_1x1,
    "conv-transpose": snippets_convolution.conv_transpose,
    "large-kernel-transposed": snippets_large_kernel.large_kernel_transposed,
    "max-pool": snippets_convolution.max_pool,
    "unpool": snippets_convolution.unpool,
    "nearest": snippets_resizing.resizing("nearest"),
    "bilinear": snippets_resizing.resizing("bilinear"),
    "bicubic": snippets_resizing.resizing("bicubic"),
    "lanczos": snippets_resizing.resizing("lanczos"),
    "resize-conv": snippets_convolution.resize_conv,
    "reshape": snippets_resizing.reshape,
    "pixel-shuffle": snippets_resizing.pixel_shuffle,
    "pixel-unshuffle": snippets_resizing.pixel_unshuffle,
    "icnr": snippets_convolution.icnr,
    "carafe": snippets_carafe.carafe,
    "dysample": snippets_dysample.dysample,
    "phase-sums": snippets_convolution.phase_sums,
    "hypercolumns": snippets_resizing.hypercolumns,
    "sample": snippets_resizing.sample,
    "interpolate": snippets_resizing.interpolate,
    "output-size": output_size,
    "softmax": softmax,
    "cross-entropy": cross_entropy,
    "mae": mae,
    "mse": mse,
}
"""The function that makes the programs of each operation."""
