"""Shipment: what a worker process needs to open the same model in the same way."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from repix._version import VERSION
from repix.conversion.file import FileOptions
from repix.conversion.model_file import read_model
from repix.conversion.model_loader import LoadedModel, open_model
from repix.errors import RepixError, WrongUse


@dataclass(frozen=True)
class Shipment:
    """A model's file, how it was opened here, and the options of the conversion."""

    name: str
    """The name of the model file."""
    content: bytes
    engine: str
    device: str
    precision: str
    threads: int
    """Processor threads of each worker."""
    options: FileOptions
    version: str = VERSION

    @classmethod
    def of(cls, path: Path, model: LoadedModel, options: FileOptions) -> "Shipment":
        """Return the shipment for an open model.

        >>> from repix.models import model_named
        >>> path = model_named("denoise-gray")
        >>> Shipment.of(path, open_model(path, "echo", threads=1), FileOptions()).opened().contract.task
        'denoise'
        """
        file = read_model(path)
        options = replace(options, side=dict(options.side))
        how = (model.name, model.device, model.precision, model.threads or 1)
        return cls(file.path.name, file.content, *how, options)

    def opened(self) -> LoadedModel:
        """Return the model, opened as it was where the run was started; another precision or version is refused."""
        if self.version != VERSION:
            raise WrongUse(f"it has repix {VERSION}, but the run was started with {self.version}; install one version")
        with TemporaryDirectory(prefix="repix-") as folder:
            path = Path(folder, self.name)
            path.write_bytes(self.content)
            device = "auto" if self.device == "cpu" else self.device
            model = open_model(path, self.engine, device=device, precision=self.precision, threads=self.threads)
        if model.precision != self.precision:
            raise WrongUse(f"it computes the model in precision {model.precision}; add --precision {model.precision}")
        return model


def refusal(problem: RepixError, node: str) -> str:
    """Return the sentence for a worker process that cannot open the model."""
    return f"The worker process {os.getpid()} on {node} is not used: {str(problem).rstrip('.')}."
