"""Programs of DySample."""

from repix.explanation.option_values import array, side_of
from repix.explanation.snippet_parts import Values, snippet


def dysample(values: Values) -> dict[str, str]:
    """Return the programs of DySample; Keras has no function that samples at points with repeated borders."""
    data, weights = array(values["data"], "--data"), array(values["weights"], "--weights")
    arrays = {"data": data, "weights": weights, "bias": array(values["bias"], "--bias")}
    limit = {"numpy": "0.25", "torch": "0.25"}
    if values["scope"] is not None:
        arrays["scope"] = array(values["scope"], "--scope")
        limit["numpy"] = "0.5 / (1 + np.exp(-scope[..., None, None] * data))"
        limit["torch"] = "0.5 * torch.sigmoid(scope[..., None, None] * data)"
    scale = side_of(weights.shape[1]) or 0
    height, width = data.shape
    offsets = "offsets = weights[..., None, None] * data + bias[..., None, None]  # 2 (x, y), scale², H, W"
    blocks = f"{scale}, {scale}, {height}, {width}"
    return snippet(
        arrays,
        numpy=f"""
{offsets}
shifts = (np.tanh(offsets) * {limit["numpy"]}).reshape(2, {blocks})
start = (np.arange({scale}) + 0.5) / {scale} - 0.5
x = shifts[0] + start[:, None, None] + np.arange({width})
y = shifts[1] + start[:, None, None, None] + np.arange({height})[:, None]
x, y = (one.transpose(2, 0, 3, 1).reshape({scale * height}, {scale * width}) for one in (x, y))
x, y = x.clip(0, {width - 1}), y.clip(0, {height - 1})
left, top = x.astype(int), y.astype(int)
right, bottom = np.minimum(left + 1, {width - 1}), np.minimum(top + 1, {height - 1})
upper = data[top, left] * (1 - (x - left)) + data[top, right] * (x - left)
lower = data[bottom, left] * (1 - (x - left)) + data[bottom, right] * (x - left)
result = upper * (1 - (y - top)) + lower * (y - top)
""",
        torch=f"""
{offsets}
shifts = (torch.tanh(offsets) * {limit["torch"]}).reshape(2, {blocks})
start = (torch.arange({scale}).double() + 0.5) / {scale} - 0.5
x = shifts[0] + start[:, None, None] + torch.arange({width})
y = shifts[1] + start[:, None, None, None] + torch.arange({height})[:, None]
x, y = (functional.pixel_shuffle(one.flatten(0, 1), {scale})[0] for one in (x, y))
places = torch.stack([(2 * x + 1) / {width} - 1, (2 * y + 1) / {height} - 1], -1)[None]
result = functional.grid_sample(data[None, None], places, padding_mode="border", align_corners=False)[0, 0]
""",
    )
