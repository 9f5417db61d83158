"""Debian's kernel for the guest: fetched, taken apart and kept in a cache; the host installs nothing."""

import lzma
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

META_PACKAGE = "linux-image-amd64"  # the -cloud- kernels have no USB
ROOT_MODULES = ("virtio_pci", "9pnet_virtio", "9p")
HOST_MODULES = ("xhci_pci", "usbhid", "hid_generic", "cdc_acm", "usbmon")
OPTIONAL_MODULES = ("ftdi_sio",)
"""What needs them skips where the kernel has none."""
GADGET_MODULES = ("libcomposite", "usb_f_acm", "dummy_hcd")
OPTIONS = {"dummy_hcd.ko": "is_high_speed=0"}  # full speed, as the MKR Zero
UNPACKED = (
    "./boot/vmlinuz*",
    "./lib/modules/*/modules.*",
    "./lib/modules/*/kernel/drivers/usb/*",
    "./lib/modules/*/kernel/drivers/hid/*",
    "./lib/modules/*/kernel/drivers/virtio/*",
    "./lib/modules/*/kernel/fs/*",
    "./lib/modules/*/kernel/net/9p/*",
)
INIT = Path(__file__).with_name("init")


@dataclass(frozen=True)
class Kernel:
    """What QEMU boots: an uncompressed kernel (PVH, no decompression by the guest) and an initramfs."""

    vmlinux: Path
    initramfs: Path


def prepare(cache: Path) -> Kernel:
    """Return the newest kernel that apt knows, made in ``cache`` unless it is there already."""
    package = _dependency(META_PACKAGE)
    folder = cache / package
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / "made"
            _unpack(package, made)
            _extract_vmlinux(made)
            made.rename(folder)
    _pack_initramfs(folder, package.removeprefix("linux-image-"))
    return Kernel(folder / "vmlinux", folder / "initramfs")


def _dependency(package: str) -> str:
    lines = _run("apt-cache", "depends", "--important", package).decode().splitlines()
    names = [line.split()[-1] for line in lines if "Depends: linux-image-" in line]
    assert names, f"apt knows no {package}: this needs Debian on amd64; run `apt-get update` first"
    return names[0]


def _unpack(package: str, folder: Path) -> None:
    folder.mkdir()
    _run("apt-get", "download", "-q", package, cwd=folder)
    (archive,) = folder.glob("*.deb")
    tar = _run("dpkg-deb", "--fsys-tarfile", str(archive))
    _run("tar", "-x", "-C", str(folder), "--wildcards", *UNPACKED, stdin=tar)
    archive.unlink()
    _run("depmod", "-b", str(folder), package.removeprefix("linux-image-"))


def _extract_vmlinux(folder: Path) -> None:
    (image,) = (folder / "boot").glob("vmlinuz*")
    packed = image.read_bytes()
    start = packed.index(b"\xfd7zXZ\x00")
    vmlinux = lzma.LZMADecompressor().decompress(packed[start:])
    assert vmlinux.startswith(b"\x7fELF")
    (folder / "vmlinux").write_bytes(vmlinux)


def _pack_initramfs(folder: Path, version: str) -> None:
    """The guest's /init, a static busybox, and the modules in the order of their dependencies."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name in ("bin", "modules", "proc", "sys", "dev", "host"):
            (root / name).mkdir()
        shutil.copy(INIT, root / "init")
        (root / "init").chmod(0o755)
        busybox = shutil.which("busybox")
        assert busybox, "busybox not found"
        linked = subprocess.run(["ldd", busybox], capture_output=True)
        assert linked.returncode != 0, "busybox needs libraries: install busybox-static"
        shutil.copy(busybox, root / "bin" / "busybox")
        order = [_add_module(module, root) for module in _modules(folder, version)]
        (root / "modules" / "order").write_text("".join(f"{line}\n" for line in order))
        names = "".join(f"{path.relative_to(root)}\n" for path in sorted(root.rglob("*")))
        archive = _run("busybox", "cpio", "-o", "-H", "newc", cwd=root, stdin=names.encode())
    (folder / "initramfs").write_bytes(archive)


def _add_module(module: Path, root: Path) -> str:
    shutil.copy(module, root / "modules")
    return f"{module.name} {OPTIONS.get(module.name, '')}".rstrip()


def _modules(folder: Path, version: str) -> list[Path]:
    optional = [name for name in OPTIONAL_MODULES if any(folder.rglob(f"{name}.ko*"))]
    wanted = (*ROOT_MODULES, *HOST_MODULES, *GADGET_MODULES, *optional)
    lines = _run("modprobe", "-d", str(folder), "-S", version, "--all", "--show-depends", *wanted).decode()
    return [
        Path(path) for path in dict.fromkeys(line.split()[1] for line in lines.splitlines() if line[0] == "i")
    ]


def _run(*command: str, cwd: Path | None = None, stdin: bytes | None = None) -> bytes:
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode(errors='replace')}"
    return done.stdout
