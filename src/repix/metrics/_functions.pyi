"""The functions of `repix.metrics`. Written by docs/make_stubs.py."""

from repix.metrics.bicubic_y import bicubic_y as bicubic_y
from repix.metrics.colourfulness import colourfulness as colourfulness
from repix.metrics.dice import dice as dice
from repix.metrics.edges_f1 import edges_f1 as edges_f1
from repix.metrics.grey import grey as grey
from repix.metrics.miou import miou as miou
from repix.metrics.ms_ssim import ms_ssim as ms_ssim
from repix.metrics.pixel_accuracy import pixel_accuracy as pixel_accuracy
from repix.metrics.rgb import rgb as rgb
from repix.metrics.ssim_skimage import ssim_skimage as ssim_skimage
from repix.metrics.ssim_wang import ssim_wang as ssim_wang
from repix.metrics.y_crop import y_crop as y_crop
