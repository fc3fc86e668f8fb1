"""An ext4 whose power can be cut: it lies on a loop device over a file in an XFS, whose reflink copies
are atomic. What the device had not been given when the copy was taken is lost."""

import fcntl
import shutil
import subprocess
from pathlib import Path

FICLONE = 0x40049409
TOOLS = ("losetup", "mkfs.ext4", "mkfs.xfs", "mount", "umount")


def call(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


class Disks:
    """The XFS, the ext4 in it, and the ext4 after a cut."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.mounted = []
        self.host, self.live, self.after = (self.folder / name for name in ("host", "live", "after"))
        for each in (self.host, self.live, self.after):
            each.mkdir()

    def mount(self, image, where):
        call("mount", "-o", "loop", image, where)
        self.mounted.append(where)

    def unmount(self, where):
        call("umount", where)
        self.mounted.remove(where)

    def begin(self):
        image = self.folder / "host.img"
        with image.open("wb") as file:
            file.truncate(1 << 30)
        call("mkfs.xfs", "-q", "-m", "reflink=1", image)
        self.mount(image, self.host)
        with (self.host / "disk.img").open("wb") as file:
            file.truncate(256 << 20)
        call("mkfs.ext4", "-q", self.host / "disk.img")
        self.mount(self.host / "disk.img", self.live)

    def cut(self):
        with (self.host / "disk.img").open("rb") as disk, (self.host / "cut.img").open("wb") as cut:
            fcntl.ioctl(cut.fileno(), FICLONE, disk.fileno())

    def end(self):
        for where in reversed(self.mounted[:]):
            subprocess.run(["umount", "-l", where], capture_output=True)
        shutil.rmtree(self.folder, True)
