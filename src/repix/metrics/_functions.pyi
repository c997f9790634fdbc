"""The functions of `repix.metrics`. Written by docs/make_stubs.py."""

from repix.metrics.colorfulness import colorfulness as colorfulness
from repix.metrics.dice import dice as dice
from repix.metrics.edges_f1 import edges_f1 as edges_f1
from repix.metrics.miou import miou as miou
from repix.metrics.ms_ssim import ms_ssim as ms_ssim
from repix.metrics.niqe import niqe as niqe
from repix.metrics.pixel_accuracy import pixel_accuracy as pixel_accuracy
from repix.metrics.psnr_gray import psnr_gray as psnr_gray
from repix.metrics.psnr_rgb import psnr_rgb as psnr_rgb
from repix.metrics.psnr_y import psnr_y as psnr_y
from repix.metrics.psnr_y_bicubic import psnr_y_bicubic as psnr_y_bicubic
from repix.metrics.ssim_skimage import ssim_skimage as ssim_skimage
from repix.metrics.ssim_wang import ssim_wang as ssim_wang
