"""The functions of `repix.losses`. Written by docs/make_stubs.py."""

from repix.losses.charbonnier import charbonnier as charbonnier
from repix.losses.cross_entropy import cross_entropy as cross_entropy
from repix.losses.dice import dice as dice
from repix.losses.l1 import l1 as l1
from repix.losses.lines import lines as lines
from repix.losses.log_mse import log_mse as log_mse
from repix.losses.mse import mse as mse
from repix.losses.perceptual import perceptual as perceptual
