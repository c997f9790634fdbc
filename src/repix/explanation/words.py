"""What each operation does, in a sentence: the heading of its explanation."""

ABOUT = {
    "conv": "Convolution: a window slides over the data; its numbers times the kernel, added up, give one output number.",
}
