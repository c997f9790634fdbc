"""The functions of `repix.filters`. Written by docs/make_stubs.py."""

from repix.filters.adaptive_median import adaptive_median as adaptive_median
from repix.filters.beltrami import beltrami as beltrami
from repix.filters.beltrami_patch import beltrami_patch as beltrami_patch
from repix.filters.bicubic import bicubic as bicubic
from repix.filters.bilateral import bilateral as bilateral
from repix.filters.bilinear import bilinear as bilinear
from repix.filters.bm3d import bm3d as bm3d
from repix.filters.gaussian import gaussian as gaussian
from repix.filters.k_means import k_means as k_means
from repix.filters.lanczos import lanczos as lanczos
from repix.filters.mean import mean as mean
from repix.filters.median import median as median
from repix.filters.nearest import nearest as nearest
from repix.filters.nl_means import nl_means as nl_means
from repix.filters.richardson_lucy import richardson_lucy as richardson_lucy
from repix.filters.slic import slic as slic
from repix.filters.total_variation import total_variation as total_variation
from repix.filters.unsharp import unsharp as unsharp
from repix.filters.wavelet import wavelet as wavelet
from repix.filters.wiener import wiener as wiener
from repix.filters.wiener_deblur import wiener_deblur as wiener_deblur
