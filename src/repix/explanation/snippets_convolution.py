"""Programs of convolution, transposed convolution, pooling and what is made of them."""

from repix.arithmetic.kernel_axis import KernelAxis, conv_axis
from repix.arithmetic.transposed import transposed_axes
from repix.explanation.option_values import array, channels, padding_of, pair, row, whole_numbers
from repix.explanation.snippet_parts import Values, both, options, short, snippet


def conv(values: Values) -> dict[str, str]:
    """Return the programs of a convolution, dilated or not."""
    data, kernel = array(values["data"], "--data"), array(values["kernel"], "--kernel")
    strides, dilations = both(pair(values["stride"], "--stride")), both(pair(values["dilation"], "--dilation"))
    padding = padding_of(values["padding"])
    zeros = padding if isinstance(padding, tuple) else (padding, padding)
    rows, columns = (
        conv_axis(data.shape[i - 2], kernel.shape[i - 2], strides[i], zeros[i], dilations[i]) for i in (0, 1)
    )
    torch_pad, numpy_pad, keras_pad = _pads(rows, columns, data.ndim)
    bias = values["bias"]
    added = "" if bias is None else f" + {bias!r}"
    lead = "None, None" if data.ndim == 2 else "None"
    settings = options(stride=_unless(strides), dilation=_unless(dilations), padding=torch_pad[1])
    keras_settings = options(strides=_unless(strides), dilation_rate=_unless(dilations))
    return snippet(
        {"data": data, "kernel": kernel},
        numpy=f"""
{numpy_pad}result = np.zeros(({rows.output}, {columns.output}))
for i in range({rows.output}):
    for j in range({columns.output}):
        window = data[..., {_window("i", rows)}, {_window("j", columns)}]
        result[i, j] = np.sum(window * kernel){added}
""",
        torch=f"""
{torch_pad[0]}result = functional.conv2d(data[{lead}], kernel[{lead}]{settings})[0, 0]{added}
""",
        keras=f"""
{keras_pad}{_keras_layout(data.ndim)}
result = ops.conv(pictures, kernels{keras_settings})[0, ..., 0]{added}
""",
    )


def _unless(value: tuple[int, int]) -> str | None:
    """Return a pair as source code; None if it is the default, 1."""
    return None if value == (1, 1) else short(value)


def _window(name: str, line: KernelAxis) -> str:
    """Return the slice of one axis that the kernel covers at step `name`."""
    start = name if line.stride == 1 else f"{name} * {line.stride}"
    step = "" if line.dilation == 1 else f" : {line.dilation}"
    return f"{start} : {start} + {line.effective_kernel}{step}"


def _pads(rows: KernelAxis, columns: KernelAxis, dimensions: int) -> tuple[tuple[str, str | None], str, str]:
    """Return torch's line and argument, NumPy's line and Keras' line for the zeros around the data."""
    ends = (rows.before, rows.after), (columns.before, columns.after)
    if ends == ((0, 0), (0, 0)):
        return ("", None), "", ""
    around = f"({'(0, 0), ' * (dimensions - 2)}{ends[0]}, {ends[1]})"
    numpy_line, keras_line = f"data = np.pad(data, {around})\n", f"data = ops.pad(data, {around})\n"
    if all(before == after for before, after in ends):
        return ("", short((ends[0][0], ends[1][0]))), numpy_line, keras_line
    return (f"data = functional.pad(data, {(*ends[1], *ends[0])})\n", None), numpy_line, keras_line


def _keras_layout(dimensions: int, transposed: bool = False) -> str:
    """Return the lines that bring data and kernel into Keras' order: N×H×W×C and K×L×in×out."""
    if dimensions == 2:
        return "pictures, kernels = data[None, ..., None], kernel[..., None, None]  # N×H×W×C, K×L×in×out"
    last = "[:, :, None]" if transposed else "[..., None]"
    order = "# N×H×W×C, K×L×out×in" if transposed else "# N×H×W×C, K×L×in×out"
    return f"pictures = ops.transpose(data, (1, 2, 0))[None]  {order}\nkernels = ops.transpose(kernel, (1, 2, 0)){last}"


def conv_transpose(values: Values) -> dict[str, str]:
    """Return the programs of a transposed convolution."""
    data, kernel = array(values["data"], "--data"), array(values["kernel"], "--kernel")
    strides, dilations = pair(values["stride"], "--stride"), pair(values["dilation"], "--dilation")
    extra = pair(values["output_padding"], "--output-padding")
    rows, columns = lines = transposed_axes(data, kernel, strides, padding_of(values["padding"]), extra, dilations)
    bias = values["bias"]
    added = "" if bias is None else f" + {bias!r}"
    size = tuple(line.full_output + max(-line.after, 0) for line in lines)
    kept = ", ".join(f"{line.before} : {line.before + line.transposed_output}" for line in lines)
    whole = size == (rows.transposed_output, columns.transposed_output)
    cut = "" if whole else f"[{kept}]"
    one = "data[i, j] * kernel" if data.ndim == 2 else "np.tensordot(data[:, i, j], kernel, 1)  # over the channels"
    keras_full = tuple(line.stride * (line.size - 1) + max(line.effective_kernel, line.stride) for line in lines)
    short_by = tuple(max(a - b, 0) for a, b in zip(size, keras_full, strict=True))
    padded = f"\nfull = ops.pad(full, ((0, {short_by[0]}), (0, {short_by[1]})))" if any(short_by) else ""
    keras_settings = options(strides=_unless(both(strides)) or 1, dilation_rate=_unless(both(dilations)))
    lead = "None, None" if data.ndim == 2 else "None"
    uneven = any(line.before < line.after for line in lines)  # "same" of an odd rest, which torch does not have
    kept_by_torch = f", :{rows.transposed_output}, :{columns.transposed_output}" if uneven else ""
    return snippet(
        {"data": data, "kernel": kernel},
        numpy=f"""
full = np.zeros({size})
for i in range({rows.size}):
    for j in range({columns.size}):
        full[{_window("i", rows)}, {_window("j", columns)}] += {one}
result = full{cut}{added}
""",
        torch=f"""
made = functional.conv_transpose2d(data[{lead}], kernel[{_torch_kernel(data.ndim)}]{_torch_settings(lines)})
result = made[0, 0{kept_by_torch}]{added}
""",
        keras=f"""
{_keras_layout(data.ndim, transposed=True)}
full = ops.conv_transpose(pictures, kernels{keras_settings})[0, ..., 0]{padded}
result = full[{kept}]{added}
""",
    )


def _torch_kernel(dimensions: int) -> str:
    return "None, None" if dimensions == 2 else ":, None"


def _torch_settings(lines: tuple[KernelAxis, KernelAxis]) -> str:
    """Return torch's stride, padding, output padding and dilation."""
    extra = tuple(max(line.before - line.after, 0) for line in lines)
    padding = (lines[0].before, lines[1].before)
    return options(
        stride=_unless((lines[0].stride, lines[1].stride)),
        padding=None if padding == (0, 0) else short(padding),
        output_padding=None if extra == (0, 0) else short((extra[0], extra[1])),
        dilation=_unless((lines[0].dilation, lines[1].dilation)),
    )


def max_pool(values: Values) -> dict[str, str]:
    """Return the programs of max pooling."""
    data, sides = array(values["data"], "--data"), both(pair(values["kernel_size"], "--kernel-size"))
    strides = sides if values["stride"] is None else both(pair(values["stride"], "--stride"))
    zeros, dilations = both(pair(values["padding"], "--padding")), both(pair(values["dilation"], "--dilation"))
    rows, columns = (
        conv_axis(data.shape[i - 2], sides[i], strides[i], zeros[i], dilations[i]) for i in (0, 1)
    )  # fmt: skip
    around = f"({'(0, 0), ' * (data.ndim - 2)}{(zeros[0],) * 2}, {(zeros[1],) * 2})"
    padded = "" if zeros == (0, 0) else f"data = np.pad(data, {around}, constant_values=-np.inf)\n"
    keras_pad = "" if zeros == (0, 0) else f'data = ops.pad(data, {around}, constant_values=float("-inf"))\n'
    lead = "None, None" if data.ndim == 2 else "None"
    settings = options(
        stride=None if strides == sides else short(strides),
        padding=None if zeros == (0, 0) else short(zeros),
        dilation=_unless(dilations),
    )
    made = snippet(
        {"data": data},
        numpy=f"""
{padded}result = np.zeros((*data.shape[:-2], {rows.output}, {columns.output}))
for i in range({rows.output}):
    for j in range({columns.output}):
        result[..., i, j] = data[..., {_window("i", rows)}, {_window("j", columns)}].max((-2, -1))
""",
        torch=f"result = functional.max_pool2d(data[{lead}], {short(sides)}{settings})",
        keras=f"""
{keras_pad}pictures = {"data[None, ..., None]" if data.ndim == 2 else "ops.transpose(data, (1, 2, 0))[None]"}
result = ops.transpose(ops.max_pool(pictures, {sides}, {strides}), (0, 3, 1, 2))
""",
    )
    unsupported = ["keras"] if dilations != (1, 1) else []
    return {library: body for library, body in made.items() if library not in unsupported}


def unpool(values: Values) -> dict[str, str]:
    """Return the programs of max unpooling."""
    data, indices = array(values["data"], "--data"), whole_numbers(values["indices"], "--indices")
    height, width = both(pair(values["output_size"], "--output-size"))
    places = indices.reshape(-1).tolist() if data.ndim == 2 else indices.reshape(len(indices), -1).tolist()
    if data.ndim == 2:
        return snippet(
            {"data": data},
            numpy=f"result = np.zeros({height * width})\nresult[{places}] = data.ravel()\n"
            f"result = result.reshape({height}, {width})",
            torch=f"result = torch.zeros({height * width}, dtype=data.dtype)\nresult[{places}] = data.flatten()\n"
            f"result = result.reshape({height}, {width})",
            keras=f"places = ops.convert_to_tensor({places})[:, None]\n"
            f"result = ops.reshape(ops.scatter(places, ops.ravel(data), ({height * width},)), ({height}, {width}))",
        )
    return snippet(
        {"data": data},
        numpy=f"flat = np.zeros((len(data), {height * width}))\n"
        f"np.put_along_axis(flat, np.array({places}), data.reshape(len(data), -1), 1)\n"
        f"result = flat.reshape(-1, {height}, {width})",
        torch=f"flat = torch.zeros(len(data), {height * width}, dtype=data.dtype)\n"
        f"result = flat.scatter(1, torch.tensor({places}), data.flatten(1)).reshape(-1, {height}, {width})",
    )


def conv_1x1(values: Values) -> dict[str, str]:
    """Return the programs of a 1×1 convolution."""
    data, weights = channels(values["data"], "--data"), array(values["weights"], "--weights")
    arrays = {"data": data, "weights": weights}
    bias = values["bias"]
    if bias is not None:
        arrays["bias"] = row(bias, "--bias")
    added, given = ("", "") if bias is None else (" + bias[:, None, None]", ", bias")
    return snippet(
        arrays,
        numpy=f"result = np.tensordot(weights, data, 1){added}",
        torch=f"result = functional.conv2d(data[None], weights[:, :, None, None]{given})[0]",
        keras=f"""
pictures = ops.transpose(data, (1, 2, 0))[None]  # N×H×W×C
made = ops.conv(pictures, ops.transpose(weights)[None, None])[0]
result = ops.transpose(made, (2, 0, 1)){added}
""",
    )


def phase_sums(values: Values) -> dict[str, str]:
    """Return the programs of the phase sums."""
    stride = values["stride"]
    line = f"[[kernel[i::{stride}, j::{stride}].sum() for j in range({stride})] for i in range({stride})]"
    return snippet(
        {"kernel": array(values["kernel"], "--kernel")},
        numpy=f"result = np.array({line})",
        torch=f"result = torch.tensor({line})",
        keras=f"""
places = range({stride})
phases = [ops.sum(kernel[i::{stride}, j::{stride}]) for i in places for j in places]
result = ops.reshape(ops.stack(phases), ({stride}, {stride}))
""",
    )


def resize_conv(values: Values) -> dict[str, str]:
    """Return the programs of a resize-convolution."""
    kernel, scale, mode = array(values["kernel"], "--kernel"), values["scale_factor"], values["mode"]
    margin = len(kernel) // 2
    data = array(values["data"], "--data")
    height, width = (scale * n for n in data.shape)
    align = ", align_corners=False" if mode == "bilinear" else ""
    enlarged = f"large = data.repeat({scale}, 0).repeat({scale}, 1)"
    if mode == "bilinear":
        enlarged = f"""
def matrix(size):  # one row for each new pixel, one column for each old one
    positions = ((np.arange({scale} * size) + 0.5) / {scale} - 0.5).clip(0, size - 1)
    return np.maximum(1 - abs(positions[:, None] - np.arange(size)), 0)

large = matrix({data.shape[0]}) @ data @ matrix({data.shape[1]}).T""".strip()
    return snippet(
        {"data": data, "kernel": kernel},
        numpy=f"""
{enlarged}
padded = np.pad(large, {margin}, mode="edge")
windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
result = (windows * kernel).sum((-2, -1))
""",
        torch=f"""
large = functional.interpolate(data[None, None], scale_factor={scale}, mode="{mode}"{align})
padded = functional.pad(large, ({margin}, {margin}, {margin}, {margin}), mode="replicate")
result = functional.conv2d(padded, kernel[None, None])[0, 0]
""",
        keras=f"""
large = ops.image.resize(data[None, ..., None], ({height}, {width}), interpolation="{mode}")
rows, columns = (ops.clip(ops.arange({-margin}, n + {margin}), 0, n - 1) for n in ({height}, {width}))
padded = ops.take(ops.take(large, rows, axis=1), columns, axis=2)  # borders repeated
result = ops.conv(padded, kernel[..., None, None])[0, ..., 0]
""",
    )


def icnr(values: Values) -> dict[str, str]:
    """Return the programs of a pixel shuffle after ICNR initialization."""
    data, kernel, scale = array(values["data"], "--data"), array(values["kernel"], "--kernel"), values["upscale_factor"]
    pads = tuple(side // 2 for side in kernel.shape)
    around = f"(({pads[0]}, {pads[0]}), ({pads[1]}, {pads[1]}))"
    block = scale**2
    height, width = data.shape
    return snippet(
        {"data": data, "kernel": kernel},
        numpy=f"""
filters = np.stack([kernel] * {block})
windows = np.lib.stride_tricks.sliding_window_view(np.pad(data, {around}), kernel.shape)
blocks = np.einsum("yxkl,ckl->cyx", windows, filters).reshape({scale}, {scale}, {height}, {width})
result = blocks.transpose(2, 0, 3, 1).reshape({scale * height}, {scale * width})
""",
        torch=f"""
filters = kernel[None, None].repeat({block}, 1, 1, 1)
result = functional.pixel_shuffle(functional.conv2d(data[None, None], filters, padding={pads}), {scale})[0, 0]
""",
        keras=f"""
filters = ops.repeat(kernel[..., None, None], {block}, axis=3)
blocks = ops.conv(ops.pad(data, {around})[None, ..., None], filters)[0]
blocks = ops.reshape(blocks, ({height}, {width}, {scale}, {scale}))
result = ops.reshape(ops.transpose(blocks, (0, 2, 1, 3)), ({scale * height}, {scale * width}))
""",
    )
