"""Conversion on a Ray cluster: worker processes on any number of machines make the files of one run.

A run is the same as in one process: `repix.batch` decides, writes the journal and moves results to their paths. Only
its place differs: `Crew` hands each file to a worker process that has the model open, and hands a lost worker's files
to another one. `repix.cluster.ray_cluster` is the only module that knows Ray.
"""
