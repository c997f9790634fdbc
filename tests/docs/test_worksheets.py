"""The worksheets and their solutions are what the script writes; convolutions are those of torch."""

import re
import shlex

import numpy as np
import pytest
import torch

from docs import make_worksheets


def test_the_pages_are_what_the_script_writes():
    pages = {"worksheets": make_worksheets.worksheets(), "worksheet-solutions": make_worksheets.solutions()}
    for name, page in pages.items():
        assert (make_worksheets.FOLDER / f"{name}.md").read_text(encoding="utf-8") == page, name


def matrix(command, option):
    words = shlex.split(command)
    rows = words[words.index(option) + 1].split(";")
    return torch.tensor([[float(value) for value in row.split()] for row in rows])


@pytest.mark.parametrize(
    "exercise", [one for sheet in make_worksheets.WORKSHEETS for one in sheet.exercises if "conv" in one.command[:4]]
)
def test_convolutions_are_those_of_torch(exercise):
    transposed = exercise.command.startswith("conv-transpose")
    stride, padding = (2 if "--stride 2" in exercise.command else 1), (1 if "--padding 1" in exercise.command else 0)
    function = torch.nn.functional.conv_transpose2d if transposed else torch.nn.functional.conv2d
    data, kernel = (matrix(exercise.command, option)[None, None] for option in ("--data", "--kernel"))
    values = function(data, kernel, stride=stride, padding=padding)[0, 0].numpy()
    last = make_worksheets.solved(exercise).splitlines()[-len(values) :]
    shown = [re.findall(r"-?[\d.]+", line)[-values.shape[1] :] for line in last]
    np.testing.assert_array_equal(np.array(shown, float), values)
