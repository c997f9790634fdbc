"""Grids: all combinations that fit, with names of their own; what no network has is refused."""

import pytest

from repix.comparison import Grid
from repix.comparison.grid import merged
from repix.errors import WrongUse
from repix.training import Recipe

BASE = Recipe("denoise", "photos", steps=3)


def names(**choices):
    return [member.name for member in Grid(BASE, **choices).members()]


def test_members_are_all_combinations():
    made = Grid(BASE, ("nearest", "transposed kernel=4"), ("unet",), {"skip": ("add", "none"), "loss": ("l1",)})
    members = made.members()
    assert [member.name for member in members] == [
        "nearest, skip add",
        "nearest, skip none",
        "transposed kernel=4, skip add",
        "transposed kernel=4, skip none",
    ]
    recipe = members[2].recipe
    assert (recipe.network, recipe.upsampler, recipe.seed) == ("unet", "transposed kernel=4", 0)
    assert (recipe.settings, recipe.network_settings) == ({"loss": "l1"}, {"skip": "add"})
    assert members[2].with_seed(2).seed == 2
    assert len({member.folder for member in members}) == 4


def test_a_name_says_what_differs_or_what_was_chosen():
    assert names() == ["efficient-unet"]
    assert names(networks=("unet",)) == ["unet"]
    assert names(upsamplers=("bilinear",), networks=("unet",)) == ["unet, bilinear"]
    assert names(networks=("unet", "dncnn")) == ["unet", "dncnn"]


def test_a_network_without_a_setting_is_one_member():
    assert names(networks=("unet", "dncnn"), settings={"skip": ("add", "none")}) == [
        "unet, skip add",
        "unet, skip none",
        "dncnn",
    ]
    assert names(networks=("dncnn", "unet"), upsamplers=("nearest", "bilinear")) == [
        "dncnn",
        "unet, nearest",
        "unet, bilinear",
    ]


def test_the_folder_of_a_member_stays_when_choices_are_added():
    before = Grid(BASE, ("nearest",), ("unet",)).members()[0]
    after = Grid(BASE, ("bilinear", "nearest"), ("unet",)).members()[-1]
    assert before.folder == after.folder == "unet-nearest"
    assert before.name != after.name


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"settings": {"skipp": ("add",)}, "networks": ("unet",)}, "has a setting 'skipp'; did you mean 'skip'?"),
        ({"settings": {"skip": ("add",)}, "networks": ("dncnn", "pixelwise")}, "dncnn, pixelwise: no network here has"),
        ({"settings": {"skip": ("sideways",)}, "networks": ("unet",)}, "sideways"),
        ({"upsamplers": ("nearest",), "networks": ("dncnn",)}, "no network here has the setting 'upsampler'"),
        ({"networks": ("unett",)}, "did you mean 'unet'?"),
        ({"networks": ("unet", "unet")}, "network unet is named twice"),
        ({"seeds": 0}, "seeds is 0; it must be from 1 to 100."),
        ({"settings": {"sigma": ("5 10", "5,10")}}, "differ only in signs"),
    ],
)
def test_what_does_not_fit_is_refused(choices, sentence):
    with pytest.raises(WrongUse) as refused:
        Grid(BASE, **choices).members()
    assert sentence in str(refused.value)


def test_a_name_that_comes_twice_has_two_values():
    assert merged([]) == {}
    assert merged(["a=1", "b=2", "a=3"]) == {"a": ("1", "3"), "b": ("2",)}
