"""Orders: taken in over HTTP, worked against the exchange, recovered after any crash (App document 7.2, 7.4).

The one source of truth is PostgreSQL. An order is a row with a status, and every change of it writes its line of
the audit trail in the same statement, so that neither can exist without the other.

- `intake` answers `POST /orders`: one order for one Idempotency-Key, however often it is sent.
- `store` holds every statement. `claim` leases due orders to one worker; a lease that ran out is due again, and
  that is the whole recovery: a restart, a crash and a lost answer are all a lease that ran out.
- `worker` claims, asks the exchange whether an order that was tried before is there already, and only then sends it.
- `exchange` calls the exchange. A submission carries the time until which the exchange may accept it. That time
  is over before the lease is, so once an order is due again nothing of it can still be on its way.
- `fills` follows the exchange's stream from the last fill in the database; positions are the sum of the fills.
- `wake` tells sleeping workers through Redis that there is work; without Redis they look for themselves.
- `errors` decides for each error: refused for good, certainly not done, or unknown.
- `system` puts them together for `main`: `start`, `work` and `close`, the checks of readiness and the self-check.

Stopping does nothing but stop: no order is cancelled and no position is closed.
"""

from app.orders.system import OrderSystem

__all__ = ["OrderSystem"]
