"""Model parcel: what a worker process needs to open the same model in the same way."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from repix.cluster.band_place import BandMaker
from repix.cluster.file_maker import FileMaker
from repix.cluster.shipment import Shipment
from repix.conversion.file import FileOptions
from repix.conversion.folder import model_work
from repix.conversion.model_file import read_model
from repix.conversion.model_loader import LoadedModel, open_model
from repix.errors import WrongUse


@dataclass(frozen=True)
class ModelParcel:
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

    @classmethod
    def of(cls, path: Path, model: LoadedModel, options: FileOptions) -> "ModelParcel":
        """Return the parcel for an open model.

        >>> from repix.models import model_named
        >>> path = model_named("denoise-gray")
        >>> ModelParcel.of(path, open_model(path, "echo", threads=1), FileOptions()).opened().contract.task
        'denoise'
        """
        file = read_model(path)
        options = replace(options, side=dict(options.side))
        how = (model.name, model.device, model.precision, model.threads or 1)
        return cls(file.path.name, file.content, *how, options)

    def opened(self) -> LoadedModel:
        """Return the model, opened as it was where the run was started; another precision is refused."""
        with TemporaryDirectory(prefix="repix-") as folder:
            path = Path(folder, self.name)
            path.write_bytes(self.content)
            device = "auto" if self.device == "cpu" else self.device
            model = open_model(path, self.engine, device=device, precision=self.precision, threads=self.threads)
        if model.precision != self.precision:
            raise WrongUse(f"it computes the model in precision {model.precision}; add --precision {model.precision}")
        return model

    def file_maker(self) -> FileMaker:
        """Return what makes files with the model."""
        return FileMaker(model_work(self.opened(), self.options).function)

    def band_maker(self) -> BandMaker:
        """Return what converts bands with the model."""
        return BandMaker(self.opened(), self.options)

    def files(self) -> Shipment:
        """Return the shipment for files that the model makes."""
        return Shipment(self.file_maker, self.threads, self.options.budget.memory, self._gpus)

    def bands(self) -> Shipment:
        """Return the shipment for bands of pictures."""
        return Shipment(self.band_maker, self.threads, self.options.budget.memory, self._gpus)

    @property
    def _gpus(self) -> int:
        return int(self.device == "cuda")
