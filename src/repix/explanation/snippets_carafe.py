"""Programs of CARAFE."""

from repix.explanation.option_values import array, channels, row, side_of
from repix.explanation.snippet_parts import Values, snippet


def carafe(values: Values) -> dict[str, str]:
    """Return the programs of CARAFE; Keras has no padding with repeated borders."""
    data, weights = channels(values["data"], "--data"), array(values["weights"], "--weights")
    arrays = {
        "data": data,
        "compress": row(values["compress"], "--compress"),
        "weight": weights,
        "bias": array(values["bias"], "--bias"),
    }
    scale, kernel = side_of(len(weights)), side_of(weights.shape[1])
    count, height, width = data.shape
    margin = (kernel or 0) // 2
    scores = "scores = weight[..., None, None] * small + bias[..., None, None]  # scale², kernel², H, W"
    return snippet(
        arrays,
        numpy=f"""
small = np.tensordot(compress, data, 1)
{scores}
powers = np.exp(scores - scores.max(1, keepdims=True))
kernels = powers / powers.sum(1, keepdims=True)
padded = np.pad(data, ((0, 0), ({margin}, {margin}), ({margin}, {margin})), mode="edge")
windows = np.lib.stride_tricks.sliding_window_view(padded, ({kernel}, {kernel}), (1, 2))
around = windows.reshape({count}, {height}, {width}, -1)
blocks = np.einsum("cyxk,skyx->csyx", around, kernels).reshape({count}, {scale}, {scale}, {height}, {width})
result = blocks.transpose(0, 3, 1, 4, 2).reshape({count}, {(scale or 0) * height}, {(scale or 0) * width})
""",
        torch=f"""
small = torch.tensordot(compress, data, 1)
{scores}
kernels = scores.softmax(1)
padded = functional.pad(data[None], ({margin}, {margin}, {margin}, {margin}), mode="replicate")
around = functional.unfold(padded, {kernel}).reshape({count}, -1, {height}, {width})
blocks = torch.einsum("ckyx,skyx->csyx", around, kernels)
result = functional.pixel_shuffle(blocks.flatten(0, 1), {scale})
""",
    )
