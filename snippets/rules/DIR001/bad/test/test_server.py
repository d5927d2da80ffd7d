from orders.server import serve


def test_it_serves():
    assert serve(0) is None
