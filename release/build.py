"""Build the wheel and the sdist into dist/, the same bytes for the same commit: `make dist`.

Times in both archives are SOURCE_DATE_EPOCH, by default the time of the commit. setuptools does this for wheels; the
sdist is packed again, because its times, owners and gzip header are those of the machine.
"""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
LARGEST = 45_000_000
"""Bytes that a wheel may have."""


def commit_time() -> int:
    """Return SOURCE_DATE_EPOCH, or the time of the commit in seconds."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return int(given or subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=ROOT, text=True))


def packed_again(archive: bytes, seconds: int) -> bytes:
    """Return a .tar.gz with its members in order, of one time, and owned by no user."""
    plain = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as old,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = seconds, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return gzip.compress(plain.getvalue(), mtime=seconds)


def main() -> int:
    """Build, and print names, sizes and hashes."""
    seconds = commit_time()
    for folder in (DIST, ROOT / "build"):  # files of an earlier build would be packed, too
        shutil.rmtree(folder, ignore_errors=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(seconds)}
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(DIST), str(ROOT)], env=environment, check=True)
    for source in DIST.glob("*.tar.gz"):
        source.write_bytes(packed_again(source.read_bytes(), seconds))
    for made in sorted(DIST.iterdir()):
        content = made.read_bytes()
        print(f"{made.name}  {len(content) / 1e6:.1f} MB  sha256 {hashlib.sha256(content).hexdigest()}")
        if made.suffix == ".whl" and len(content) > LARGEST:
            print(f"The wheel is larger than {LARGEST / 1e6:.0f} MB.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
