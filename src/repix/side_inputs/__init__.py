"""Side inputs: what a model takes besides the picture, such as color hints or a noise level.

They are the last channels of the model's input, as high and wide as the picture, in the order of the contract. A task
fills them with their default values when it encodes a picture; a conversion writes given values over these.

    repix.convert(photo, "model.onnx", side={"hints": ColorHints([Hint(120, 40, "#ff0000")])})
"""

from repix.side_inputs.color_hints import ColorHints, Hint, drawn_hints
from repix.side_inputs.hint_files import read_hints
from repix.side_inputs.map_files import PictureMap, read_map
from repix.side_inputs.side_input import CHOSEN, SideInput, channels_of_kind, side_channels, with_defaults
from repix.side_inputs.side_map import NO_SIDE, ArrayMap, ConstantMap, Side, SideMap, Window, side_map

__all__ = [
    "CHOSEN",
    "NO_SIDE",
    "ArrayMap",
    "ColorHints",
    "ConstantMap",
    "Hint",
    "PictureMap",
    "Side",
    "SideInput",
    "SideMap",
    "Window",
    "channels_of_kind",
    "drawn_hints",
    "read_hints",
    "read_map",
    "side_channels",
    "side_map",
    "with_defaults",
]
