"""The experiments of the lectures, rerun: `python -m benchmarks.lectures NAME -o FOLDER`.

An experiment is one file with the constant `EXPERIMENT`. It writes a self-contained page, and the figures as JSON;
`--keep` also writes them into benchmarks/results, from which the tables of docs/lectures.md are made. Without a folder
of photos, an experiment uses animals drawn by our code and the photos of scikit-image.
"""
