"""Programs of the large-kernel transposed convolution."""

from repix.explanation.option_values import array
from repix.explanation.snippet_parts import Values, snippet


def large_kernel_transposed(values: Values) -> dict[str, str]:
    """Return the programs of a large-kernel transposed convolution."""
    data, scale, bias = array(values["data"], "--data"), values["scale_factor"], values["bias"]
    height, width = data.shape
    added = "" if bias is None else f" + {bias!r}"
    padding = f"padding = max(-((len(kernel) - {scale}) // -2), 0)  # half of what is too much"
    kept = f"padding : padding + {scale * height}, padding : padding + {scale * width}"
    both = f"result = enlarged(kernel) + enlarged(parallel){added}"
    return snippet(
        {
            "data": data,
            "kernel": array(values["kernel"], "--kernel"),
            "parallel": array(values["parallel"], "--parallel"),
        },
        numpy=f"""
def enlarged(kernel):  # transposed convolution; the result is {scale} times as high and wide
    {padding}
    full = np.zeros(({scale} * {height} + len(kernel), {scale} * {width} + len(kernel)))
    for i in range({height}):
        for j in range({width}):
            place = np.s_[i * {scale} : i * {scale} + len(kernel), j * {scale} : j * {scale} + len(kernel)]
            full[place] += data[i, j] * kernel
    return full[{kept}]

{both}
""",
        torch=f"""
def enlarged(kernel):  # transposed convolution; the result is {scale} times as high and wide
    {padding}
    extra = {scale} - len(kernel) + 2 * padding
    return functional.conv_transpose2d(
        data[None, None], kernel[None, None], stride={scale}, padding=padding, output_padding=extra
    )[0, 0]

{both}
""",
        keras=f"""
def enlarged(kernel):  # transposed convolution; the result is {scale} times as high and wide
    {padding}
    full = ops.conv_transpose(data[None, ..., None], kernel[..., None, None], {scale})[0, ..., 0]
    full = ops.pad(full, ((0, {scale}), (0, {scale})))
    return full[{kept}]

{both}
""",
    )
