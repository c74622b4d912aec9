"""Small volumes that can be broken and mended under a running daemon. Mounting them needs root.

`full`: a tmpfs that is filled. `read-only`: a tmpfs on which writing is refused, by a library that the program is
started with; a volume in use can't be made so by mounting. `failed`: ext4 after an error, as a dying disk has them: the
kernel makes it read-only until it is mounted anew, so the daemon has to be stopped meanwhile.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

_SHIM = Path(__file__).with_name("read_only.c")
_TMPFS_SIZE = "6m"
_IMAGE_BYTES = 32 * 1024**2
_PIECE = b"x" * 4096


class CannotMountError(Exception):
    """The machine does not let us; why, in words."""


def _run(*command: str | Path) -> str:
    """Its output. Raises CannotMountError where it is missing or fails."""
    if shutil.which(command[0]) is None:
        raise CannotMountError(f"needs {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMountError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


@dataclass(slots=True)
class Volume:
    """Mounted at `folder`; `beside` is a folder that stays writable. `environment`: what the program is started with.

    `is_mounted_anew`: it is mended by that, so nobody may use it meanwhile.
    """

    folder: Path
    beside: Path
    is_mounted_anew: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def mount(self) -> None:
        """Raises CannotMountError."""
        _run("mount", "-t", "tmpfs", "-o", f"size={_TMPFS_SIZE}", "tmpfs", self.folder)

    def spoil(self) -> None:
        """From now on nothing can be written."""
        raise NotImplementedError

    def mend(self) -> None:
        """As before."""
        raise NotImplementedError


class Full(Volume):
    """Without room."""

    def spoil(self) -> None:
        """Fill it to the last page."""
        with suppress(OSError), (self.folder / "filling").open("wb", buffering=0) as filling:
            while True:
                filling.write(_PIECE)

    def mend(self) -> None:
        """Free it."""
        (self.folder / "filling").unlink()


class ReadOnly(Volume):
    """Read-only for a while."""

    def mount(self) -> None:
        """Make the library, too."""
        library = self.beside / "read_only.so"
        _run("cc", "-shared", "-fPIC", "-O1", "-o", library, _SHIM, "-ldl")
        flag = self.beside / "flag"
        self.environment = {"LD_PRELOAD": str(library), "READ_ONLY": str(self.folder), "READ_ONLY_WHILE": str(flag)}
        super().mount()

    def spoil(self) -> None:
        """Refuse."""
        (self.beside / "flag").touch()

    def mend(self) -> None:
        """Allow."""
        (self.beside / "flag").unlink()


class Failed(Volume):
    """An ext4 that had an error."""

    def mount(self) -> None:
        """Of a file beside it, which is kept."""
        self.is_mounted_anew = True
        image = self.beside / "image"
        if not image.exists():
            with image.open("wb") as file:
                file.truncate(_IMAGE_BYTES)
            _run("mkfs.ext4", "-q", image)
        _run("mount", "-o", "loop,errors=remount-ro", image, self.folder)

    def spoil(self) -> None:
        """Tell the kernel that there was an error."""
        device = Path(_run("findmnt", "-n", "-o", "SOURCE", self.folder)).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")

    def mend(self) -> None:
        """Check it and mount it anew."""
        _run("umount", self.folder)
        # Its status says that something was mended.
        subprocess.run(["fsck.ext4", "-p", self.beside / "image"], capture_output=True, check=False)
        self.mount()


KINDS: dict[str, type[Volume]] = {"full": Full, "read-only": ReadOnly, "failed": Failed}


@contextmanager
def mounted(kind: str) -> Iterator[Volume]:
    """A new volume. Raises CannotMountError."""
    with TemporaryDirectory(prefix="aggregator-volume-") as name:
        volume = KINDS[kind](Path(name) / "volume", Path(name))
        volume.folder.mkdir()
        volume.mount()
        try:
            yield volume
        finally:
            subprocess.run(["umount", "-l", volume.folder], capture_output=True, check=False)
