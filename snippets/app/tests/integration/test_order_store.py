"""Orders in a real PostgreSQL: one per key, one worker at a time, and a trail of everything (App document 6.4, 7.2)."""

from __future__ import annotations

import asyncio
import tracemalloc
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.orders.model import Fill, Order, Status
from app.orders.store import KeyReusedError, Store
from app.settings import Settings
from app.shared.errors import UnavailableError

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


async def add(store: Store, key: str | None = None, side: str = "buy", quantity: int = 4) -> Order:
    """A new order for 4 AAPL at 10."""
    order, _ = await store.add(key or str(uuid4()), "AAPL", side, Decimal(quantity), Decimal(10))
    return order


async def take_over(store: Store, owner: str) -> list[Order]:
    """Claim the order that is due, or that a worker has which did not move for a lease."""
    return await store.claim(owner, 30, 1, await store.sending())


async def events(store: Store, order_id: UUID) -> list[tuple[int, str, str]]:
    """The order's trail: number, event, status after it."""
    return [(event["seq"], event["event"], event["status"]) for event in await store.events(order_id)]


def fill_of(order: Order, seq: int, quantity: int) -> Fill:
    """An execution of a part of the order."""
    return Fill(seq, order.id, "x-1", Decimal(quantity), Decimal(10))


@pytest.mark.rule("RES003", "TRD008")
async def test_requests_with_one_key_make_one_order_however_many_come_at_once(store: Store) -> None:
    """Twenty racing requests get the same order, and one of them is told that it is new."""
    results = await asyncio.gather(
        *(store.add("key", "AAPL", "buy", Decimal(4), Decimal(10)) for _ in range(20)),
    )
    assert len({order.id for order, _ in results}) == 1
    assert [new for _, new in results].count(True) == 1
    assert await store.depth() == 1


@pytest.mark.rule("RES003")
async def test_a_key_is_not_used_for_another_order(store: Store) -> None:
    """The same key with another quantity is refused, and changes nothing."""
    await add(store, "key", quantity=4)
    with pytest.raises(KeyReusedError):
        await add(store, "key", quantity=5)
    assert (await add(store, "key", quantity=4)).quantity == 4


@pytest.mark.rule("RES003")
@pytest.mark.parametrize(
    "other",
    [
        ("MSFT", "buy", Decimal(4), Decimal(10)),
        ("AAPL", "sell", Decimal(4), Decimal(10)),
        ("AAPL", "buy", Decimal(5), Decimal(10)),
        ("AAPL", "buy", Decimal(4), Decimal(11)),
    ],
    ids=["symbol", "side", "quantity", "price"],
)
async def test_an_order_is_another_when_any_part_of_it_differs(
    store: Store, other: tuple[str, str, Decimal, Decimal]
) -> None:
    """The error names the key that was used twice."""
    await add(store, "key")
    with pytest.raises(KeyReusedError, match=r"^key$"):
        await store.add("key", *other)


@pytest.mark.rule("RES004")
async def test_workers_that_claim_at_once_never_get_the_same_order(store: Store, settings: Settings) -> None:
    """Sixty orders, twelve claims in parallel over two pools: each order is claimed once."""
    ids = {(await add(store)).id for _ in range(60)}
    other = Store(settings)
    await other.open()
    claims = await asyncio.gather(
        *((store, other)[number % 2].claim(f"worker-{number}", 30, 10) for number in range(12))
    )
    await other.aclose()
    claimed = [order.id for claim in claims for order in claim]
    claimed += [order.id for order in await store.claim("last", 30, 60)]
    assert len(claimed) == 60
    assert set(claimed) == ids


async def test_a_claim_does_not_wait_for_a_claim_that_is_still_running(store: Store) -> None:
    """An order that another transaction holds is passed over, not waited for."""
    held, free = await add(store), await add(store)
    async with store._pool._opened.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM orders WHERE id = $1 FOR UPDATE", held.id)
        assert [order.id for order in await store.claim("worker", 30, 10)] == [free.id]


@pytest.mark.rule("RES001", "RES002", "TRD002")
async def test_an_order_is_due_however_often_it_was_tried(store: Store) -> None:
    """Nobody has to put an order back that met thirty bad moments."""
    order = await add(store)
    for attempt in range(1, 31):
        [again] = await take_over(store, "gone")
        assert (again.id, again.attempts) == (order.id, attempt)


@pytest.mark.rule("RES001", "RES002", "TRD002")
async def test_an_order_whose_lease_ran_out_is_due_again(store: Store) -> None:
    """Whoever claims next, on whatever host, finds the order of a worker that is gone; the trail says that it did."""
    order = await add(store)
    [first] = await store.claim("gone/1", 0.0, 1)
    [second] = await take_over(store, "next/1")
    assert (first.id, second.id, second.attempts) == (order.id, order.id, 2)
    assert await store.claim("third", 30, 1) == []
    assert await events(store, order.id) == [
        (1, "accepted", "accepted"),
        (2, "claimed", "sending"),
        (3, "recovered", "sending"),
    ]


async def test_a_claim_takes_the_orders_that_waited_longest_and_no_more_than_asked_for(store: Store) -> None:
    """The rest is for the other workers."""
    orders = [await add(store) for _ in range(3)]
    await store._pool._opened.execute(
        "UPDATE orders SET lease_until = now() - interval '1 hour' WHERE id = $1", orders[2].id
    )
    claims = [await store.claim("worker", 30, limit) for limit in (2, 10)]
    assert [{order.id for order in claim} for claim in claims] == [{orders[2].id, orders[0].id}, {orders[1].id}]


async def test_a_lease_begins_with_its_claim(store: Store) -> None:
    """However long the order had waited, its worker has as long as it asked for."""
    await add(store)
    await store._pool._opened.execute("UPDATE orders SET lease_until = now() - interval '1 hour'")
    [order] = await store.claim("worker", 30, 1)
    assert (order.lease_owner, order.attempts) == ("worker", 1)
    claimed_at = await store._pool.fetchval("SELECT at FROM order_events WHERE event = 'claimed'")
    assert 29 < (order.lease_until - claimed_at).total_seconds() <= 30


async def test_an_order_that_reached_the_exchange_is_not_claimed_again(store: Store) -> None:
    """Neither while it waits for its fills nor after them, though its lease is over."""
    await add(store)
    [order] = await store.claim("worker", 0.0, 1)
    await store.place(order, "x-1")
    assert await store.claim("worker", 30, 1) == []
    await store.fill(fill_of(order, 1, 4))
    assert await store.claim("worker", 30, 1) == []


async def test_an_order_that_was_left_stays_with_its_owner_until_the_lease_ends(store: Store) -> None:
    """What is on its way to the exchange may still arrive: nobody else gets it meanwhile."""
    await add(store)
    [order] = await store.claim("worker", 30, 1)
    assert await store.leave(order, "no answer")
    left = await store.get(order.id)
    assert left is not None
    assert (left.lease_owner, left.lease_until, left.reason) == ("worker", order.lease_until, "no answer")
    assert await store.claim("other", 30, 1) == []


@pytest.mark.rule("RES004")
async def test_a_worker_that_lost_its_lease_changes_nothing(store: Store) -> None:
    """The old owner's answers come too late, all of them."""
    await add(store)
    [old] = await store.claim("old", 0.0, 1)
    [new] = await take_over(store, "new")
    late = [
        await store.place(old, "x-old"),
        await store.reject(old, "no"),
        await store.release(old, "later", 0),
        await store.leave(old, "who knows"),
    ]
    assert late == [False] * 4
    assert await store.place(new, "x-new")
    current = await store.get(new.id)
    assert current is not None
    assert (current.status, current.exchange_id) == (Status.PLACED, "x-new")


@pytest.mark.rule("TRD003")
async def test_a_fill_counts_once_for_order_and_position(store: Store) -> None:
    """A repeated report of an execution, also by another replica at the same time, changes nothing."""
    order = await add(store, quantity=4)
    counted = await asyncio.gather(*(store.fill(fill_of(order, 1, 3)) for _ in range(8)))
    assert [result is not None for result in counted].count(True) == 1
    assert await store.positions() == {"AAPL": 3}
    assert await store.last_fill() == 1
    filled = await store.fill(fill_of(order, 2, 1))
    assert filled is not None
    assert (filled.status, filled.filled) == (Status.FILLED, Decimal(4))


@pytest.mark.rule("TRD003")
async def test_positions_are_the_sum_of_buys_and_sells(store: Store) -> None:
    """A sale reduces what purchases built up."""
    bought, sold = await add(store, side="buy"), await add(store, side="sell")
    await store.fill(fill_of(bought, 1, 4))
    await store.fill(fill_of(sold, 2, 3))
    assert await store.positions() == {"AAPL": 1}
    assert await store.mismatches() == []


@pytest.mark.rule("TRD003")
@pytest.mark.parametrize(
    "obstacle",
    ["ALTER TABLE positions ADD CHECK (quantity < 4)", "ALTER TABLE orders ADD CHECK (filled < 4)"],
    ids=["position", "order"],
)
async def test_a_fill_that_cannot_be_counted_everywhere_is_counted_nowhere(store: Store, obstacle: str) -> None:
    """Whoever dies halfway leaves fills, order and position as they were."""
    order = await add(store, quantity=4)
    await store.fill(fill_of(order, 1, 1))
    await store._pool._opened.execute(obstacle)
    before = await store.get(order.id)
    with pytest.raises(asyncpg.CheckViolationError):
        await store.fill(fill_of(order, 2, 3))
    assert (await store.last_fill(), await store.positions(), await store.get(order.id)) == (1, {"AAPL": 1}, before)
    assert await store.mismatches() == []


@pytest.mark.rule("TRD003")
async def test_a_fill_that_comes_before_the_answer_settles_the_order(store: Store) -> None:
    """The answer to the submission finds the order filled, and leaves it so."""
    await add(store, quantity=4)
    [order] = await store.claim("worker", 30, 1)
    await store.fill(fill_of(order, 1, 4))
    assert not await store.place(order, "x-1")
    assert await events(store, order.id) == [
        (1, "accepted", "accepted"),
        (2, "claimed", "sending"),
        (3, "fill", "filled"),
    ]


@pytest.mark.rule("TRD004")
async def test_every_change_of_an_order_has_its_line_in_the_trail(store: Store) -> None:
    """A long life leaves a numbered trail without a gap."""
    order = await add(store, quantity=4)
    await store.release((await store.claim("a", 30, 1))[0], "circuit open", 0)
    await store.leave((await take_over(store, "b"))[0], "no answer")
    await store.place((await take_over(store, "c"))[0], "x-1")
    await store.fill(fill_of(order, 1, 1))
    await store.fill(fill_of(order, 2, 3))
    assert await events(store, order.id) == [
        (1, "accepted", "accepted"),
        (2, "claimed", "sending"),
        (3, "released", "accepted"),
        (4, "claimed", "sending"),
        (5, "unanswered", "sending"),
        (6, "recovered", "sending"),
        (7, "placed", "placed"),
        (8, "fill", "placed"),
        (9, "fill", "filled"),
    ]
    assert await store.mismatches() == []


@pytest.mark.rule("TRD004")
async def test_a_line_of_the_trail_says_who_and_why(store: Store) -> None:
    """The owner of a claim, the reason of a failure, the exchange's number of a place and of a fill."""
    order = await add(store)
    await store.release((await store.claim("a", 30, 1))[0], "circuit open", 0)
    await store.leave((await take_over(store, "b"))[0], "no answer")
    await store.place((await take_over(store, "c"))[0], "x-1")
    await store.fill(fill_of(order, 7, 4))
    assert [event["data"] for event in await store.events(order.id)] == [
        {},
        {"owner": "a"},
        {"reason": "circuit open"},
        {"owner": "b"},
        {"reason": "no answer"},
        {"owner": "c"},
        {"exchange_id": "x-1"},
        {"exchange_seq": 7, "quantity": "4"},
    ]


@pytest.mark.rule("TRD004")
async def test_each_order_has_its_own_trail(store: Store) -> None:
    """One by one, and order after order in the export of all."""
    orders = sorted([(await add(store)).id for _ in range(3)])
    await store.claim("worker", 30, 3)
    trail = [(1, "accepted", "accepted"), (2, "claimed", "sending")]
    assert [await events(store, order_id) for order_id in orders] == [trail] * 3
    lines = [line async for line in store.trail()]
    assert [(line["order_id"], line["seq"]) for line in lines] == [(id_, seq) for id_ in orders for seq in (1, 2)]


async def test_an_order_says_why_it_waits_only_while_it_does(store: Store) -> None:
    """A reason of the past would alarm whoever reads it."""
    await add(store)
    await store.release((await store.claim("a", 30, 1))[0], "circuit open", 0)
    [order] = await store.claim("b", 30, 1)
    assert order.reason == "circuit open"
    await store.place(order, "x-1")
    placed = await store.get(order.id)
    assert placed is not None
    assert (placed.reason, placed.lease_owner) == (None, None)


async def test_every_change_of_an_order_has_its_time(store: Store) -> None:
    """Who looks for what happened last finds it."""
    times = []

    async def look() -> None:
        times.append(await store._pool.fetchval("SELECT updated_at FROM orders"))

    order = await add(store)
    await look()
    [claimed] = await store.claim("worker", 30, 1)
    await look()
    await store.place(claimed, "x-1")
    await look()
    await store.fill(fill_of(order, 1, 4))
    await look()
    assert times == sorted(set(times))


@pytest.mark.rule("TRD004", "TRD006")
async def test_a_rejected_order_says_why(store: Store) -> None:
    """In the order, for the client, and in its trail; and nobody claims it again."""
    await add(store)
    [order] = await store.claim("worker", 0.0, 1)
    assert await store.reject(order, "PermanentError: 422")
    current = await store.get(order.id)
    assert current is not None
    assert (current.status, current.reason, current.lease_owner) == (Status.REJECTED, "PermanentError: 422", None)
    event = (await store.events(order.id))[-1]
    assert (event["event"], event["status"], event["data"]) == (
        "rejected",
        "rejected",
        {"reason": "PermanentError: 422"},
    )
    assert await store.claim("worker", 30, 1) == []


async def test_a_released_order_is_due_after_its_delay(store: Store) -> None:
    """Not before, whatever its lease was; until then the reason can be read."""
    await add(store)
    [order] = await store.claim("worker", 0.0, 1)
    assert await store.release(order, "circuit open", 60)
    current = await store.get(order.id)
    assert current is not None
    assert (current.status, current.reason) == (Status.ACCEPTED, "circuit open")
    assert 59 < (current.lease_until - order.lease_until).total_seconds() < 90
    assert await store.claim("worker", 30, 1) == []


async def test_a_fill_tells_where_the_order_is(store: Store) -> None:
    """The exchange's id is known from the fill, though the answer to the submission was never heard; no lease is left.

    The fill itself is kept as it was reported, a sale as a negative quantity.
    """
    order = await add(store, side="sell")
    await store.claim("worker", 30, 1)
    filled = await store.fill(Fill(1, order.id, "x-1", Decimal("1.5"), Decimal("10.25")))
    assert filled is not None
    assert (filled.exchange_id, filled.lease_owner, filled.status) == ("x-1", None, Status.PLACED)
    [row] = await store._pool.fetch("SELECT exchange_seq, order_id, symbol, quantity, price FROM fills")
    assert tuple(row) == (1, order.id, "AAPL", Decimal("-1.5"), Decimal("10.25"))


@pytest.mark.rule("TRD003", "RUN005")
async def test_more_than_was_ordered_is_counted_and_found(store: Store) -> None:
    """What the exchange executed is a fact: the position is right, the order is done, the self-check tells of it."""
    order = await add(store, quantity=4)
    await store.fill(fill_of(order, 1, 3))
    filled = await store.fill(fill_of(order, 2, 3))
    assert filled is not None
    assert (filled.status, filled.filled) == (Status.FILLED, Decimal(6))
    assert await store.positions() == {"AAPL": 6}
    assert await store.mismatches() == [f"order {order.id} is filled beyond its quantity"]


async def test_what_nobody_knows_is_none(store: Store) -> None:
    """No order of this id, no trail of it, and a fill that is not ours counts for nothing."""
    unknown = uuid4()
    assert await store.get(unknown) is None
    assert await store.events(unknown) == []
    assert await store.fill(Fill(1, unknown, "x-1", Decimal(1), Decimal(10))) is None
    assert (await store.positions(), await store.last_fill()) == ({}, 0)


@pytest.mark.rule("TRD004")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE order_events SET event = 'nothing'", "DELETE FROM order_events", "TRUNCATE order_events"],
)
async def test_the_trail_cannot_be_rewritten(store: Store, statement: str) -> None:
    """The database itself refuses."""
    await add(store)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await store._pool._opened.execute(statement)


@pytest.mark.rule("TRD004")
async def test_a_change_whose_line_cannot_be_written_does_not_happen(store: Store) -> None:
    """Order and trail are one transaction: without the one there is not the other."""
    await add(store)
    [order] = await store.claim("worker", 30, 1)
    await store._pool._opened.execute("ALTER TABLE order_events ADD CHECK (event <> 'placed')")
    with pytest.raises(asyncpg.CheckViolationError):
        await store.place(order, "x-1")
    current = await store.get(order.id)
    assert current is not None
    assert (current.status, current.version) == (Status.SENDING, 2)


@pytest.mark.rule("TRD003", "RUN005")
@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE positions SET quantity = 5", "position AAPL is not the sum of its fills"),
        ("DELETE FROM positions", "position AAPL is not the sum of its fills"),
        ("UPDATE orders SET filled = 1", "is not filled as its fills say"),
        ("UPDATE orders SET version = 9", "has a gap in its audit trail"),
        ("UPDATE orders SET quantity = 2", "is filled beyond its quantity"),
        ("INSERT INTO positions VALUES ('MSFT', 1)", "position MSFT is not the sum of its fills"),
        ("DELETE FROM fills; DELETE FROM positions", "is not filled as its fills say"),
        (
            "INSERT INTO orders (id, idempotency_key, symbol, side, quantity, price, status)"
            " VALUES (gen_random_uuid(), 'untold', 'AAPL', 'buy', 1, 1, 'accepted')",
            "has a gap in its audit trail",
        ),
        (
            "UPDATE orders SET version = 4;"
            " INSERT INTO order_events (order_id, seq, event, status) SELECT id, 4, 'fill', 'filled' FROM orders",
            "has a gap in its audit trail",
        ),
        (
            "UPDATE orders SET version = 3;"
            " INSERT INTO order_events (order_id, seq, event, status) SELECT id, 4, 'fill', 'filled' FROM orders",
            "has a gap in its audit trail",
        ),
    ],
)
async def test_the_self_check_finds_what_does_not_agree(store: Store, damage: str, found: str) -> None:
    """Each kind of damage is named, and only that one."""
    await store.fill(fill_of(await add(store), 1, 4))
    assert await store.mismatches() == []
    await store._pool._opened.execute(damage)
    [mismatch] = await store.mismatches()
    assert found in mismatch


async def test_the_self_check_names_twenty_of_many(store: Store) -> None:
    """A line of the log has to be read by somebody."""
    for _ in range(21):
        await add(store)
    await store._pool._opened.execute("UPDATE orders SET version = 9")
    assert len(await store.mismatches()) == 20


@pytest.mark.rule("RES006")
async def test_the_trail_is_read_in_chunks_that_fit_into_memory(store: Store) -> None:
    """Twenty thousand lines pass through; the memory in use stays that of a few of them, and no connection is held."""
    order = await add(store)
    await store._pool._opened.execute(
        "INSERT INTO order_events (order_id, seq, event, status) "
        "SELECT $1, n, 'fill', 'placed' FROM generate_series(2, 20000) AS n",
        order.id,
        timeout=30,
    )
    lines = held = 0
    tracemalloc.start()
    async for _ in store.trail(limit=50_000):
        lines += 1
        held += store._audit._opened.get_size() - store._audit._opened.get_idle_size()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (lines, held) == (20_000, 0)
    assert peak < 4_000_000  # all lines at once take several times this


@pytest.mark.rule("RES006", "RES025")
async def test_the_trail_is_read_from_a_line_on_and_as_far_as_asked(store: Store) -> None:
    """Whoever has a part of it goes on where that ends, across orders."""
    orders = sorted([(await add(store)).id for _ in range(3)])
    await store.claim("worker", 30, 3)
    every = [(id_, seq) for id_ in orders for seq in (1, 2)]
    read = [
        [(line["order_id"], line["seq"]) async for line in store.trail(*every[0], 4, size)] for size in (1, 2, 3, 9)
    ]
    assert read == [every[1:5]] * 4
    assert [event["seq"] for event in await store.events(orders[0], 1, 5)] == [2]
    assert [event["seq"] for event in await store.events(orders[0], 0, 1)] == [1]


@pytest.mark.rule("RUN005")
async def test_the_self_check_goes_round(store: Store) -> None:
    """A slice at a time, in the order of the ids; behind the last it begins again."""
    orders = sorted([(await add(store)).id for _ in range(3)])
    await store._pool._opened.execute("UPDATE orders SET version = 9")
    gap = [f"order {order_id} has a gap in its audit trail" for order_id in orders]
    assert [await store.mismatches(2) for _ in range(4)] == [gap[:2], gap[2:], gap[:2], gap[2:]]


@pytest.mark.rule("RES026")
async def test_each_kind_of_work_has_connections_of_its_own(store: Store) -> None:
    """Replicas times twelve is what the server must have room for."""
    assert [pool.size for pool in store._pools] == [6, 3, 2, 1]
    assert len({id(pool._opened) for pool in store._pools}) == 4


@pytest.mark.rule("RUN004", "RES007")
async def test_an_open_that_fails_gives_back_what_it_took(store: Store, settings: Settings) -> None:
    """The start tries again and again; no try leaves its connections behind."""
    hasty = Store(settings.model_copy(update={"request_seconds": 1.0}))
    async with store._pool._opened.acquire() as connection, connection.transaction():
        await connection.execute("LOCK orders")
        opening = asyncio.ensure_future(hasty.open())
        await asyncio.wait([opening], timeout=10)
        assert isinstance(opening.exception(), UnavailableError)
    async with asyncio.timeout(10):
        ours = sum(pool._opened.get_size() for pool in store._pools if pool._opened)
        while await store._pool.fetchval(CONNECTIONS) > ours:  # noqa: ASYNC110  the server tells
            await asyncio.sleep(0.01)


async def test_json_is_stored_and_read_as_what_it_is(store: Store) -> None:
    """Not as its text."""
    value = {"list": [1, None, "é"]}
    row = await store._pool.fetchrow("SELECT $1::jsonb AS value, jsonb_typeof($1::jsonb) AS kind", value)
    assert row is not None
    assert (row["value"], row["kind"]) == (value, "object")


async def test_the_depth_counts_what_has_not_reached_the_exchange(store: Store) -> None:
    """One that waits, one that is being sent; not the one that was placed, nor the one that was refused."""
    for _ in range(4):
        await add(store)
    placed, refused, _ = await store.claim("worker", 30, 3)
    assert await store.depth() == 4
    await store.place(placed, "x-1")
    await store.reject(refused, "no")
    assert await store.depth() == 2


async def test_a_ping_is_answered_until_the_store_is_closed(store: Store, server: Any) -> None:
    """Then the connections are given back to the server."""
    await store.ping()
    name = await store._pool.fetchval("SELECT current_database()")
    await store.aclose()
    with pytest.raises(UnavailableError):
        await store.ping()
    assert (
        server.psql(f"SELECT 'left: ' || count(*) FROM pg_stat_activity WHERE datname = '{name}'").find("left: 0") > 0
    )


async def test_a_store_that_is_not_open_says_so_as_a_lost_connection(settings: Settings) -> None:
    """Requests that come before the start is over are told to try again."""
    with pytest.raises(UnavailableError, match=r"^the store is not open yet$"):
        await Store(settings).depth()


async def test_a_database_without_the_schema_is_unfit(settings: Settings, server: Any) -> None:
    """A forgotten migration ends the start instead of the first request."""
    unfit = Store(settings.model_copy(update={"db_name": "postgres"}))
    with pytest.raises(asyncpg.UndefinedTableError):
        await unfit.open()
    await unfit.aclose()
