"""Memory limits and use, read from made-up cgroup trees and from the machine's own."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.shared.memory import Memory, MemoryGuard, read_memory

MI = 1024**2

needs_cgroups = pytest.mark.skipif(
    not Path("/sys/fs/cgroup").is_dir(), reason="this machine has no cgroups; every Linux in CI has them"
)


def v2_tree(root: Path, *limits: str, current: int = 300 * MI, inactive_file: int = 100 * MI) -> Path:
    """A version 2 hierarchy: the first limit is the own cgroup's, the last the one below the root."""
    path = "/".join(f"level{number}" for number in range(len(limits), 0, -1))
    directory = root / path
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "memory.current").write_text(f"{current}\n")
    (directory / "memory.stat").write_text(f"anon 5\nfile 7\ninactive_file {inactive_file}\nactive_file 9\n")
    for limit in limits:
        (directory / "memory.max").write_text(f"{limit}\n")
        directory = directory.parent
    own = root / "self"
    own.write_text(f"0::/{path}\n")
    return own


@pytest.mark.rule("RES005")
def test_the_working_set_leaves_out_what_the_kernel_can_drop(tmp_path: Path) -> None:
    """Use minus inactive file pages, as the kubelet counts."""
    memory = read_memory(tmp_path, v2_tree(tmp_path, str(1024 * MI)))
    assert memory == Memory(working_set=200 * MI, limit=1024 * MI)


@pytest.mark.rule("RES005")
@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (["1073741824", "max"], 1073741824),
        (["max", "536870912"], 536870912),
        (["1073741824", "536870912", "max"], 536870912),
        (["1073741824", "max", "2147483648"], 1073741824),
        (["max", "max"], None),
    ],
)
def test_the_smallest_limit_of_the_hierarchy_counts(tmp_path: Path, limits: list[str], expected: int | None) -> None:
    """A pod's limit binds its containers as well; `max` is no limit."""
    assert read_memory(tmp_path, v2_tree(tmp_path, *limits)).limit == expected


@pytest.mark.rule("RES005")
@settings(deadline=None, max_examples=30)
@given(st.lists(st.one_of(st.just("max"), st.integers(1, 2**50).map(str)), min_size=1, max_size=5))
def test_no_level_is_overlooked(tmp_path_factory: pytest.TempPathFactory, limits: list[str]) -> None:
    """For any depth and any limits the result is the least of them."""
    root = tmp_path_factory.mktemp("cgroup")
    numbers = [int(limit) for limit in limits if limit != "max"]
    assert read_memory(root, v2_tree(root, *limits)).limit == (min(numbers) if numbers else None)


@pytest.mark.rule("RES005")
def test_a_container_that_sees_its_cgroup_as_the_root_is_read(tmp_path: Path) -> None:
    """In a cgroup namespace the own path is `/`, and the limit lies in the root itself."""
    own = v2_tree(tmp_path)
    (tmp_path / "memory.max").write_text("268435456\n")
    assert own.read_text() == "0::/\n"
    assert read_memory(tmp_path, own) == Memory(working_set=200 * MI, limit=268435456)


@pytest.mark.rule("RES005")
@pytest.mark.parametrize("path", ["/kubepods/pod1/abc", "/../../other"])
def test_a_path_of_the_host_means_the_mounted_root(tmp_path: Path, path: str) -> None:
    """Without a namespace the file names the host's path, which the container does not have."""
    own = v2_tree(tmp_path)
    (tmp_path / "memory.max").write_text("268435456\n")
    own.write_text(f"0::{path}\n")
    assert read_memory(tmp_path, own).limit == 268435456


@pytest.mark.rule("RES005")
def test_a_path_beside_the_mounted_root_is_not_followed(tmp_path: Path) -> None:
    """A process that was moved out of its namespace's root is judged by the root, not by a stranger's limit."""
    own = v2_tree(tmp_path / "root", "268435456")
    v2_tree(tmp_path / "stranger", "1")
    for name in ("memory.current", "memory.stat"):
        (tmp_path / "root" / name).write_text((tmp_path / "root" / "level1" / name).read_text())
    (tmp_path / "root" / "memory.max").write_text("536870912\n")
    own.write_text("0::/../stranger/level1\n")
    assert read_memory(tmp_path / "root", own).limit == 536870912


@pytest.mark.rule("RES005")
def test_a_path_may_hold_colons(tmp_path: Path) -> None:
    """The systemd driver of a container runtime names cgroups `slice:runtime:id`."""
    own = v2_tree(tmp_path)
    directory = tmp_path / "pods.slice:cri:0:abc"
    directory.mkdir()
    for name in ("memory.current", "memory.stat"):
        (directory / name).write_text((tmp_path / name).read_text())
    (directory / "memory.max").write_text("268435456\n")
    own.write_text(f"0::/{directory.name}\n")
    assert read_memory(tmp_path, own).limit == 268435456


def v1_tree(root: Path, own_limit: int, parent_limit: int) -> Path:
    """A version 1 hierarchy, with a version 2 one beside it that does not count memory."""
    directory = root / "memory" / "pod:a" / "container:b:c"
    directory.mkdir(parents=True)
    (directory / "memory.usage_in_bytes").write_text(f"{300 * MI}\n")
    (directory / "memory.stat").write_text(f"inactive_file 5\ntotal_inactive_file {100 * MI}\n")
    (directory / "memory.limit_in_bytes").write_text(f"{own_limit}\n")
    (directory.parent / "memory.limit_in_bytes").write_text(f"{parent_limit}\n")
    own = root / "self"
    own.write_text("5:cpu,cpuacct:/pod\n4:hugetlb,memory:/pod:a/container:b:c\n1:name=systemd:/memory\n0::/pod\n")
    return own


@pytest.mark.rule("RES005")
def test_version_1_is_read_too(tmp_path: Path) -> None:
    """Other names, the same meaning: the parent's smaller limit counts."""
    own = v1_tree(tmp_path, 1024 * MI, 512 * MI)
    assert read_memory(tmp_path, own) == Memory(working_set=200 * MI, limit=512 * MI)


@pytest.mark.rule("RES005")
@pytest.mark.parametrize("unlimited", [9223372036854771712, 2**60])
def test_version_1_writes_no_limit_as_a_huge_number(tmp_path: Path, unlimited: int) -> None:
    """Nobody is told that 8 EiB are left."""
    assert read_memory(tmp_path, v1_tree(tmp_path, unlimited, unlimited)).limit is None


def test_a_stat_file_without_the_line_reclaims_nothing(tmp_path: Path) -> None:
    """The careful side: all that is used counts."""
    own = v2_tree(tmp_path, "max")
    (tmp_path / "level1" / "memory.stat").write_text("anon 5\n")
    assert read_memory(tmp_path, own).working_set == 300 * MI


def test_the_working_set_is_never_negative(tmp_path: Path) -> None:
    """The two files are not read in the same instant."""
    assert read_memory(tmp_path, v2_tree(tmp_path, "max", current=5, inactive_file=6)).working_set == 0


def test_a_process_outside_of_all_cgroups_cannot_be_judged(tmp_path: Path) -> None:
    """No line about memory is an error that says so."""
    (tmp_path / "self").write_text("3:cpu:/\n")
    with pytest.raises(ValueError, match=r"^no cgroup of this process counts memory$"):
        read_memory(tmp_path, tmp_path / "self")


@pytest.mark.rule("RES005")
@needs_cgroups
def test_this_machine_is_read() -> None:
    """Whatever the version here, a real process uses some memory, and less than its limit."""
    memory = read_memory()
    assert memory.working_set > MI
    assert memory.limit is None or memory.working_set < memory.limit


@pytest.mark.rule("RES005")
@needs_cgroups
def test_this_machine_counts_what_is_allocated() -> None:
    """Megabytes more are seen, although this process was not asked; neighbours may free theirs, so once of five."""

    def growth() -> int:
        before = read_memory().working_set
        block = bytearray(b"x") * (64 * MI)
        return read_memory().working_set - before if block else 0

    assert any(growth() > 32 * MI for _ in range(5))


def test_the_share_in_use_is_of_the_limit() -> None:
    """A quarter of the limit is 0.25; without a limit there is no share."""
    assert Memory(256, 1024).used == 0.25
    assert Memory(256, None).used == 0.0


class Reading:
    """What the guard reads, changed by the test."""

    def __init__(self, used: float) -> None:
        self.used = used

    def __call__(self) -> Memory:
        """The share in use, of a thousand bytes."""
        return Memory(int(self.used * 1000), 1000)


@pytest.mark.rule("RES005")
@pytest.mark.parametrize(("used", "relieved"), [(0.79, 0), (0.8, 1), (0.95, 1)])
def test_relief_begins_at_the_share_of_the_limit(used: float, relieved: int) -> None:
    """The threshold is a share, so it moves with the limit that Deploy sets."""
    calls: list[str] = []
    guard = MemoryGuard(Reading(used))
    guard.relieve_with(lambda: calls.append("cache"))
    assert guard.check() == Memory(int(used * 1000), 1000)
    assert (len(calls), guard.pressed) == (relieved, relieved == 1)


@pytest.mark.rule("RES005")
def test_the_pressure_ends_when_memory_is_free_again() -> None:
    """New work is taken again."""
    reading = Reading(0.9)
    guard = MemoryGuard(reading)
    assert guard.pressed is False
    guard.check()
    assert guard.pressed
    reading.used = 0.5
    guard.check()
    assert not guard.pressed


@pytest.mark.rule("RES005")
def test_the_guard_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    """A relief that fails does not keep the others from theirs, and each failure is logged."""
    calls: list[str] = []

    def broken() -> None:
        raise MemoryError

    guard = MemoryGuard(Reading(0.9))
    for relief in (lambda: calls.append("a"), broken, lambda: calls.append("b")):
        guard.relieve_with(relief)
    guard.check()
    assert calls == ["a", "b"]
    assert caplog.messages == ["memory: 900 of 1000 bytes in use", "memory relief failed"]


@pytest.mark.rule("RES005")
def test_unreadable_files_are_no_reason_to_fall_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """On a machine without these files the guard says so, and keeps its last judgement."""
    guard = MemoryGuard(lambda: read_memory(tmp_path, tmp_path / "self"))
    guard.pressed = True
    assert guard.check() is None
    assert guard.pressed
    assert caplog.messages[0].startswith("memory cannot be read: [Errno 2] No such file")


def test_without_a_limit_there_is_no_pressure() -> None:
    """Nothing is relieved where nothing is limited."""
    guard = MemoryGuard(lambda: Memory(10**15, None))
    guard.check()
    assert not guard.pressed
