"""Where a container's memory limit comes from: the pod's is smaller than its own, so the pod's counts."""

from pathlib import Path
from tempfile import TemporaryDirectory

from app.shared.memory import read_memory

MI = 1024**2

with TemporaryDirectory() as name:
    pod = Path(name) / "pod"
    container = pod / "container"
    container.mkdir(parents=True)
    (pod / "memory.max").write_text(f"{512 * MI}\n")
    (container / "memory.max").write_text("max\n")
    (container / "memory.current").write_text(f"{450 * MI}\n")
    (container / "memory.stat").write_text(f"inactive_file {66 * MI}\n")
    own = Path(name) / "own"
    own.write_text("0::/pod/container\n")
    memory = read_memory(Path(name), own)

assert memory.limit is not None
print(memory.limit // MI, memory.working_set // MI, memory.used)
#> 512 384 0.75
