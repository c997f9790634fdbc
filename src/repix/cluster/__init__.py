"""Work on a Ray cluster: worker processes on any number of machines do the tasks of one run.

A run is the same as in one process: `repix.batch` decides, writes the journal and moves results to their paths. Only
its place differs: `Crew` hands each task to a worker process, and a lost worker's tasks to another one. Tasks are files
(`file_maker`, `model_parcel`), bands of a picture (`band_place`), examples of an evaluation (`evaluation_tasks`) and
trainings of a grid (`grid_runs`); a `Shipment` is what a worker process needs for them. Only `ray_cluster` and
`ray_member` know Ray.
"""
