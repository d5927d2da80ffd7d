"""What a file is there for, by where it stands and what it is called."""

from __future__ import annotations

import pytest

from apparch.repository.roles import role


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/app/orders.py", "product"),
        ("src/app/contests.py", "product"),
        ("orders/tests.py", "test"),
        ("test.js", "test"),
        ("plugins/queue/test.js", "product"),
        ("src/app/mongotestcase.py", "test"),
        ("cloud/aws_fakes.go", "test"),
        ("util/git/testutilserve.go", "test"),
        ("pkg/x509/e2e.go", "test"),
        ("pkg/fuzz/jar.go", "test"),
        ("stress/client.go", "test"),
        ("src/stress/client.go", "product"),
        ("public/js/jquery.js", "generated"),
        ("public/js/chart-4.4.1.js", "generated"),
        ("public/js/orders.js", "product"),
    ],
)
def test_a_file_is_what_its_place_and_name_tell(path: str, found: str) -> None:
    """Helpers of tests and copies of libraries are told from the product."""
    assert role(path) == found
