"""EMA: what becomes the model is the average of what was learned."""

import numpy as np
import torch
from torch import nn

from repix.training.ema import DECAY, ExponentialMovingAverage


def test_the_average_is_of_weights_and_of_what_normalization_saw():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3))
    average = ExponentialMovingAverage(module)
    expected: dict[str, np.ndarray] = {}
    for step in range(40):
        module(torch.rand(2, 1, 8, 8))
        with torch.no_grad():
            module[0].weight += torch.randn(3, 1, 3, 3)
        average.update_parameters(module)
        kept = 0.0 if step == 0 else min(DECAY, (1 + step) / (10 + step))
        for name, value in module.state_dict().items():
            old = expected.get(name, np.zeros(value.shape))
            expected[name] = kept * old + (1 - kept) * value.numpy() if value.is_floating_point() else value.numpy()
    for name, value in average.module.state_dict().items():
        np.testing.assert_allclose(value.numpy(), expected[name], rtol=1e-4, atol=1e-5, err_msg=name)
