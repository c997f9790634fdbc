"""The functions of `repix.degradations`. Written by docs/make_stubs.py."""

from repix.degradations.camera import camera as camera
from repix.degradations.defocus import defocus as defocus
from repix.degradations.develop import develop as develop
from repix.degradations.edges import edges as edges
from repix.degradations.gaussian import gaussian as gaussian
from repix.degradations.gaussian_blur import gaussian_blur as gaussian_blur
from repix.degradations.gray import gray as gray
from repix.degradations.jpeg import jpeg as jpeg
from repix.degradations.mean_blur import mean_blur as mean_blur
from repix.degradations.motion_blur import motion_blur as motion_blur
from repix.degradations.motion_path import motion_path as motion_path
from repix.degradations.poisson import poisson as poisson
from repix.degradations.random_valued import random_valued as random_valued
from repix.degradations.resize_chain import resize_chain as resize_chain
from repix.degradations.salt_and_pepper import salt_and_pepper as salt_and_pepper
from repix.degradations.shrink import shrink as shrink
from repix.degradations.speckle import speckle as speckle
