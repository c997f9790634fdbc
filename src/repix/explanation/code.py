"""The calculation of an explanation as a short program in NumPy, PyTorch or Keras."""

import textwrap
from typing import TYPE_CHECKING

from repix.errors import WrongUse
from repix.explanation.option_values import choice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LIBRARIES = ("numpy", "torch", "keras")

IMPORTS = {
    "numpy": "import numpy as np",
    "torch": "import torch\nfrom torch.nn import functional",
    "keras": "from keras import ops",
}
"""The first lines of a program."""


def code_of(name: str, values: "Mapping[str, Any]", library: str) -> str:
    """Return a program that computes what `repix explain NAME` explains with these option values, and prints it.

    >>> print(code_of("softmax", {"data": "1 2"}, "numpy"), end="")
    import numpy as np
    <BLANKLINE>
    data = np.array([1, 2], dtype=float)
    powers = np.exp(data - data.max())
    result = powers / powers.sum()
    print(result)
    """
    from repix.explanation.snippets import SNIPPETS

    choice(library, "--code", *LIBRARIES)
    body = SNIPPETS[name](values).get(library)
    if body is None:
        raise WrongUse(f"{library} has no function for {name} with these options; use --code numpy.")
    head = IMPORTS[library]
    if library == "torch" and "functional." not in body:
        head = "import torch"
    return f"{head}\n\n{textwrap.dedent(body).strip()}\nprint(result)\n"
