"""Pending changes: the newest of each thing, bounded, the lost counted."""

import asyncio
from dataclasses import replace

from dfr.core.flight import FlightState
from dfr.core.telemetry import Telemetry
from dfr.server.changes import MAX_PENDING, Batch, Change, ChangeHub, Motion, Strangers
from tests.unit.server.world import ALARM, FLIGHT, INCIDENT, REFUSAL, STATUS, STREAM, TELEMETRY


def taken(hub: ChangeHub, *changes: object) -> Batch:
    async def take() -> Batch:
        subscription = hub.subscribe()
        for change in changes:
            hub.publish(change)  # type: ignore[arg-type]
        return await subscription.get()

    return asyncio.run(take())


def of(batch: Batch) -> tuple[Change, ...]:
    return tuple(published.change for published in batch.changes)


def test_one_of_everything_in_order() -> None:
    changes = (INCIDENT, STATUS, TELEMETRY, Motion.of(TELEMETRY), FLIGHT, STREAM, REFUSAL, ALARM, Strangers(()))
    batch = taken(ChangeHub(), *changes)
    assert (of(batch), batch.resync) == (changes, False)


def test_only_the_newest_of_each_thing() -> None:
    later = replace(FLIGHT, state=FlightState.ON_SCENE)
    other = replace(FLIGHT, id="flight-2")
    assert of(taken(ChangeHub(), FLIGHT, other, later)) == (other, later)


def test_what_is_dropped_is_counted() -> None:
    batch = taken(ChangeHub(), *(Telemetry(f"sky-{number}") for number in range(MAX_PENDING + 3)))
    assert (len(batch.changes), batch.dropped, batch.resync) == (MAX_PENDING, 3, True)


def test_a_batch_is_taken_once_and_a_closed_subscription_hears_nothing() -> None:
    async def listen() -> tuple[Batch, bool]:
        hub = ChangeHub()
        subscription = hub.subscribe()
        hub.publish(FLIGHT)
        first = await subscription.get()
        subscription.close()
        hub.publish(STREAM)
        try:
            await asyncio.wait_for(subscription.get(), 0.01)
        except TimeoutError:
            return first, True
        return first, False

    first, silent = asyncio.run(listen())
    assert (of(first), silent) == ((FLIGHT,), True)


def test_all_clients_share_what_is_published_so_that_it_is_put_into_words_once() -> None:
    async def take() -> list[Batch]:
        hub = ChangeHub()
        subscriptions = [hub.subscribe() for _ in range(3)]
        hub.publish(FLIGHT)
        return [await subscription.get() for subscription in subscriptions]

    batches = asyncio.run(take())
    assert len({id(batch.changes[0]) for batch in batches}) == 1
