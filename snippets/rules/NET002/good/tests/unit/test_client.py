import httpx


def test_client():
    assert httpx.get("https://payments.acme-pay.io")
